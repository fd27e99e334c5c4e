#include "convert/task_messages.h"

#include <algorithm>

namespace bagloom::convert {

bool concerns_message(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::unsupported || error.kind() == ErrorKind::invalid;
}

Result<bag::Payload> fetch_message(const RecordingWork& work, const TaskRows& rows, const MessageRef& ref) {
  const StageTimer timer(work.stages, Stage::read);
  return fetch_untimed(work, rows, ref);
}

Result<bag::Payload> fetch_untimed(const RecordingWork& work, const TaskRows& rows, const MessageRef& ref) {
  if (rows.stretch != nullptr)
    if (auto staged = rows.stretch->fetch(ref)) return std::move(*staged);
  auto payload = work.recording->reader->fetch(ref);
  if (!payload && payload.error().kind() == ErrorKind::io) return Error(ErrorKind::unreadable, payload.error().text());
  return payload;
}

Error stopped_error() {
  return Error(ErrorKind::stopped, "stopped before the end").fix("the same command goes on from what is finished");
}

Status mend_index(bag::BagReader& reader, const std::function<bool()>& stop, bool known) {
  if (!known && !reader.index_is_wrong()) return {};
  auto status = reader.mend_index([&stop]() -> Status {
    if (stop && stop()) return stopped_error();
    return {};
  });
  if (!status && status.error().kind() == ErrorKind::io) return Error(ErrorKind::unreadable, status.error().text());
  return status;
}

void add_owner(Hasher& hasher, const RecordingWork& work, const std::string& feature, const align::TickRange& ticks) {
  // The number too: a recording that is given twice makes units of its own each time.
  hasher.add_text(work.recording->identity).add(work.recording->number);
  hasher.add_text(feature).add(ticks.begin).add(ticks.end);
}

void add_cell(Hasher& hasher, const align::Cell& cell) { hasher.add(cell.first.locator).add(cell.first.connection); }

std::string reason_of(const Error& error) { return error.message() + (error.remedy().empty() ? "" : "; " + error.remedy()); }

Unusable unusable_message(const RecordingWork& work, const MessageRef& message, std::uint32_t column, const Error& error) {
  // Where it stands is said once, for all kinds of errors (losses.h): the trail is left out.
  return {message,          column, work.recording->reader->file_offset(message), work.recording->reader->place(message),
          reason_of(error), 0};
}

void report_unusable(const RecordingWork& work, std::vector<Unusable>& list, const MessageRef& message, std::uint32_t column,
                     const Error& error, std::uint64_t needs) {
  const bool known = std::any_of(list.begin(), list.end(), [&](const Unusable& unusable) {
    return unusable.message == message && unusable.column == column;
  });
  if (known) return;
  list.push_back(unusable_message(work, message, column, error));
  list.back().needs = needs;
}

}  // namespace bagloom::convert
