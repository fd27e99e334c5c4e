// What info and scan share: one recording after another; one that cannot be read does not stop the others.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bag/bag_reader.h"
#include "cli/output.h"
#include "cli/recordings.h"

namespace bagloom::cli {

/// Looks at one recording: gives its entry for --json (null without it), or prints it. `first`: nothing was printed yet.
using Look = std::function<Result<Json>(bag::BagReader& reader, bool first)>;

/// Opens each recording that the arguments name and looks at it. Says which could not be read, gives the result with recordings[]
/// and failed[], and the exit code (InputOutcome). A signal ends it.
int look_at_each(const std::vector<std::string>& arguments, const IndexMemory& room, Output& output, const Look& look);

}  // namespace bagloom::cli
