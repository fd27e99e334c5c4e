// The comparison as one page that needs no network.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bagloom::bench {

/// `bench_json`: the object that `bagloom bench --json` prints (docs/bench.md, "The JSON"). Gives a self-contained HTML file.
/// Errors: invalid (not such an object), unsupported (this build has no plotting library).
Result<std::string> report_html(std::string_view bench_json);

}  // namespace bagloom::bench
