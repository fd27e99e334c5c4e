// Long timelines become as short as a picture needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bagloom::bench {

/// One point of a method's memory over time.
struct ReportSample {
  double seconds = 0;           ///< since the method's start
  std::uint64_t resident = 0;   ///< bytes
  std::uint64_t anonymous = 0;  ///< bytes of these that no file stands behind
  std::uint64_t file = 0;       ///< bytes of these that stand in files
};

/// Samples of `samples` (in order of time), few enough to draw: of each of `spans` equal spans of time the first, the last, the
/// one with the smallest resident bytes, and the ones with the largest of each of the three counters. So no maximum is lost, nor
/// the time when it was; at most 6 * `spans` remain. A timeline that is short enough already comes back as it is.
std::vector<ReportSample> thin(const std::vector<ReportSample>& samples, std::size_t spans);

}  // namespace bagloom::bench
