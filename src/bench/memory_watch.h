// What one method takes of this process's memory while it runs, seen from inside.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "memory/meter.h"

namespace bagloom::bench {

struct MemoryPoint {
  double seconds = 0;
  std::uint64_t resident = 0, anonymous = 0, file = 0;
};

/// How the peak is taken.
enum class PeakFrom {
  mark,     ///< the kernel's high-water mark, reset at the start: nothing is missed
  samples,  ///< the largest sample, as scripts that poll do; what earlier work left in the process counts
};

struct MemoryUse {
  std::uint64_t initial = 0, peak = 0;
  std::uint64_t file_at_peak = 0;  ///< of the largest sample
  std::uint64_t samples = 0;
  bool marked = false;  ///< the peak is the kernel's mark since the start
  std::vector<MemoryPoint> timeline;
  std::uint64_t increase() const { return peak > initial ? peak - initial : 0; }
};

inline constexpr std::chrono::milliseconds kWatchInterval{10};

/// A thread that looks at every kWatchInterval. The timeline keeps at most about 2,000 points: it is thinned by half when full.
class MemoryWatch {
 public:
  /// `at_peak` is called right after a sample that is above all before, on the watching thread; for the last sample, on the one
  /// that calls stop.
  explicit MemoryWatch(PeakFrom peak, std::function<void(const MemoryPoint&)> at_peak = {});
  ~MemoryWatch();
  /// Once.
  MemoryUse stop();

 private:
  void sample();
  void loop();

  const PeakFrom from_;
  const std::function<void(const MemoryPoint&)> at_peak_;
  const std::chrono::steady_clock::time_point start_;
  bool mark_works_ = false;
  MemoryUse use_;
  std::uint64_t largest_ = 0, largest_sample_ = 0;  ///< with the start, and without it
  std::size_t keep_every_ = 1, seen_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bagloom::bench
