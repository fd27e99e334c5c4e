#include "cli/recordings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "bag/rosbag2_folder.h"
#include "cli/quantity.h"
#include "memory/meter.h"

namespace bagloom::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kIndexBytesAConnection = 1024;
constexpr std::uint64_t kOutputBytes = kMiB;  // tables and buffers beside what topics take

}  // namespace

std::vector<Input> expand_recordings(const std::vector<std::string>& arguments) {
  std::vector<Input> inputs;
  for (const std::string& argument : arguments) {
    std::error_code failed;
    if (!fs::is_directory(argument, failed)) {
      inputs.push_back({argument, std::nullopt});
      continue;
    }
    auto found = bag::recordings_in_folder(argument);
    if (!found) {
      inputs.push_back({argument, std::move(found).error()});
      continue;
    }
    if (found->empty())
      inputs.push_back({argument, Error(ErrorKind::unreadable, "no *.bag, *.mcap or *.db3 file in this folder").in(argument)});
    for (std::string& path : *found) inputs.push_back({std::move(path), std::nullopt});
  }
  return inputs;
}

Result<std::vector<std::string>> recording_paths(const std::vector<std::string>& arguments) {
  std::vector<std::string> paths;
  for (Input& input : expand_recordings(arguments)) {
    if (input.error) return *std::move(input.error);
    paths.push_back(std::move(input.path));
  }
  return paths;
}

Result<std::unique_ptr<bag::BagReader>> open_recording(const Input& input, const IndexMemory& room) {
  if (input.error) return Error(*input.error);
  bag::OpenOptions options;
  if (room.limit == 0) return bag::open_bag(input.path, options);
  // What was freed by an earlier recording may still be resident, and what was reached is not taken back.
  const memory::Resident resident = memory::resident();
  const std::uint64_t base = resident.now + kOutputBytes;
  const auto refuse = [&](const std::string& what, std::uint64_t needed) {
    const std::uint64_t smallest = (std::max(base + needed, resident.peak) / kMiB + 2) * kMiB;
    return Error(ErrorKind::over_limit,
                 "the memory limit of " + size_text(room.limit) + " is too small: " + what + ", the program " + size_text(base))
        .needing(smallest)
        .fix("use --memory-limit " + std::to_string(smallest / kMiB) + "MiB or more")
        .in(input.path);
  };
  if (room.limit <= std::max(base, resident.peak)) return refuse("the index is not read yet", 0);
  options.memory_bytes = room.limit - base;
  auto reader = bag::open_bag(input.path, options);
  if (!reader.ok()) {
    const Error& error = reader.error();
    if (error.kind() != ErrorKind::over_limit) return reader;
    // The output's part is not known yet: an index that is large is mostly connections, of about 1 KiB each.
    const std::uint64_t index = error.smallest_limit_bytes();
    return refuse("the index takes about " + size_text(index), index + index / kIndexBytesAConnection * room.topic_bytes);
  }
  const bag::BagInfo& info = reader.value()->info();
  std::uint64_t output = info.connections.size() * room.topic_bytes;
  for (const bag::Connection& connection : info.connections) output += connection.messages > 1 ? room.busy_topic_bytes : 0;
  if (info.index_bytes + output > options.memory_bytes)
    return refuse("the index takes " + size_text(info.index_bytes) + ", the output " + size_text(output),
                  info.index_bytes + output);
  return reader;
}

double Topic::rate_hz() const {
  if (messages < 2 || end <= start) return 0;
  return static_cast<double>(messages - 1) / seconds(end - start);
}

std::vector<Topic> topics_of(const bag::BagInfo& info) {
  std::map<std::string, Topic> by_name;
  for (std::uint32_t i = 0; i < info.connections.size(); ++i) {
    const bag::Connection& connection = info.connections[i];
    auto [place, is_new] = by_name.try_emplace(connection.topic);
    Topic& topic = place->second;
    if (is_new) {
      topic.name = connection.topic;
      topic.type = connection.type;
      topic.latching = true;
    } else if ((", " + topic.type + ", ").find(", " + connection.type + ", ") == std::string::npos) {
      topic.type += ", " + connection.type;
    }
    topic.connections.push_back(i);
    topic.latching = topic.latching && connection.latching;
    topic.bytes += connection.bytes;
    if (connection.messages == 0) continue;
    topic.start = topic.messages == 0 ? connection.start : std::min(topic.start, connection.start);
    topic.end = topic.messages == 0 ? connection.end : std::max(topic.end, connection.end);
    topic.messages += connection.messages;
  }
  std::vector<Topic> topics;
  for (auto& [name, topic] : by_name) topics.push_back(std::move(topic));
  return topics;
}

}  // namespace bagloom::cli
