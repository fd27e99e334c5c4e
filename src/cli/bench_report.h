// The file of `bench --report`.
#pragma once

#include <string>

#include "base/result.h"

namespace bagloom::cli {

/// Asked before anything is measured: can this build draw it, may the file be written, and is what stands there, if anything, an
/// older report? Nothing else is ever replaced: a recording named by mistake stays. Errors: unsupported, invalid, io.
Status may_write_report(const std::string& path);

/// `bench_json` as in bench/report_html.h. Errors: those above, temporary (disk full).
Status write_report(const std::string& path, const std::string& bench_json);

}  // namespace bagloom::cli
