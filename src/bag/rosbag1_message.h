// One message record: checked where an index says that it stands.
#pragma once

#include "bag/inflate.h"
#include "bag/rosbag1_chunk.h"
#include "bag/rosbag1_record.h"
#include "base/time.h"

namespace bagloom::bag {

/// Most messages up to this size are read with their header in one go.
inline constexpr std::size_t kUsualMessageHeadBytes = 512;

/// What a message record should be.
struct MessagePlace {
  std::uint64_t base = 0;        ///< where the chunk's data begins in the window's source
  std::uint64_t offset = 0;      ///< in the chunk
  std::uint64_t end = 0;         ///< no byte of the record lies at or behind this, in the window's source
  std::uint32_t connection = 0;  ///< the file's number
  TimeNs time = 0;
};

/// The head of the record, when it is a message of this connection and time that ends in time. Error: corrupt
/// (what stands there instead), io.
Result<RecordHead> read_message_head(ReadAhead& window, const MessagePlace& place);

/// The chunk, for `inflate`.
inline Compressed compressed(const Chunk& chunk) {
  return {chunk.compression, chunk.data_offset, chunk.stored_bytes, chunk.bytes, chunk.partial};
}

}  // namespace bagloom::bag
