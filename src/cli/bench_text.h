// The experiment for people: the header before it, the tables after it.
#pragma once

#include <string>

#include "bench/bench.h"

namespace bagloom::cli {

std::string bench_header(const bench::BenchOptions& options, const bench::Facts& facts);

/// Tables, comparisons and notes; `width` columns where it can be done, 0: as wide as needed.
std::string bench_text(const bench::BenchReport& report, std::size_t width);

}  // namespace bagloom::cli
