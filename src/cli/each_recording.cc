#include "cli/each_recording.h"

#include <algorithm>
#include <optional>

#include "cli/exit_code.h"
#include "cli/quantity.h"
#include "cli/recordings.h"
#include "cli/stop.h"
#include "memory/meter.h"

namespace bagloom::cli {

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

/// What is laid out before is rather too much; where it was not, that is told.
Status kept_limit(std::uint64_t limit, const std::string& path) {
  const std::uint64_t peak = memory::resident().peak;
  if (limit == 0 || peak <= limit) return {};
  const std::uint64_t smallest = (peak / kMiB + 2) * kMiB;
  return Error(ErrorKind::over_limit,
               "the memory limit of " + size_text(limit) + " was too small: " + size_text(peak) + " were taken")
      .needing(smallest)
      .fix("use --memory-limit " + std::to_string(smallest / kMiB) + "MiB or more")
      .in(std::string(path));
}

}  // namespace

int look_at_each(const std::vector<std::string>& arguments, const IndexMemory& room, Output& output, const Look& look) {
  Json recordings = Json::array(), failed = Json::array();
  InputOutcome outcome;
  std::optional<Error> first;
  std::uint64_t smallest_limit = 0;  // that does for all of them
  for (const Input& input : expand_recordings(arguments)) {
    const auto entry = [&]() -> Result<Json> {
      if (stop_requested()) return Error(ErrorKind::stopped, "stopped before the end");
      ASSIGN_OR_RETURN(const auto reader, open_recording(input, room));
      ASSIGN_OR_RETURN(Json seen, look(*reader, recordings.empty()));
      RETURN_IF_ERROR(kept_limit(room.limit, input.path));
      return seen;
    }();
    if (entry.ok()) {
      outcome.succeeded();
      recordings.push_back(*entry);
      continue;
    }
    const Error& error = entry.error();
    outcome.failed(error.kind(), stop_signal());
    output.complain(error);
    failed.push_back({{"path", input.path}, {"error", error.text()}});
    if (!first) first = error;
    smallest_limit = std::max(smallest_limit, error.smallest_limit_bytes());
    if (error.kind() == ErrorKind::stopped) break;
  }
  Json object = {{"peak_bytes", memory::resident().peak}, {"recordings", std::move(recordings)}, {"failed", std::move(failed)}};
  if (first) object.update(error_json(*first, outcome.code()));
  if (smallest_limit > 0) object["smallest_limit_bytes"] = smallest_limit;
  output.result(object);
  return outcome.code();
}

}  // namespace bagloom::cli
