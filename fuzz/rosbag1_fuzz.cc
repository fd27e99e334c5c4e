// The input is a file: opened, scanned, every message fetched; again with indexes compared, and mended. What opening accepts
// must hold afterwards.
#include <cstdint>
#include <memory>
#include <vector>

#include "allocation_cap.h"
#include "bag/bag_reader.h"
#include "base/source.h"
#include "decompressor_bytes.h"
#include "read_and_mend.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

/// The reader gets limits that follow the file's size: otherwise a chunk may become thousands of times what it takes there. In a
/// file without compressed streams no chunk is larger than the file.
std::uint64_t most_chunk_bytes(Bytes file) {
  return 16 * 1024 + (fuzz::working_decompressor_bytes(file) > 0 ? 32 : 1) * file.size();
}

/// Two windows of 64 KiB; a chunk of the largest size five times, in a block that doubles, in the cache, and its messages as a
/// walk, an index and a scan list them (31 bytes are the smallest record, 16 to 40 each list's entry); the file, and what is told
/// of its connections and damage.
fuzz::Allowance allowance(Bytes file) {
  return {"rosbag1",
          128 * 1024 + 6 * most_chunk_bytes(file) + fuzz::kIdleDecompressorBytes + fuzz::working_decompressor_bytes(file), 12};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const fuzz::AllocationCap cap(allowance({begin, size}), size);
  OpenOptions options;
  options.recording = 3;
  options.max_chunk_bytes = most_chunk_bytes({begin, size});
  options.memory_bytes = 4 * options.max_chunk_bytes;
  auto reader = open_bag(std::make_unique<MemorySource>("fuzz.bag", std::vector<std::byte>(begin, begin + size)), options);
  if (!reader.ok()) {
    must(reader.error().kind() == ErrorKind::unreadable || reader.error().kind() == ErrorKind::over_limit);
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
