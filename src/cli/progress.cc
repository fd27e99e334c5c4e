#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/terminal.h"

namespace bagloom::cli {

std::string progress_line(double share, std::string_view text, std::size_t width) {
  constexpr int kBar = 24;
  const double bounded = std::clamp(share, 0.0, 1.0);
  const int filled = static_cast<int>(bounded * kBar);
  std::string line = "[";
  line.append(static_cast<std::size_t>(filled), '#').append(static_cast<std::size_t>(kBar - filled), '.');
  char percent[16];
  std::snprintf(percent, sizeof percent, "] %3d %%", static_cast<int>(bounded * 100));
  line += percent;
  if (!text.empty()) line += "  " + printable(text);
  return shortened(line, width);
}

void Progress::show(double share, std::string_view text) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (visible_ && now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  visible_ = true;
  const std::size_t columns = terminal_width(STDERR_FILENO);
  const std::size_t width = columns == 0 ? 80 : std::max<std::size_t>(columns, 20);
  std::fprintf(stderr, "\r%s\x1b[K", progress_line(share, text, width - 1).c_str());
}

void Progress::clear() {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  if (visible_) std::fputs("\r\x1b[K", stderr);
  visible_ = false;
}

}  // namespace bagloom::cli
