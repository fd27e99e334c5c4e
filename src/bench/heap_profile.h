// Where the heap was allocated when it was largest, as heaptrack (Debian's package of that name) tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bagloom::bench {

/// One place in the code; all allocations that came from there.
struct HeapSite {
  std::uint64_t bytes = 0;  ///< held when the heap was largest
  std::uint64_t calls = 0;  ///< of allocation functions, in the whole run
  std::string function;     ///< the innermost of bagloom's own; where there is none, the innermost that has a name
  std::string file;         ///< of that function's call, from src/ on; empty: the program has no line tables
  std::uint32_t line = 0;
  std::string caller;        ///< the next other function of bagloom's outwards
  std::string allocated_by;  ///< what that called: the library's function and the library; empty: the allocator itself
};

struct HeapProfile {
  std::string error;  ///< not empty: there are no figures; one line that says why
  std::uint64_t peak_bytes = 0;
  std::uint64_t allocations = 0, temporary = 0;  ///< temporary: freed before anything else was allocated
  std::uint64_t leaked_bytes = 0;                ///< not freed at the end
  std::uint64_t peak_rss_bytes = 0;              ///< heaptrack's own memory included
  double seconds = 0;                            ///< the run under heaptrack
  std::vector<HeapSite> sites;                   ///< the largest first
  std::uint64_t other_sites = 0;                 ///< not listed
  bool sees_memalign = true;                     ///< false: blocks that libx264 takes with memalign are in none of the figures
  std::uint64_t listed_bytes() const;
};

/// Reads what `heaptrack_print --merge-backtraces 0` printed; keeps the `most` largest sites. Sizes there are rounded to a
/// hundredth of their unit. Error: corrupt.
Result<HeapProfile> read_heaptrack(std::string_view printed, std::size_t most = 10);

/// "bagloom::media::(anonymous namespace)::Decoder::decode(std::span<>, bool)" as "media::Decoder::decode".
std::string short_function(std::string_view function);

/// What is missing, as one line with the package's name; empty: both tools are in PATH.
std::string heaptrack_missing();

/// docs/bench.md describes it.
std::string to_json(const HeapProfile& profile);

}  // namespace bagloom::bench
