// The outer shape of every ROS 1 record: header length, header, data length, data (bag-formats.md 1.2).
#pragma once

#include <optional>

#include "bag/codec.h"
#include "bag/read_ahead.h"
#include "bag/rosbag1_header_fields.h"
#include "base/result.h"

namespace bagloom::bag {

// Values of the `op` field.
inline constexpr std::uint8_t kOpMessage = 0x02;
inline constexpr std::uint8_t kOpFileHeader = 0x03;
inline constexpr std::uint8_t kOpIndexData = 0x04;
inline constexpr std::uint8_t kOpChunk = 0x05;
inline constexpr std::uint8_t kOpChunkInfo = 0x06;
inline constexpr std::uint8_t kOpConnection = 0x07;

/// A header longer than this is garbage, not a header: topics and encryptor names are short.
inline constexpr std::uint32_t kMaxHeaderBytes = 1u << 20;
/// A connection's data (its definition) longer than this is not one.
inline constexpr std::uint32_t kMaxConnectionBytes = 16u << 20;
/// The smallest message record: lengths (8), op (8), conn (13) and time (17).
inline constexpr std::uint64_t kMinMessageRecordBytes = 46;

/// The names that chunk headers use; nothing for an unknown one.
inline std::optional<Compression> compression_named(std::string_view name) {
  if (name == "none") return Compression::none;
  if (name == "lz4") return Compression::lz4;
  if (name == "bz2") return Compression::bz2;
  return std::nullopt;
}

struct RecordHead {
  std::uint64_t offset = 0;  ///< of header_len
  std::uint8_t op = 0;
  HeaderFields fields{Bytes{}};  ///< a view into the buffer it was read through
  std::uint64_t data_offset = 0;
  std::uint32_t data_bytes = 0;  ///< as declared: may reach beyond the file
  std::uint64_t end() const { return data_offset + data_bytes; }
};

/// Reads a record's header and its data's length; the data is not touched. Error: corrupt (no record stands
/// there, or it is cut within its header) or io.
Result<RecordHead> read_record_head(ReadAhead& window, std::uint64_t offset);

struct WholeRecord {
  RecordHead head;
  Bytes data;
};

/// Reads header and data in one view, which lives until the window's next read. Error: corrupt where the
/// window's limit cuts the data, io.
Result<WholeRecord> read_whole_record(ReadAhead& window, const RecordHead& head);

}  // namespace bagloom::bag
