// Time is nanoseconds in a signed 64-bit integer, always: a double of seconds steps by 238 ns today.
#pragma once

#include <cstdint>
#include <string>

namespace bagloom {

/// Nanoseconds since the epoch of the recording's clock (Unix time for robots, 0 for some simulators).
using TimeNs = std::int64_t;

inline constexpr TimeNs kNsPerSecond = 1'000'000'000;

inline constexpr double seconds(TimeNs ns) { return static_cast<double>(ns) / 1e9; }

/// "+12.345 s": a time relative to the start of its recording.
std::string relative_text(TimeNs ns);
/// "2025-10-11 03:23:17.123 UTC".
std::string utc_text(TimeNs ns);

}  // namespace bagloom
