// The comparison as one page that needs no network.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bagloom::bench {

/// `bench_json`: the object that `bagloom bench --json` prints (docs/bench.md, "The JSON"). Gives a self-contained HTML file.
/// Errors: invalid (not such an object), unsupported (this build has no plotting library).
Result<std::string> report_html(std::string_view bench_json);

/// Whether this build can draw it, for asking before hours of measuring. Error: unsupported, with the remedy.
Status can_draw_report();

/// Whether a file that begins so (1 kB is enough) is such a page: one that a new page may replace.
bool is_report(std::string_view beginning);

}  // namespace bagloom::bench
