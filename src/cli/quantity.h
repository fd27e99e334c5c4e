// Numbers as people write and read them: sizes, counts, rates, durations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace bagloom::cli {

/// "256MiB", "1.2GiB", "500MB", "512M" (MiB), "1000000" in bytes; upper or lower case. Error: invalid.
Result<std::uint64_t> parse_size(std::string_view text);
/// "848x480".
Result<std::pair<std::uint32_t, std::uint32_t>> parse_picture_size(std::string_view text);
/// "3.0-3.5", in seconds.
Result<std::pair<double, double>> parse_span(std::string_view text);

std::string size_text(std::uint64_t bytes);   ///< "46.3 MiB"
std::string count_text(std::uint64_t count);  ///< "9,823"
std::string duration_text(double seconds);    ///< "20.0 s", "3 min 20 s", "2 h 05 min"
std::string clock_text(double seconds);       ///< "3:20", "2:05:00"
/// A fixed number of decimals.
std::string fixed_text(double value, int decimals);
/// Nanoseconds as milliseconds with as many decimals as help: "33.33", "2.001", "1240".
std::string milliseconds_text(TimeNs ns);
/// "1 row", "2 rows".
std::string plural(std::uint64_t count, std::string_view noun);

}  // namespace bagloom::cli
