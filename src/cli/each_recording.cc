#include "cli/each_recording.h"

#include <optional>

#include "cli/exit_code.h"
#include "cli/recordings.h"
#include "cli/stop.h"
#include "memory/meter.h"

namespace bagloom::cli {

int look_at_each(const std::vector<std::string>& arguments, const IndexMemory& room, Output& output, const Look& look) {
  Json recordings = Json::array(), failed = Json::array();
  InputOutcome outcome;
  std::optional<Error> first;
  for (const Input& input : expand_recordings(arguments)) {
    const auto entry = [&]() -> Result<Json> {
      if (stop_requested()) return Error(ErrorKind::stopped, "stopped before the end");
      ASSIGN_OR_RETURN(const auto reader, open_recording(input, room));
      return look(*reader, recordings.empty());
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
    if (error.kind() == ErrorKind::stopped) break;
  }
  Json object = {{"peak_bytes", memory::resident().peak}, {"recordings", std::move(recordings)}, {"failed", std::move(failed)}};
  if (first) object.update(error_json(*first, outcome.code()));
  output.result(object);
  return outcome.code();
}

}  // namespace bagloom::cli
