// The input is an MCAP file: opened, scanned, every message fetched; again with indexes compared, and mended. What opening
// accepts must hold afterwards.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/mcap_reader.h"
#include "base/source.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  OpenOptions options;
  options.recording = 3;
  options.max_chunk_bytes = 4u << 20;  // run with -malloc_limit_mb=64: nothing larger is allocated for a small input
  auto reader = open_mcap(std::make_unique<MemorySource>("fuzz.mcap", std::vector<std::byte>(begin, begin + size)), options);
  if (!reader.ok()) {
    must(reader.error().kind() == ErrorKind::unreadable);
    return 0;
  }
  const BagInfo& info = (*reader)->info();
  must(info.bytes == size && info.damage.size() <= 1001 && info.start <= info.end);
  std::uint64_t counted = 0, definitions = 0;
  for (const Connection& connection : info.connections) {
    counted += connection.messages;
    definitions += connection.definition.size();
  }
  must(counted == info.messages && definitions <= (64u << 20));

  std::uint64_t payload_bytes = 0;
  const ConnectionSet all(info.connections.size(), true);
  const auto read_all = [&] {
    std::uint64_t visited = 0;
    MessageRef before;
    auto status = (*reader)->scan(all, [&](const IndexedMessage& message) -> Status {
      must(message.ref.recording == 3 && message.ref.connection < info.connections.size());
      must(visited == 0 || before < message.ref);  // in order, and no place twice
      before = message.ref;
      ++visited;
      auto payload = (*reader)->fetch(message.ref);
      if (payload.ok()) {
        must(payload->bytes.size() <= message.bytes);
        for (const std::byte b : payload->bytes.first(std::min<std::size_t>(payload->bytes.size(), 64)))
          payload_bytes += static_cast<std::uint64_t>(b);  // so that a view that does not hold is seen
        if (!payload->bytes.empty()) payload_bytes += static_cast<std::uint64_t>(payload->bytes.back());
      } else {
        must(payload.error().kind() == ErrorKind::corrupt);
      }
      return {};
    });
    must(status.ok() && visited == info.messages);
  };
  read_all();
  (*reader)->check_indexes(all);
  read_all();
  must((*reader)->mend_index([]() -> Status { return {}; }).ok() && !(*reader)->index_is_wrong());
  std::uint64_t mended = 0;
  for (const Connection& connection : info.connections) mended += connection.messages;
  must(mended == info.messages);
  read_all();
  must((*reader)->identity().ok());
  return payload_bytes == UINT64_MAX ? 1 : 0;
}
