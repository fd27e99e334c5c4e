// Where the time of a conversion goes: seconds of its threads, by stage.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace bagloom::convert {

enum class Stage {
  scan,    ///< opening, index records, rates, ticks
  read,    ///< message bytes from the file, inflating
  decode,  ///< JPEGs into pixels, message bytes into numbers
  align,   ///< which message for which row; values to their places
  encode,  ///< scaling, the pictures' statistics, the codec
  write,   ///< units, statistics of numbers, the dataset's files
};
inline constexpr std::array<std::string_view, 6> kStageNames{"scan", "read", "decode", "align", "encode", "write"};

/// Sums over all threads: with several at work they add up to more than the time that passed. Thread-safe.
class StageSeconds {
 public:
  void add(Stage stage, std::chrono::nanoseconds time) {
    sums_[static_cast<std::size_t>(stage)].fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
  }
  double seconds(Stage stage) const { return static_cast<double>(sums_[static_cast<std::size_t>(stage)].load()) / 1e9; }

 private:
  std::array<std::atomic<std::uint64_t>, kStageNames.size()> sums_{};
};

/// Adds the time of its life; does nothing where `sums` is null.
class StageTimer {
 public:
  StageTimer(StageSeconds* sums, Stage stage) : sums_(sums), stage_(stage) {
    if (sums_ != nullptr) start_ = std::chrono::steady_clock::now();
  }
  ~StageTimer() {
    if (sums_ != nullptr) sums_->add(stage_, std::chrono::steady_clock::now() - start_);
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  StageSeconds* sums_;
  Stage stage_;
  std::chrono::steady_clock::time_point start_{};
};

}  // namespace bagloom::convert
