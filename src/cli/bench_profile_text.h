// What `bagloom bench --profile` prints below the tables.
#pragma once

#include <string>

#include "bench/bench.h"

namespace bagloom::cli {

/// Empty where no method was profiled. `name` gives what a row is called in the tables. Width 0: no limit.
std::string profile_text(const bench::BenchReport& report, const std::function<std::string(const bench::Row&)>& name,
                         std::size_t width);

}  // namespace bagloom::cli
