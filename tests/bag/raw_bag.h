// Bags put together byte by byte, by code that shares nothing with the writer: also bags that no writer would make.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bag/bag_reader.h"
#include "base/source.h"

namespace bagloom::bag::raw {

inline std::string le(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
/// Bytes that hardly compress, the same for the same seed.
inline std::string noise(std::uint32_t seed, std::size_t bytes) {
  std::string out;
  for (std::uint32_t x = seed; out.size() < bytes;) out += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}
inline std::string u32(std::uint64_t value) { return le(value, 4); }
inline std::string time(std::int64_t ns) {
  return u32(static_cast<std::uint64_t>(ns / 1'000'000'000)) + u32(static_cast<std::uint64_t>(ns % 1'000'000'000));
}
inline std::string field(std::string_view name, std::string_view value) {
  return u32(name.size() + 1 + value.size()) + std::string(name) + "=" + std::string(value);
}
inline std::string op(int code) { return field("op", le(static_cast<std::uint64_t>(code), 1)); }
inline std::string record(std::string_view header, std::string_view data) {
  return u32(header.size()) + std::string(header) + u32(data.size()) + std::string(data);
}

inline std::string connection_data(std::string_view topic, std::string_view type = "std_msgs/String",
                                   std::string_view extra = {}) {
  return (topic.empty() ? std::string() : field("topic", topic)) + field("type", type) + field("md5sum", "*") +
         field("message_definition", "string data\n") + std::string(extra);
}
inline std::string connection(std::uint32_t id, std::string_view topic, std::string_view extra = {}) {
  return record(op(7) + field("conn", u32(id)) + field("topic", topic), connection_data(topic, "std_msgs/String", extra));
}
inline std::string message(std::uint32_t id, std::int64_t ns, std::string_view data) {
  return record(op(2) + field("conn", u32(id)) + field("time", time(ns)), data);
}
inline std::string chunk(std::string_view compression, std::uint64_t size, std::string_view stored) {
  return record(field("compression", compression) + op(5) + field("size", u32(size)), stored);
}
struct Entry {
  std::int64_t ns;
  std::uint64_t offset;
};
inline std::string index(std::uint32_t id, const std::vector<Entry>& entries, std::uint32_t version = 1) {
  std::string data;
  for (const Entry& e : entries) data += time(e.ns) + u32(e.offset);
  return record(op(4) + field("ver", u32(version)) + field("conn", u32(id)) + field("count", u32(entries.size())), data);
}
inline std::string chunk_info(std::uint64_t position, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& counts) {
  std::string data;
  for (const auto& [id, n] : counts) data += u32(id) + u32(n);
  return record(op(6) + field("ver", u32(1)) + field("chunk_pos", le(position, 8)) + field("start_time", time(0)) +
                    field("end_time", time(0)) + field("count", u32(counts.size())),
                data);
}
inline std::string file_header(std::uint64_t index_pos, std::uint32_t connections, std::uint32_t chunks, std::size_t padding = 20,
                               std::string_view extra = {}) {
  return "#ROSBAG V2.0\n" + record(op(3) + field("index_pos", le(index_pos, 8)) + field("conn_count", u32(connections)) +
                                       field("chunk_count", u32(chunks)) + std::string(extra),
                                   std::string(padding, ' '));
}

inline std::unique_ptr<Source> source_of(std::string_view bytes, std::string name = "made.bag") {
  const Bytes view = as_bytes(bytes);
  return std::make_unique<MemorySource>(std::move(name), std::vector<std::byte>(view.begin(), view.end()));
}
inline Result<std::unique_ptr<BagReader>> open(std::string_view bytes, OpenOptions options = {}) {
  return open_bag(source_of(bytes), options);
}

/// One message as a test sees it.
struct Seen {
  std::string topic;
  std::int64_t ns = 0;
  std::string data;
  bool out_of_order = false;
  std::uint64_t locator = 0;
  bool operator==(const Seen&) const = default;
};

/// Everything that scan and fetch give; fails the test with the error where there is one.
std::vector<Seen> read_all(BagReader& reader);
/// The payloads alone, in order, joined by commas.
std::string payloads(BagReader& reader);
/// All damage texts, one a line.
std::string damage_text(const BagInfo& info);
bool any_loss(const BagInfo& info);

/// A whole small bag with `chunks` chunks of `messages` messages each on two topics, in the given compression.
struct SmallBag {
  int chunks = 2;
  int messages = 4;
  std::string compression = "none";
  bool index_section = true;
  bool chunk_indexes = true;
  bool connections_in_each_chunk = false;
};
std::string small_bag(const SmallBag& options);
/// A chunk's bytes compressed by the libraries themselves.
std::string compress(std::string_view compression, std::string_view bytes);

}  // namespace bagloom::bag::raw
