// The same recording longer or shorter: does memory grow with length?
#pragma once

#include <functional>
#include <string>

#include "bench/bench.h"

namespace bagloom::bench {

/// Writes the recording `times` times, one after another in time with a pause of `pause` (ns); a part of it for what is left
/// (0.5: its first half). Payloads and definitions as they are, uncompressed. Errors: of reading and writing; stopped.
Status write_repeated(const std::string& bag, double times, TimeNs pause, const std::string& out,
                      const std::function<bool()>& stop);

/// Least squares over the points: bytes of peak per 10^9 bytes of recording, and per 1000 rows. Nothing for fewer than two
/// lengths.
void fit_slopes(LengthSeries& series);

}  // namespace bagloom::bench
