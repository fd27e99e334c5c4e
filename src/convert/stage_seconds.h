// Where the time of a conversion goes: seconds of its threads, by stage.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
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

class RunningWork;
/// Says which stage the calling thread is in from now on; gives the one before.
std::optional<Stage> change_stage(RunningWork& running, std::optional<Stage> stage);

/// Sums over all threads: with several at work they add up to more than the time that passed. Thread-safe.
class StageSeconds {
 public:
  /// With `running` (which outlives this), that learns of each thread's stage too: for a profile.
  explicit StageSeconds(RunningWork* running = nullptr) : running_(running) {}
  RunningWork* running() const { return running_; }

  void add(Stage stage, std::chrono::nanoseconds time) {
    sums_[static_cast<std::size_t>(stage)].fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
  }
  std::optional<Stage> enter(std::optional<Stage> stage) {
    return running_ == nullptr ? std::nullopt : change_stage(*running_, stage);
  }
  double seconds(Stage stage) const { return static_cast<double>(sums_[static_cast<std::size_t>(stage)].load()) / 1e9; }

 private:
  RunningWork* const running_;
  std::array<std::atomic<std::uint64_t>, kStageNames.size()> sums_{};
};

/// Adds the time of its life; does nothing where `sums` is null.
class StageTimer {
 public:
  StageTimer(StageSeconds* sums, Stage stage) : sums_(sums), stage_(stage) {
    if (sums_ == nullptr) return;
    before_ = sums_->enter(stage);
    start_ = std::chrono::steady_clock::now();
  }
  ~StageTimer() {
    if (sums_ == nullptr) return;
    sums_->add(stage_, std::chrono::steady_clock::now() - start_);
    sums_->enter(before_);
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  StageSeconds* sums_;
  Stage stage_;
  std::optional<Stage> before_;
  std::chrono::steady_clock::time_point start_{};
};

}  // namespace bagloom::convert
