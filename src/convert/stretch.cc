#include "convert/stretch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "convert/durable_files.h"
#include "convert/stream_index.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

Status write_all(int descriptor, Bytes bytes, const std::string& path) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", errno).in(path);
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Result<std::set<MessageRef>> messages_of(const RecordingWork& work, const TaskRows& rows) {
  std::set<MessageRef> messages;
  for (std::uint32_t column = 0; column < work.columns->columns.size(); ++column) {
    ASSIGN_OR_RETURN(const auto cells, work.plan->cells(column, rows.ticks));
    if (const auto& stream = work.recording->streams[column]; stream != nullptr) {
      ASSIGN_OR_RETURN(const auto inputs, stream_inputs(*stream, cells));
      messages.insert(inputs.begin(), inputs.end());
      continue;
    }
    for (const align::Cell& cell : cells) messages.insert(cell.first);
  }
  return messages;
}

}  // namespace

Stretch::~Stretch() { ::unlink(path_.c_str()); }

Result<std::shared_ptr<const Stretch>> Stretch::make(const RecordingWork& work, const TaskRows& rows, const std::string& path) {
  ASSIGN_OR_RETURN(const std::set<MessageRef> unordered, messages_of(work, rows));
  std::vector<MessageRef> messages(unordered.begin(), unordered.end());
  std::sort(messages.begin(), messages.end(), [](const MessageRef& a, const MessageRef& b) { return a.locator < b.locator; });
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("cannot write", errno).in(path);
  std::shared_ptr<Stretch> stretch(new Stretch(path));
  std::uint64_t offset = 0;
  Status status;
  for (const MessageRef& message : messages) {
    if (work.stop && work.stop()) status = stopped_error();
    if (!status) break;
    const StageTimer timer(work.stages, Stage::read);
    const auto payload = work.recording->reader->fetch(message);
    if (!payload) continue;
    status = write_all(descriptor, payload->bytes, path);
    stretch->places_[message.locator] = {offset, payload->bytes.size()};
    offset += payload->bytes.size();
  }
  ::close(descriptor);
  if (!status) return std::move(status).error();
  ASSIGN_OR_RETURN(stretch->source_, open_file(path));
  return std::shared_ptr<const Stretch>(std::move(stretch));
}

std::optional<Result<bag::Payload>> Stretch::fetch(const MessageRef& ref) const {
  const auto place = places_.find(ref.locator);
  if (place == places_.end()) return std::nullopt;
  auto bytes = std::make_shared<std::vector<std::byte>>(place->second.bytes);
  if (auto status = source_->read_exactly(place->second.offset, *bytes); !status)
    return Result<bag::Payload>(Error(ErrorKind::io, status.error().text()));
  return Result<bag::Payload>(bag::Payload{Bytes(*bytes), bytes});
}

}  // namespace bagloom::convert
