// What a job that is set up will need, before anything is written. architecture.md section 4; docs/memory.md says how each number
// was measured.
#pragma once

#include "convert/job_setup.h"

namespace bagloom::convert {

/// Counts accounts and tasks; fills `setup`'s bytes of tasks and of the chunk cache. Lets go of pages that nobody needs and
/// measures what is left: the base.
MemoryNeeds count_memory(const Options& options, JobSetup& setup);

/// Resident pages of mapped files that a job of these codecs may come to while tasks run, beside those of the base. The
/// conversion lets go of them when they are more.
std::uint64_t code_bytes(const JobSetup& setup);

/// Recordings are opened ahead of the threads: this many at once, at most.
inline std::size_t recordings_in_work(std::uint32_t threads) { return std::size_t{threads} + 2; }

/// Of the `count` largest, or of all where there are fewer.
std::uint64_t sum_of_largest(std::vector<std::uint64_t> bytes, std::size_t count);

/// Inflated chunks that are kept: two, or one where they are large.
std::uint64_t chunk_cache_bytes(std::uint64_t largest_chunk);

}  // namespace bagloom::convert
