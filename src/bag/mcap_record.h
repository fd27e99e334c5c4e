// The outer shape of every MCAP record: opcode, length, content; and how its fields are written (bag-formats.md 3.1).
#pragma once

#include <string_view>

#include "bag/read_ahead.h"
#include "base/cursor.h"
#include "base/result.h"

namespace bagloom::bag::mcap {

inline constexpr std::string_view kMagic{"\x89MCAP0\r\n", 8};

inline constexpr std::uint8_t kOpHeader = 0x01;
inline constexpr std::uint8_t kOpFooter = 0x02;
inline constexpr std::uint8_t kOpSchema = 0x03;
inline constexpr std::uint8_t kOpChannel = 0x04;
inline constexpr std::uint8_t kOpMessage = 0x05;
inline constexpr std::uint8_t kOpChunk = 0x06;
inline constexpr std::uint8_t kOpMessageIndex = 0x07;
inline constexpr std::uint8_t kOpChunkIndex = 0x08;
inline constexpr std::uint8_t kOpStatistics = 0x0b;
inline constexpr std::uint8_t kOpDataEnd = 0x0f;

/// Opcode and length.
inline constexpr std::uint64_t kRecordHeadBytes = 9;
/// Channel, sequence and two times stand before a message's data.
inline constexpr std::uint64_t kMessageFieldsBytes = 22;
inline constexpr std::uint64_t kMinMessageRecordBytes = kRecordHeadBytes + kMessageFieldsBytes;
inline constexpr std::uint64_t kFooterRecordBytes = kRecordHeadBytes + 20;
/// A schema or channel longer than this is not one.
inline constexpr std::uint64_t kMaxDescriptionBytes = 16u << 20;

struct Record {
  std::uint64_t offset = 0;  ///< of the opcode
  std::uint8_t op = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t data_bytes = 0;  ///< as declared: may reach beyond the file
  bool fits(std::uint64_t limit) const { return data_offset <= limit && data_bytes <= limit - data_offset; }
  /// Only for a record that fits.
  std::uint64_t end() const { return data_offset + data_bytes; }
};

/// Reads a record's opcode and length. Errors: corrupt (opcode 0, or cut within these nine bytes), io.
Result<Record> read_record(ReadAhead& window, std::uint64_t offset);

/// The content, which lives until the window's next read. Errors: corrupt where the window's limit cuts it or it is more than
/// `most`, io.
Result<Bytes> read_content(ReadAhead& window, const Record& record, std::uint64_t most);

/// A uint32 length and so many bytes, as a view into the same bytes.
Result<std::string_view> read_string(Cursor& at);

/// A log time as ours; nothing where it is beyond the year 2262.
inline bool is_time(std::uint64_t ns) { return ns <= static_cast<std::uint64_t>(INT64_MAX); }

struct MessageFields {
  std::uint16_t channel = 0;
  std::uint64_t log_time = 0;
};
/// Of the first kMessageFieldsBytes of a message's content.
MessageFields load_message_fields(Bytes content);

}  // namespace bagloom::bag::mcap
