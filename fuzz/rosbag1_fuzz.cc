// The input is a file: opened, scanned, every message fetched; again with indexes compared, and mended. What opening accepts
// must hold afterwards.
#include <cstdint>
#include <memory>
#include <vector>

#include "bag/bag_reader.h"
#include "base/source.h"
#include "read_and_mend.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  OpenOptions options;
  options.recording = 3;
  options.max_chunk_bytes = 4u << 20;  // run with -malloc_limit_mb=64: nothing larger is allocated for a small input
  auto reader = open_bag(std::make_unique<MemorySource>("fuzz.bag", std::vector<std::byte>(begin, begin + size)), options);
  if (!reader.ok()) {
    must(reader.error().kind() == ErrorKind::unreadable);
    return 0;
  }
  const BagInfo& info = (*reader)->info();
  must(info.bytes == size && info.damage.size() <= 1001 && info.start <= info.end);
  std::uint64_t announced = 0;
  for (const Connection& connection : info.connections) announced += connection.messages;
  must(announced == info.messages);

  const std::uint64_t payload_bytes =
      read_and_mend(**reader, options.recording, [&](const IndexedMessage& message, const Payload* payload) {
        must(message.ref.locator >> 32 < info.chunks);
        must((message.ref.locator & 0xffffffffu) + message.bytes <= info.largest_chunk_bytes);
        must(payload == nullptr || payload->bytes.size() <= info.largest_chunk_bytes);
      });
  must((*reader)->identity().ok());
  return payload_bytes == UINT64_MAX ? 1 : 0;
}
