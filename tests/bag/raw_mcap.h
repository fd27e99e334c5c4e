// MCAP files put together byte by byte, by code that shares nothing with the reader: also files that no writer would make.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bag/raw_bag.h"

namespace bagloom::bag::raw_mcap {

using raw::le;

inline std::string magic() { return std::string("\x89MCAP0\r\n", 8); }
inline std::string text(std::string_view value) { return le(value.size(), 4) + std::string(value); }
inline std::string record(int op, std::string_view content) {
  return le(static_cast<std::uint64_t>(op), 1) + le(content.size(), 8) + std::string(content);
}
inline std::string header(std::string_view profile = "") { return magic() + record(1, text(profile) + text("raw")); }

inline std::string schema(int id, std::string_view name = "std_msgs/msg/String", std::string_view encoding = "ros2msg",
                          std::string_view data = "string data\n") {
  return record(3, le(static_cast<std::uint64_t>(id), 2) + text(name) + text(encoding) + text(data));
}
using Metadata = std::vector<std::pair<std::string, std::string>>;
inline std::string channel(int id, std::string_view topic, int schema_id = 1, std::string_view encoding = "cdr",
                           const Metadata& metadata = {}) {
  std::string map;
  for (const auto& [key, value] : metadata) map += text(key) + text(value);
  return record(4, le(static_cast<std::uint64_t>(id), 2) + le(static_cast<std::uint64_t>(schema_id), 2) + text(topic) +
                       text(encoding) + text(map));
}
inline std::string message(int channel_id, std::int64_t ns, std::string_view data) {
  const auto time = le(static_cast<std::uint64_t>(ns), 8);
  return record(5, le(static_cast<std::uint64_t>(channel_id), 2) + le(0, 4) + time + time + std::string(data));
}

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
  }
  return ~crc;
}

/// A chunk record around bytes that are stored as they are given. Its times, 0: it names none.
inline std::string chunk(std::string_view compression, std::uint64_t size, std::uint32_t crc, std::string_view stored,
                         std::uint64_t first = 0, std::uint64_t last = 0) {
  return record(
      6, le(first, 8) + le(last, 8) + le(size, 8) + le(crc, 4) + text(compression) + le(stored.size(), 8) + std::string(stored));
}
struct Entry {
  std::int64_t ns;
  std::uint64_t offset;
};
inline std::string message_index(int channel_id, const std::vector<Entry>& entries) {
  std::string data;
  for (const Entry& e : entries) data += le(static_cast<std::uint64_t>(e.ns), 8) + le(e.offset, 8);
  return record(7, le(static_cast<std::uint64_t>(channel_id), 2) + text(data));
}
inline std::string chunk_index(std::uint64_t offset, std::uint64_t length, const std::vector<int>& channels) {
  std::string map;
  for (const int id : channels) map += le(static_cast<std::uint64_t>(id), 2) + le(offset + length, 8);
  return record(8, le(0, 8) + le(0, 8) + le(offset, 8) + le(length, 8) + text(map) + le(0, 8) + text("") + le(0, 8) + le(0, 8));
}
inline std::string statistics(std::uint64_t messages) {
  return record(11, le(messages, 8) + le(0, 2) + le(0, 4) + le(0, 4) + le(0, 4) + le(0, 4) + le(0, 8) + le(0, 8) + text(""));
}
inline std::string data_end() { return record(15, le(0, 4)); }
/// Footer and magic; the checksum is over `summary` and the footer's own beginning.
inline std::string footer(std::uint64_t summary_start, std::string_view summary, bool with_crc = false) {
  const std::string begin = le(2, 1) + le(20, 8) + le(summary_start, 8) + le(0, 8);
  return begin + le(with_crc ? crc32(std::string(summary) + begin) : 0, 4) + magic();
}

/// A whole small file: two topics, chunks of messages 10 ns apart, or no chunks.
struct SmallFile {
  int chunks = 2;
  int messages = 4;
  std::string compression = "zstd";  ///< of chunks: "", "lz4", "zstd"
  bool chunked = true;
  bool message_indexes = true;
  bool chunk_indexes = true;
  bool summary = true;
  bool repeat_channels = true;  ///< in the summary
  bool statistics = true;
  bool crcs = true;
  bool closed = true;      ///< false: ends behind the data
  std::int64_t shift = 0;  ///< of index offsets
};
std::string small_file(const SmallFile& options);
/// Compressed by the libraries themselves; "" gives the bytes.
std::string compress(std::string_view compression, std::string_view bytes);

}  // namespace bagloom::bag::raw_mcap
