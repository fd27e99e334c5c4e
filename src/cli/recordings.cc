#include "cli/recordings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "bag/rosbag2_folder.h"
#include "cli/quantity.h"
#include "memory/allocator.h"
#include "memory/file_pages.h"
#include "memory/meter.h"

namespace bagloom::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
// Measured: pages of the program and its libraries that come back; of databases, which take most, 2.7 MiB.
constexpr std::uint64_t kCodeBytes = 3 * kMiB;
constexpr std::uint64_t kOutputBytes = kMiB / 2;   // tables and buffers beside what topics take
constexpr std::uint64_t kStartsDiffer = kMiB / 2;  // by what of the libraries is in the page cache

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
  // What an earlier recording left is let go, and code that only the start needed.
  memory::trim_heap();
  memory::drop_file_pages();
  const std::uint64_t base = memory::resident().now + kCodeBytes + kOutputBytes;
  const auto refuse = [&](const std::string& what, std::uint64_t needed) {
    // What was reached, by the start or by an earlier recording, is not taken back.
    const std::uint64_t smallest = (std::max(base + needed, memory::resident().peak) + kStartsDiffer + kMiB - 1) / kMiB * kMiB;
    return Error(ErrorKind::over_limit,
                 "the memory limit of " + size_text(room.limit) + " is too small: " + what + ", the program " + size_text(base))
        .needing(smallest)
        .fix("use --memory-limit " + std::to_string(smallest / kMiB) + "MiB or more")
        .in(input.path);
  };
  // Below what the start took, the limit is lost already: within that, the index is read all the same, to say what it takes.
  options.memory_bytes = std::max({room.limit, memory::resident().peak, base + kMiB}) - base;
  options.threads = 1;
  options.connection_bytes = room.topic_bytes;
  options.busy_connection_bytes = room.busy_topic_bytes;
  auto reader = bag::open_bag(input.path, options);
  if (!reader.ok()) {
    const Error& error = reader.error();
    if (error.kind() != ErrorKind::over_limit) return reader;
    const std::uint64_t needed = error.smallest_limit_bytes();
    return refuse("index and output take about " + size_text(needed), needed);
  }
  const std::uint64_t needed = reader.value()->info().index_bytes;
  if (std::max(base + needed, memory::resident().peak) > room.limit)
    return refuse("index and output take " + size_text(needed), needed);
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
