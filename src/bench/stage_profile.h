// Who had the memory when a method stood at its highest sample: what was reserved, what was counted, what stays unexplained.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/memory_watch.h"
#include "convert/running_work.h"

namespace bagloom::bench {

/// Bytes. What is counted is a difference where the account began before the layout, so it may be negative.
struct StageProfile {
  struct Account {
    std::string name;
    std::optional<std::uint64_t> reserved;  ///< nothing: nobody reserves it
    std::optional<std::int64_t> counted;    ///< nothing: it cannot be told apart
    std::string how;                        ///< by what it was counted
  };
  MemoryPoint sample;                     ///< resident, anonymous and file pages; seconds since the method's start
  std::uint64_t samples = 0;              ///< in the whole run, one every kWatchInterval
  std::optional<std::uint64_t> mark;      ///< the kernel's of the whole run; nothing: it could not be set back
  std::optional<std::int64_t> allocated;  ///< by the allocator's count, touched or not, since the layout
  bool laid_out = false;                  ///< false: the sample was taken before memory was laid out
  std::vector<Account> accounts;
  std::vector<convert::WorkNow::Task> tasks;
  std::vector<convert::Stage> other_stages;  ///< of threads that worked on no task

  std::uint64_t reserved() const;    ///< the sum
  std::int64_t explained() const;    ///< the sum of what was counted
  std::int64_t unexplained() const;  ///< sample - explained
  std::uint64_t tasks_reserved() const;
};

/// What was counted after the sample, while the work went on.
struct CountedNow {
  std::optional<memory::HeapCounts> heap;
  std::optional<memory::AnonymousPages> pages;
  std::uint64_t anonymous_after = 0;  ///< resident when all of it was counted: what came or went since the sample is told
};
/// Counted again, up to five times, where memory moved meanwhile.
CountedNow count_now();

StageProfile stage_profile(const MemoryPoint& sample, const CountedNow& counted, const convert::WorkNow& now);

/// JSON text, and back. docs/bench.md describes it. Error: corrupt.
std::string to_json(const StageProfile& profile);
Result<StageProfile> stage_profile_from_json(const std::string& text);

}  // namespace bagloom::bench
