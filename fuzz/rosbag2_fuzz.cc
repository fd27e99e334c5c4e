// The input is a database (opened, scanned, every message fetched), a zstd frame (inflated), or else a metadata.yaml.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "allocation_cap.h"
#include "bag/bag_reader.h"
#include "bag/rosbag2_metadata.h"
#include "bag/rosbag2_storage.h"
#include "bag/zstd_message.h"
#include "base/source.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

void must(bool holds) {
  if (!holds) std::abort();
}

/// A frame that declares no size gets a MiB, and one that does may declare thousands of times its own.
std::uint64_t most_inflated(Bytes input) { return (1u << 20) + 64 * input.size(); }

std::uint64_t touch(Bytes bytes) {
  std::uint64_t sum = 0;  // so that a view that does not hold is seen
  for (const std::byte b : bytes.first(std::min<std::size_t>(bytes.size(), 64))) sum += static_cast<std::uint64_t>(b);
  return bytes.empty() ? sum : sum + static_cast<std::uint64_t>(bytes.back());
}

void read_database(Bytes input) {
  OpenOptions options;
  options.recording = 3;
  options.max_chunk_bytes = most_inflated(input);
  options.memory_bytes = most_inflated(input);
  auto database = std::make_unique<MemorySource>("fuzz.db3", std::vector<std::byte>(input.begin(), input.end()));
  auto reader = open_rosbag2_storage(std::move(database), nullptr, options);
  if (!reader.ok()) {
    must(reader.error().kind() == ErrorKind::unreadable || reader.error().kind() == ErrorKind::over_limit);
    return;
  }
  const BagInfo& info = (*reader)->info();
  must(info.bytes == input.size() && info.damage.size() <= 1001 && info.start <= info.end);
  std::uint64_t announced = 0;
  for (const Connection& connection : info.connections) announced += connection.messages;
  must(announced == info.messages && announced <= input.size());
  std::uint64_t visited = 0, sum = 0;
  MessageRef before;
  const auto status = (*reader)->scan(ConnectionSet(info.connections.size(), true), [&](const IndexedMessage& message) -> Status {
    must(message.ref.recording == 3 && message.ref.connection < info.connections.size());
    must(visited == 0 || before < message.ref);
    before = message.ref;
    ++visited;
    const auto payload = (*reader)->fetch(message.ref);
    if (payload.ok()) {
      sum += touch(payload->bytes);
    } else {
      must(payload.error().kind() == ErrorKind::corrupt);
    }
    return {};
  });
  // Pages that two trees share can read one way now and another way then: that is an error of the scan, and no more.
  must(status.ok() ? visited <= announced : status.error().kind() == ErrorKind::corrupt);
  must((*reader)->identity().ok() && sum != UINT64_MAX);
}

bool has_frame(Bytes input) { return as_text(input).find("\x28\xb5\x2f\xfd") != std::string_view::npos; }

/// At its start SQLite makes room for 20 pages, of 512 bytes to 64 KiB as the database's header says.
std::uint64_t sqlite_bytes(Bytes input) {
  if (input.size() < 18) return 0;
  const std::uint64_t page = std::to_integer<std::uint64_t>(input[16]) << 8 | std::to_integer<std::uint64_t>(input[17]);
  return 26 * (page == 1 ? 65536 : std::min<std::uint64_t>(page, 32768));
}

/// SQLite: its pages, its schema, statements; metadata: yaml-cpp's tree. The input once or twice, the index, and a frame's
/// decompressor and what comes out.
fuzz::Allowance allowance(Bytes input) {
  const bool is_database = as_text(input).starts_with("SQLite format 3");
  return {"rosbag2",
          320 * 1024 + (is_database ? sqlite_bytes(input) : 0) + (has_frame(input) ? most_inflated(input) + 192 * 1024 : 0), 128};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const std::byte*>(data), size);
  const fuzz::AllocationCap cap(allowance(input), size);
  if (as_text(input).starts_with("SQLite format 3")) {
    read_database(input);
  } else if (is_zstd_frame(input)) {
    const auto payload = inflate_zstd_message(input, most_inflated(input));
    must(payload.ok() ? payload->bytes.size() <= most_inflated(input) : payload.error().kind() == ErrorKind::corrupt);
    if (payload.ok()) must(touch(payload->bytes) != UINT64_MAX);
  } else {
    const auto metadata = parse_rosbag2_metadata(as_text(input));
    if (metadata.ok()) must(metadata->paths.size() <= input.size() && metadata->latched_topics.size() <= input.size());
  }
  return 0;
}
