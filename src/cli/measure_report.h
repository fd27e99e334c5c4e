// The figures of a measured command, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "memory/process_tree.h"

namespace bagloom::cli {

/// Lines for stderr.
std::vector<std::string> measure_text(const memory::TreeUse& use);
/// With "schema" in front.
Json measure_json(const memory::TreeUse& use);
/// "samples": [seconds, resident, anonymous, file] each.
Json timeline_json(const memory::TreeUse& use);

}  // namespace bagloom::cli
