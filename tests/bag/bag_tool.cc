// For writer_independent_test.py: writes bags with the project's writer, and dumps what its reader reads.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bag/bag_reader.h"
#include "bag/rosbag1_writer.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text().c_str());
  return 1;
}

/// Deterministic payloads that do and do not compress: std_msgs/String of changing length.
std::string payload(std::uint32_t number, std::uint32_t connection) {
  const std::uint32_t length = connection == 0 ? 5 + number % 7 : (number * 7919) % 3000;
  std::string text;
  std::uint32_t state = number * 2654435761u + connection;
  for (std::uint32_t i = 0; i < length; ++i) {
    state = state * 1664525u + 1013904223u;
    text += number % 3 == 0 ? 'a' : static_cast<char>('a' + (state >> 24) % 26);
  }
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(length >> (8 * i));
  return out + text;
}

int write_bag(const std::string& path, const Rosbag1WriterOptions& options) {
  auto writer = Rosbag1Writer::create(path, options);
  if (!writer.ok()) return fail(writer.error());
  const std::string md5 = "992ce8a1687cec8c8bd883ec73ca41d1";
  const std::uint32_t ids[] = {(*writer)->add_connection("/short", "std_msgs/String", md5, "string data\n"),
                               (*writer)->add_connection("/long", "std_msgs/String", md5, "string data\n"),
                               (*writer)->add_connection("/latched", "std_msgs/String", md5, "string data\n", true)};
  (*writer)->add_connection("/silent", "std_msgs/String", md5, "string data\n");
  for (std::uint32_t i = 0; i < 500; ++i) {
    const std::uint32_t connection = i == 250 ? 2 : i % 2;
    // Every tenth message is a little older than the one before.
    const TimeNs time = 1'700'000'000'000'000'000 + TimeNs{i} * 10'000'001 - (i % 10 == 9 ? 15'000'000 : 0);
    const std::string bytes = payload(i, connection);
    auto written = (*writer)->write(ids[connection], time, as_bytes(bytes));
    if (!written.ok()) return fail(written.error());
  }
  auto finished = (*writer)->finish();
  return finished.ok() ? 0 : fail(finished.error());
}

int write_all(const std::string& folder) {
  const std::pair<const char*, Compression> compressions[] = {
      {"none", Compression::none}, {"lz4", Compression::lz4}, {"bz2", Compression::bz2}};
  for (const auto& [name, compression] : compressions) {
    for (int shape = 0; shape < 8; ++shape) {
      Rosbag1WriterOptions options;
      options.compression = compression;
      options.chunk_bytes = 40'000;
      options.connections_in_each_chunk = (shape & 1) != 0;
      options.chunk_indexes = (shape & 2) == 0;
      options.index_section = (shape & 4) == 0;
      const std::string path = folder + "/" + name + (shape & 1 ? "-repeated" : "") + (shape & 2 ? "-nochunkindex" : "") +
                               (shape & 4 ? "-unindexed" : "") + ".bag";
      if (write_bag(path, options) != 0) return 1;
    }
  }
  return 0;
}

/// Topic length, topic, time, payload length, payload, for each message.
int dump(const std::string& path) {
  auto reader = open_bag(path, {});
  if (!reader.ok()) return fail(reader.error());
  const auto put = [](std::uint64_t value) { std::fwrite(&value, 8, 1, stdout); };
  const ConnectionSet every((*reader)->info().connections.size(), true);
  auto status = (*reader)->scan(every, [&](const IndexedMessage& message) -> Status {
    ASSIGN_OR_RETURN(const Payload bytes, (*reader)->fetch(message.ref));
    const std::string& topic = (*reader)->info().connections[message.ref.connection].topic;
    put(topic.size());
    std::fwrite(topic.data(), 1, topic.size(), stdout);
    put(static_cast<std::uint64_t>(message.ref.time));
    put(bytes.bytes.size());
    std::fwrite(bytes.bytes.data(), 1, bytes.bytes.size(), stdout);
    return {};
  });
  return status.ok() ? 0 : fail(status.error());
}

/// What `bagloom info` and `scan` do, for measuring: open, and visit all messages.
int survey(const std::string& path) {
  auto reader = open_bag(path, {});
  if (!reader.ok()) return fail(reader.error());
  const BagInfo& info = (*reader)->info();
  std::printf("%llu messages in %llu chunks (%s, %s), largest chunk %llu\n", static_cast<unsigned long long>(info.messages),
              static_cast<unsigned long long>(info.chunks), info.compression.c_str(), std::string(name_of(info.index)).c_str(),
              static_cast<unsigned long long>(info.largest_chunk_bytes));
  for (const Connection& c : info.connections)
    std::printf("  %u %s %s %llu%s\n", c.id, c.topic.c_str(), c.type.c_str(), static_cast<unsigned long long>(c.messages),
                c.latching ? " latched" : "");
  for (const Damage& d : info.damage)
    std::printf("  damage %s: %s%s\n", hex(d.offset).c_str(), d.what.c_str(), d.loss ? " (loss)" : "");
  std::uint64_t visited = 0, late = 0;
  auto status = (*reader)->scan(ConnectionSet(info.connections.size(), true), [&](const IndexedMessage& m) -> Status {
    ++visited;
    late += m.out_of_order;
    return {};
  });
  if (!status.ok()) return fail(status.error());
  auto identity = (*reader)->identity();
  if (!identity.ok()) return fail(identity.error());
  std::printf("visited %llu, %llu out of order, identity %s\n", static_cast<unsigned long long>(visited),
              static_cast<unsigned long long>(late), identity->c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "write") == 0) return write_all(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "dump") == 0) return dump(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "survey") == 0) return survey(argv[2]);
  std::fprintf(stderr, "usage: bag_tool write FOLDER | dump BAG | survey BAG\n");
  return 2;
}
