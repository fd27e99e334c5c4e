// One line on the terminal that says how far the work is.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace bagloom::cli {

/// Writes to stderr and only where `enabled`; elsewhere every call does nothing. Thread-safe.
class Progress {
 public:
  explicit Progress(bool enabled) : enabled_(enabled) {}

  bool enabled() const { return enabled_; }
  /// `share` 0..1 of the work; `text` stands behind the bar. Draws at most ten times a second.
  void show(double share, std::string_view text);
  /// Takes the line away.
  void clear();

 private:
  bool enabled_;
  bool visible_ = false;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point drawn_{};
};

/// The line itself, `width` columns at most.
std::string progress_line(double share, std::string_view text, std::size_t width);

}  // namespace bagloom::cli
