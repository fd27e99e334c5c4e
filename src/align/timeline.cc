#include "align/timeline.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bagloom::align {
namespace {

// Times of hostile files span the whole range of 64 bits; products with fps need more.
__extension__ using Wide = __int128;

Error too_many() {
  return Error(ErrorKind::corrupt, "the timeline would have more than " + std::to_string(kMaxTicks) + " rows: its clock jumps")
      .fix("look at `bagloom scan`, or choose another timeline topic");
}

}  // namespace

Status TopicTicks::add(TimeNs time) {
  if (time < rules_.from || time > rules_.to) return {};
  if (ticks_.empty()) {
    ticks_.push_back(time);
    return {};
  }
  const Wide fps = rules_.fps;
  const Wide last = ticks_.back();
  const Wide distance = Wide{time} - last;
  const Wide every = rules_.every;
  if (distance < Wide{kNsPerSecond} * (2 * every - 1) / (2 * every * fps) || distance <= 0) return {};
  if (2 * distance * fps > Wide{3} * kNsPerSecond) {
    Wide missing = (2 * distance * fps + kNsPerSecond) / (Wide{2} * kNsPerSecond) - 1;
    missing = std::min<Wide>(missing, rules_.fill_at_most);
    for (Wide j = 1; j <= missing; ++j) ticks_.push_back(static_cast<TimeNs>(last + distance * j / (missing + 1)));
    filled_ += static_cast<std::uint64_t>(missing);
  }
  ticks_.push_back(time);
  if (ticks_.size() > kMaxTicks) return too_many();
  return {};
}

Result<std::vector<TimeNs>> uniform_ticks(std::uint32_t fps, TimeNs from, TimeNs to) {
  std::vector<TimeNs> ticks;
  if (to < from) return ticks;
  const Wide count = (Wide{to} - from) * fps / kNsPerSecond + 1;
  if (count > Wide{kMaxTicks}) return too_many();
  ticks.reserve(static_cast<std::size_t>(count) + 1);
  // k / fps rounds down, so the last one may still fit where the plain quotient says that it does not.
  for (Wide k = 0; Wide{from} + k * kNsPerSecond / fps <= to; ++k)
    ticks.push_back(static_cast<TimeNs>(from + k * kNsPerSecond / fps));
  return ticks;
}

std::uint32_t held_rows(TimeNs hold, std::uint32_t fps) {
  return static_cast<std::uint32_t>(std::min<Wide>(Wide{hold} * fps / kNsPerSecond, 1'000'000));
}

Status check_rate(TimeNs median_interval, std::uint32_t every, std::uint32_t fps) {
  if (median_interval <= 0)
    return Error(ErrorKind::invalid, "more than half of its messages have the same time as the one before")
        .fix("take another topic for the timeline, or `timeline: uniform`");
  const double rows_a_second = 1e9 / (static_cast<double>(median_interval) * every);
  if (rows_a_second > fps / 1.1 && rows_a_second < fps * 1.1) return {};
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "every %u. message gives %.2f rows a second, fps says %u", every, rows_a_second, fps);
  const double best = rows_a_second * every / fps;
  std::array<char, 160> remedy{};
  const bool other_every = best >= 0.95 && static_cast<std::uint32_t>(best + 0.5) != every;
  if (other_every)
    std::snprintf(remedy.data(), remedy.size(), "set timeline.every to %u, or fps to %.0f", static_cast<unsigned>(best + 0.5),
                  std::max(1.0, rows_a_second));
  else
    std::snprintf(remedy.data(), remedy.size(), "set fps to %.0f, or use `timeline: uniform`", std::max(1.0, rows_a_second));
  return Error(ErrorKind::invalid, text.data()).fix(remedy.data());
}

}  // namespace bagloom::align
