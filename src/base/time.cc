#include "base/time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace bagloom {

std::string relative_text(TimeNs ns) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%+.3f s", seconds(ns));
  return text.data();
}

std::string utc_text(TimeNs ns) {
  TimeNs whole = ns / kNsPerSecond;
  TimeNs rest = ns % kNsPerSecond;
  if (rest < 0) {
    rest += kNsPerSecond;
    --whole;
  }
  const std::time_t when = whole;
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 64> text{};
  const std::size_t n = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text.data() + n, text.size() - n, ".%03d UTC", static_cast<int>(rest / 1'000'000));
  return text.data();
}

}  // namespace bagloom
