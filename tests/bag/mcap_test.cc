// MCAP files of every shape, sound ones and damaged ones.
#include <gtest/gtest.h>

#include <algorithm>

#include "bag/raw_mcap.h"

namespace bagloom::bag {
namespace {

using namespace raw_mcap;
using raw::any_loss;
using raw::damage_text;
using raw::payloads;

std::unique_ptr<BagReader> open(std::string_view bytes, OpenOptions options = {}) {
  auto reader = open_bag(raw::source_of(bytes, "made.mcap"), options);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return reader.ok() ? std::move(*reader) : nullptr;
}
std::string refused(std::string_view bytes) {
  auto reader = open_bag(raw::source_of(bytes, "made.mcap"), {});
  EXPECT_FALSE(reader.ok());
  if (reader.ok()) return "";
  EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
  return reader.error().text();
}

constexpr const char* kAll = "0,1,2,3,4,5,6,7";

class McapShapes : public testing::TestWithParam<const char*> {};

TEST_P(McapShapes, GiveTheSameMessages) {
  for (int shape = 0; shape < 64; ++shape) {
    SmallFile file;
    file.compression = GetParam();
    file.message_indexes = (shape & 1) == 0;
    file.chunk_indexes = (shape & 2) == 0;
    file.repeat_channels = (shape & 4) == 0;
    file.statistics = (shape & 8) == 0;
    file.crcs = (shape & 16) == 0;
    file.closed = (shape & 32) == 0;
    SCOPED_TRACE(shape);
    const auto reader = open(small_file(file));
    ASSERT_NE(reader, nullptr);
    const BagInfo& info = reader->info();
    EXPECT_EQ(info.format, "mcap");
    EXPECT_EQ(info.compression, *GetParam() == '\0' ? "none" : GetParam());
    EXPECT_EQ(info.chunks, 2u);
    EXPECT_EQ(info.messages, 8u);
    EXPECT_EQ(info.start, 0);
    EXPECT_EQ(info.end, 70);
    EXPECT_EQ(payloads(*reader), kAll);
    EXPECT_EQ(any_loss(info), !file.closed) << damage_text(info);  // what the recorder did not come to write
    EXPECT_EQ(info.damage.empty(), file.closed) << damage_text(info);
    ASSERT_EQ(info.connections.size(), 2u);
    EXPECT_EQ(info.connections[0].topic, "/a");
    EXPECT_EQ(info.connections[1].topic, "/b");
    EXPECT_EQ(info.connections[1].id, 5u);
    EXPECT_EQ(info.connections[1].type, "std_msgs/msg/String");
    EXPECT_EQ(info.connections[1].definition, "string data\n");
    EXPECT_EQ(info.connections[1].definition_encoding, "ros2msg");
    EXPECT_EQ(info.connections[1].encoding, "cdr");
    EXPECT_EQ(info.connections[1].messages, 4u);
    EXPECT_TRUE(reader->identity().ok());
  }
}
INSTANTIATE_TEST_SUITE_P(Compressions, McapShapes, testing::Values("", "lz4", "zstd"),
                         [](const auto& shape) { return std::string(*shape.param == '\0' ? "none" : shape.param); });

TEST(Mcap, IndexStateSaysHowTheMessagesWereFound) {
  SmallFile file;
  EXPECT_EQ(open(small_file(file))->info().index, IndexState::indexed);
  file.chunk_indexes = false;
  EXPECT_EQ(open(small_file(file))->info().index, IndexState::chunk_indexes);
  file.message_indexes = false;
  EXPECT_EQ(open(small_file(file))->info().index, IndexState::walked);
}

TEST(Mcap, MessagesOutsideOfChunks) {
  SmallFile file;
  file.chunked = false;
  const auto reader = open(small_file(file));
  EXPECT_EQ(payloads(*reader), kAll);
  EXPECT_EQ(reader->info().chunks, 0u);
  EXPECT_EQ(reader->info().compression, "none");
  EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
}

TEST(Mcap, MixedChunksAndMessagesInAnyOrderOfTime) {
  const std::string inside = schema(1) + channel(1, "/a") + message(1, 30, "c0") + message(1, 10, "c1");
  const std::string second = message(1, 25, "d0");
  const auto reader =
      open(header() + chunk("zstd", inside.size(), 0, compress("zstd", inside)) + message(1, 20, "m") + record(0x81, "private") +
           record(9, "attachment") + chunk("lz4", second.size(), 0, compress("lz4", second)) + message(1, 5, "late") +
           data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "late,c1,m,d0,c0");
  EXPECT_EQ(reader->info().compression, "mixed");
  EXPECT_EQ(reader->info().chunks, 2u);
  EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
}

TEST(Mcap, ALongFileWithoutChunksIsTakenInRuns) {
  std::string file = header() + schema(1) + channel(1, "/a");
  const std::string large(600'000, 'x');
  for (int i = 0; i < 6; ++i) file += message(1, 100 - i, large);
  const auto reader = open(file + data_end() + footer(0, ""));
  EXPECT_EQ(reader->info().messages, 6u);
  EXPECT_LT(reader->info().largest_chunk_bytes, 2u << 20);
  EXPECT_EQ(raw::read_all(*reader).size(), 6u);
}

TEST(Mcap, RecordsMayHaveMoreBytesThanAreKnown) {
  const std::string inside =
      record(3, schema(1).substr(9) + "new fields") + record(4, channel(1, "/a").substr(9) + "more") + message(1, 7, "x");
  std::string index = message_index(1, {{7, inside.size() - message(1, 7, "x").size()}});
  const auto reader = open(header() + record(6, chunk("", inside.size(), 0, inside).substr(9) + "tail") +
                           record(7, index.substr(9) + "tail") + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_EQ(reader->info().index, IndexState::chunk_indexes);
  EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
}

TEST(Mcap, SeveralZstdFramesAndBytesBehindThem) {
  const std::string a = schema(1) + channel(1, "/a") + message(1, 1, "one"), b = message(1, 2, "two");
  const std::string stored = compress("zstd", a) + compress("zstd", b) + "behind";
  const auto reader = open(header() + chunk("zstd", a.size() + b.size(), crc32(a + b), stored) + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "one,two");
  EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
}

TEST(Mcap, ChannelsOfOneTopicAreConnectionsOfTheirOwn) {
  const auto reader = open(header() + schema(1) + schema(2, "other/Type", "ros1msg", "int8 x\n") + channel(9, "/t", 1) +
                           channel(2, "/t", 2, "ros1") + channel(3, "/json", 0, "json") + message(9, 1, "a") +
                           message(2, 2, "b") + data_end() + footer(0, ""));
  const auto& connections = reader->info().connections;
  ASSERT_EQ(connections.size(), 3u);  // by number
  EXPECT_EQ(connections[0].type, "other/Type");
  EXPECT_EQ(connections[0].encoding, "ros1");
  EXPECT_EQ(connections[0].definition_encoding, "ros1msg");
  EXPECT_EQ(connections[1].type + connections[1].definition + connections[1].definition_encoding, "");
  EXPECT_EQ(connections[1].encoding, "json");
  EXPECT_EQ(connections[2].topic, "/t");
  EXPECT_EQ(connections[2].messages, 1u);
}

TEST(Mcap, LatchingStandsInTheMetadata) {
  const auto latching = [](const Metadata& metadata) {
    return open(header() + schema(1) + channel(1, "/a", 1, "cdr", metadata) + data_end() + footer(0, ""))
        ->info()
        .connections[0]
        .latching;
  };
  EXPECT_FALSE(latching({}));
  EXPECT_TRUE(latching({{"callerid", "/x"}, {"latching", "true"}}));
  EXPECT_TRUE(latching({{"latching", "1"}}));
  EXPECT_FALSE(latching({{"latching", "false"}}));
  EXPECT_TRUE(latching({{"offered_qos_profiles", "- history: 1\n  durability: 1\n  deadline:\n    sec: 0\n"}}));
  EXPECT_TRUE(latching({{"offered_qos_profiles", "- durability: 2\n- durability: transient_local\n"}}));
  EXPECT_FALSE(latching({{"offered_qos_profiles", "- history: 1\n  durability: 2\n"}}));
}

TEST(Mcap, ASchemaThatIsMissingIsSaid) {
  const auto reader = open(header() + channel(1, "/a", 4) + message(1, 1, "x") + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_EQ(reader->info().connections[0].definition, "");
  EXPECT_NE(damage_text(reader->info()).find("names schema 4"), std::string::npos);
}

TEST(Mcap, MessagesOfAnUnknownChannelAreLoss) {
  const auto reader =
      open(header() + schema(1) + channel(1, "/a") + message(1, 1, "x") + message(7, 2, "y") + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_TRUE(any_loss(reader->info()));
}

TEST(Mcap, ChannelsWithoutMessagesAreListed) {
  const std::string summary = schema(1) + channel(1, "/a") + channel(2, "/b");
  const std::string data = header() + data_end();
  const auto reader = open(data + summary + footer(data.size(), summary, true));
  EXPECT_EQ(reader->info().connections.size(), 2u);
  EXPECT_EQ(reader->info().messages, 0u);
  EXPECT_EQ(reader->info().index, IndexState::indexed);
  EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
}

// rosbag2's compression mode MESSAGE: nothing in the file says it.
TEST(Mcap, MessagesThatAreZstdFramesAreInflated) {
  const std::string cdr = std::string("\0\1\0\0", 4) + std::string(5000, 'a');
  const std::string frame = compress("zstd", cdr);
  for (const char* compression : {"", "zstd", "no chunk"}) {
    const std::string inside = schema(1) + channel(1, "/a") + channel(2, "/json", 1, "json") + message(1, 1, frame) +
                               message(2, 2, frame) + message(1, 3, cdr);
    const bool chunked = std::string(compression) != "no chunk";
    const auto reader = open(header() + (chunked ? chunk(compression, inside.size(), 0, compress(compression, inside)) : inside) +
                             data_end() + footer(0, ""));
    const auto seen = raw::read_all(*reader);  // checks that scan's bounds hold
    ASSERT_EQ(seen.size(), 3u);
    EXPECT_EQ(seen[0].data, cdr);
    EXPECT_EQ(seen[1].data, frame);
    EXPECT_EQ(seen[2].data, cdr);
    EXPECT_EQ(reader->info().compression, "zstd");
    EXPECT_EQ(reader->info().by_message, std::string(compression) != "zstd");
  }
}

TEST(Mcap, AMessageFrameThatLiesIsAnErrorOfFetch) {
  std::string frame = compress("zstd", std::string(5000, 'a'));
  frame[5] = static_cast<char>(frame[5] ^ 0x40);  // the content size
  const auto reader = open(header() + schema(1) + channel(1, "/a") + message(1, 1, frame) + data_end() + footer(0, ""));
  int failed = 0;
  EXPECT_TRUE(reader
                  ->scan({true},
                         [&](const IndexedMessage& m) -> Status {
                           auto payload = reader->fetch(m.ref);
                           failed += payload.ok() ? 0 : 1;
                           EXPECT_TRUE(payload.ok() || payload.error().kind() == ErrorKind::corrupt);
                           return {};
                         })
                  .ok());
  EXPECT_EQ(failed, 1);
}

// ---- damage

TEST(McapDamage, EveryCutKeepsWhatStandsBefore) {
  for (const char* compression : {"", "zstd", "none of it"}) {
    SmallFile options;
    options.chunked = std::string(compression) != "none of it";
    options.compression = options.chunked ? compression : "";
    const std::string whole = small_file(options);
    std::uint64_t most = 0;
    for (std::size_t cut = header().size(); cut < whole.size(); ++cut) {
      const auto reader = open(std::string_view(whole).substr(0, cut));
      ASSERT_NE(reader, nullptr);
      const std::uint64_t messages = reader->info().messages;
      // A cut inside a compressed chunk may give fewer than a cut behind the messages' bytes; never more than there are.
      EXPECT_LE(messages, 8u) << cut;
      EXPECT_GE(messages + (options.compression.empty() ? 0 : 4), most) << cut;
      most = std::max(most, messages);
      const std::string all = payloads(*reader);
      EXPECT_TRUE(std::string(kAll).starts_with(all)) << cut << ": " << all;
      EXPECT_FALSE(reader->info().damage.empty()) << cut;
    }
    EXPECT_EQ(most, 8u);
  }
}

// All that a file has may be one chunk: what is whole of its compressed stream is read, up to the block that was cut.
TEST(McapDamage, ACutChunkGivesTheWholeBlocksOfItsStream) {
  constexpr std::size_t kMessages = 2000;
  constexpr std::size_t kMessageBytes = 1000;
  std::string data = schema(1) + channel(1, "/a");
  std::string all;  // as payloads gives it
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const std::string bytes = raw::noise(i + 1, kMessageBytes);  // a place in the stream is about the same one in the data
    data += message(1, i, bytes);
    all += (all.empty() ? "" : ",") + bytes;
  }
  for (const char* compression : {"lz4", "zstd"}) {
    const std::string file = header() + chunk(compression, data.size(), crc32(data), compress(compression, data));
    for (const std::size_t tenths : {3, 6, 9}) {
      SCOPED_TRACE(std::string(compression) + " " + std::to_string(tenths));
      const auto reader = open(std::string_view(file).substr(0, file.size() * tenths / 10));
      ASSERT_NE(reader, nullptr);
      const std::uint64_t before = kMessages * tenths / 10;
      EXPECT_LE(reader->info().messages, before);
      EXPECT_GE(reader->info().messages, before - 300) << "blocks of 128 and 256 KiB";
      EXPECT_TRUE(any_loss(reader->info()));
      EXPECT_TRUE(payloads(*reader) == all.substr(0, reader->info().messages * (kMessageBytes + 1) - 1));
    }
  }
}

TEST(McapDamage, AMessageCutByTheEndIsLoss) {
  const std::string file = header() + schema(1) + channel(1, "/a") + message(1, 1, "x") + message(1, 2, "long enough");
  const auto reader = open(std::string_view(file).substr(0, file.size() - 3));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_TRUE(any_loss(reader->info()));
  EXPECT_NE(damage_text(reader->info()).find("is cut"), std::string::npos);
}

TEST(McapDamage, AFlippedByteIsNeverSilent) {
  for (const char* compression : {"", "zstd", "lz4"}) {
    SmallFile options;
    options.compression = compression;
    const std::string whole = small_file(options);
    const std::size_t begin = whole.find("\x06", header().size() - 1) + 9 + 40;
    for (std::size_t at = begin; at < begin + 60; ++at) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      const auto reader = open(flipped);
      ASSERT_NE(reader, nullptr);
      bool failed = any_loss(reader->info());
      std::string all;
      auto status = reader->scan(ConnectionSet(reader->info().connections.size(), true), [&](const IndexedMessage& m) -> Status {
        auto payload = reader->fetch(m.ref);
        failed |= !payload.ok();
        if (payload.ok()) all += std::string(as_text(payload->bytes));
        return {};
      });
      EXPECT_TRUE(status.ok());
      EXPECT_TRUE(failed || all == "01234567") << compression << " " << at << ": " << all;
    }
  }
}

TEST(McapDamage, AWrongChunkChecksumIsAnErrorOfFetch) {
  const std::string inside = schema(1) + channel(1, "/a") + message(1, 1, "x");
  for (const char* compression : {"", "zstd"}) {
    for (const bool indexed : {true, false}) {
      std::string file = header() + chunk(compression, inside.size(), crc32(inside) ^ 1, compress(compression, inside));
      if (indexed) file += message_index(1, {{1, inside.size() - message(1, 1, "x").size()}});
      const std::string summary = schema(1) + channel(1, "/a");
      file += data_end();
      const auto reader = open(file + summary + footer(file.size(), summary));
      if (!indexed && *compression != '\0') {  // inflated at opening
        EXPECT_EQ(reader->info().messages, 0u);
        EXPECT_TRUE(any_loss(reader->info()));
        EXPECT_NE(damage_text(reader->info()).find("checksum"), std::string::npos);
        continue;
      }
      ASSERT_EQ(reader->info().messages, 1u);
      std::string error;
      MessageRef ref;
      EXPECT_TRUE(reader
                      ->scan({true},
                             [&](const IndexedMessage& m) -> Status {
                               ref = m.ref;
                               auto payload = reader->fetch(m.ref);
                               if (!payload.ok()) error = payload.error().text();
                               return {};
                             })
                      .ok());
      EXPECT_NE(error.find("checksum"), std::string::npos) << error;
      EXPECT_EQ(reader->file_offset(ref), header().size());  // the chunk: all of it is lost
    }
  }
}

TEST(McapDamage, AWrongSummaryChecksumMeansNoSummary) {
  SmallFile options;
  std::string file = small_file(options);
  file[file.size() - 9] = static_cast<char>(file[file.size() - 9] ^ 1);
  const auto reader = open(file);
  EXPECT_EQ(payloads(*reader), kAll);
  EXPECT_EQ(reader->info().index, IndexState::chunk_indexes);
  EXPECT_NE(damage_text(reader->info()).find("the summary is not usable (its checksum"), std::string::npos);
  EXPECT_FALSE(any_loss(reader->info()));
}

TEST(McapDamage, IndexOffsetsThatPointElsewhereAreWalkedOver) {
  for (const char* compression : {"", "zstd"}) {
    for (const std::int64_t shift : {1, 3, 5000, -1}) {
      SmallFile options;
      options.compression = compression;
      options.shift = shift;
      const auto reader = open(small_file(options));
      EXPECT_EQ(payloads(*reader), kAll) << shift;
      EXPECT_NE(damage_text(reader->info()).find("index is wrong"), std::string::npos);
    }
  }
}

TEST(Mcap, TimesThatGoBackAreNoReasonToInflate) {
  const std::string inside = message(1, 9, "x") + message(1, 3, "y");
  const std::string stored = "no frame: who inflates it fails";
  for (const std::uint64_t first : {0, 3}) {
    const std::uint64_t last = first == 0 ? 0 : 9;
    const auto reader = open(header() + schema(1) + channel(1, "/a") + chunk("zstd", inside.size(), 0, stored, first, last) +
                             message_index(1, {{9, 0}, {3, inside.size() / 2}}) + data_end() + footer(0, ""));
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->info().messages, 2u);
    EXPECT_TRUE(reader->info().damage.empty()) << damage_text(reader->info());
  }
}

TEST(McapDamage, TimesOutsideOfTheChunksOwnAreWalkedOver) {
  const std::string inside = message(1, 1000, "x") + message(1, 2000, "y");
  for (const char* compression : {"", "zstd"}) {
    for (const std::int64_t wrong : {999, 3001, 2000 + (1 << 20)}) {
      const auto reader = open(header() + schema(1) + channel(1, "/a") +
                               chunk(compression, inside.size(), 0, compress(compression, inside), 1000, 2000) +
                               message_index(1, {{wrong, 0}, {2000, inside.size() / 2}}) + data_end() + footer(0, ""));
      std::vector<TimeNs> times;
      EXPECT_TRUE(reader
                      ->scan({true},
                             [&](const IndexedMessage& m) -> Status {
                               times.push_back(m.ref.time);
                               return {};
                             })
                      .ok());
      EXPECT_EQ(times, (std::vector<TimeNs>{1000, 2000})) << wrong;
      EXPECT_NE(damage_text(reader->info()).find("the chunk's index is wrong"), std::string::npos) << damage_text(reader->info());
    }
  }
}

TEST(McapDamage, AnIndexThatLacksAChannelIsWalkedOver) {
  const std::string inside = schema(1) + channel(1, "/a") + channel(2, "/b") + message(1, 1, "x") + message(2, 2, "y");
  std::string file = header();
  const std::uint64_t offset = file.size();
  file += chunk("", inside.size(), 0, inside);
  const std::uint64_t length = file.size() - offset;
  file += message_index(1, {{1, inside.find(message(1, 1, "x"))}}) + data_end();
  const std::string summary = chunk_index(offset, length, {1, 2});
  const auto reader = open(file + summary + footer(file.size(), summary));
  EXPECT_EQ(payloads(*reader), "x,y");
}

TEST(McapDamage, GoesOnAtTheNextChunkThatTheSummaryNames) {
  SmallFile options;
  options.chunks = 3;
  std::string file = small_file(options);
  std::size_t second = header().size();
  for (int found = 0;;
       second += 9 + static_cast<unsigned char>(file[second + 1]) + 256 * static_cast<unsigned char>(file[second + 2]))
    if (file[second] == 6 && ++found == 2) break;
  // A length that lies: the chunk's own is still there. No opcode: nothing says how long it is.
  std::string lying = file;
  lying.replace(second + 1, 8, std::string(8, '\x7f'));
  auto reader = open(lying);
  EXPECT_TRUE(any_loss(reader->info())) << damage_text(reader->info());
  EXPECT_EQ(payloads(*reader), "0,1,2,3,4,5,6,7,8,9,10,11");
  file[second] = 0;
  reader = open(file);
  EXPECT_NE(damage_text(reader->info()).find("unreadable up to the next chunk"), std::string::npos);
  EXPECT_TRUE(any_loss(reader->info())) << damage_text(reader->info());
  EXPECT_EQ(payloads(*reader), "0,1,2,3,8,9,10,11");
}

TEST(McapDamage, StatisticsThatLieAreSaid) {
  const std::string data = header() + schema(1) + channel(1, "/a") + message(1, 1, "x") + data_end();
  for (const std::uint64_t count : {0, 5}) {
    const std::string summary = statistics(count);
    const auto reader = open(data + summary + footer(data.size(), summary));
    EXPECT_EQ(payloads(*reader), "x");
    EXPECT_NE(damage_text(reader->info()).find("the statistics count " + std::to_string(count)), std::string::npos);
    EXPECT_EQ(any_loss(reader->info()), count > 1);
  }
}

TEST(McapDamage, ASummaryThatPointsIntoTheDataIsNotOne) {
  const std::string data = header() + schema(1) + channel(1, "/a") + message(1, 1, "x") + data_end();
  for (const std::uint64_t start : {std::uint64_t{header().size()}, std::uint64_t{3}, std::uint64_t{1} << 60, data.size() - 5}) {
    const auto reader = open(data + footer(start, ""));
    EXPECT_EQ(payloads(*reader), "x") << start;
    EXPECT_NE(damage_text(reader->info()).find("the summary is not usable"), std::string::npos) << start;
  }
}

TEST(McapHostile, LengthsThatLie) {
  const std::string begin = header() + schema(1) + channel(1, "/a") + message(1, 1, "x");
  const std::string big = le(~std::uint64_t{0}, 8), almost = le(~std::uint64_t{0} - 8, 8);
  for (const std::string& length : {big, almost, le(std::uint64_t{1} << 63, 8)}) {
    for (int op = 1; op < 16; ++op) {
      const auto reader = open(begin + le(static_cast<std::uint64_t>(op), 1) + length + "some bytes behind it");
      ASSERT_NE(reader, nullptr);
      EXPECT_EQ(payloads(*reader), "x") << op;
    }
  }
}

TEST(McapHostile, BombsAreNotInflated) {
  const std::string inside = schema(1) + channel(1, "/a") + message(1, 1, "x");
  // Declares far more than can come out, more than comes out, and less.
  for (const std::uint64_t size : {std::uint64_t{1} << 62, std::uint64_t{1} << 33, inside.size() + 1, inside.size() - 1}) {
    const auto reader =
        open(header() + chunk("zstd", size, 0, compress("zstd", inside)) + message(1, 2, "behind") + data_end() + footer(0, ""));
    EXPECT_TRUE(any_loss(reader->info())) << size;
    EXPECT_EQ(reader->info().messages, 0u) << size;  // the channel is lost with the chunk
  }
  const std::string zeros(50 << 20, '\0');
  OpenOptions options;
  options.max_chunk_bytes = 1 << 20;
  const auto reader =
      open(header() + chunk("zstd", zeros.size(), 0, compress("zstd", zeros)) + data_end() + footer(0, ""), options);
  EXPECT_NE(damage_text(reader->info()).find("more than is allowed"), std::string::npos);
}

TEST(McapHostile, AChunkInAChunkIsLeftOut) {
  const std::string inner = message(1, 2, "inner");
  const std::string inside = schema(1) + channel(1, "/a") + chunk("", inner.size(), 0, inner) + message(1, 1, "x");
  const auto reader = open(header() + chunk("", inside.size(), 0, inside) + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_TRUE(any_loss(reader->info()));
}

TEST(McapHostile, EmptyRecordsOfEveryKind) {
  std::string file = header();
  for (int op = 3; op < 15; ++op) file += record(op, "");
  const auto reader = open(file + schema(1) + channel(1, "/a") + message(1, 1, "x") + data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
}

TEST(McapHostile, AUnknownCompressionIsNamed) {
  const auto reader = open(header() + chunk("brotli", 5, 0, "bytes") + schema(1) + channel(1, "/a") + message(1, 1, "x") +
                           data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_NE(damage_text(reader->info()).find("unknown compression 'brotli'"), std::string::npos);
}

TEST(McapHostile, TimesBeyondOursAreLeftOut) {
  const auto reader = open(header() + schema(1) + channel(1, "/a") + message(1, -5, "never") + message(1, INT64_MAX, "x") +
                           data_end() + footer(0, ""));
  EXPECT_EQ(payloads(*reader), "x");
  EXPECT_TRUE(any_loss(reader->info()));
}

TEST(McapHostile, WhatIsNoRecordingIsNamed) {
  EXPECT_NE(refused(magic().substr(0, 5)).find("cut within its first bytes"), std::string::npos);
  EXPECT_NE(refused(magic()).find("cut within its header"), std::string::npos);
  EXPECT_NE(refused(header().substr(0, header().size() - 1)).find("cut within its header"), std::string::npos);
  EXPECT_NE(refused(magic() + message(1, 1, "x")).find("not its header"), std::string::npos);
  EXPECT_NE(refused(std::string("\x89MCAP0\n", 7) + "rest").find("line-ending"), std::string::npos);
}

TEST(McapScan, FewEntriesAreHeldWhereAllChunksOverlap) {
  // 150 chunks of 4,000 messages, all from 0 to the end: more entries than a scan holds.
  constexpr int kChunks = 150, kMessages = 4000;
  std::string file = header() + schema(1) + channel(1, "/a");
  for (int c = 0; c < kChunks; ++c) {
    std::string inside;
    std::vector<Entry> entries;
    for (int m = 0; m < kMessages; ++m) {
      entries.push_back({std::int64_t{m} * kChunks + c, inside.size()});
      inside += message(1, entries.back().ns, "");
    }
    file += chunk("", inside.size(), 0, inside) + message_index(1, entries);
  }
  const auto reader = open(file + data_end() + footer(0, ""));
  EXPECT_EQ(reader->info().messages, std::uint64_t{kChunks} * kMessages);
  EXPECT_LT(reader->info().index_bytes, std::uint64_t{kChunks} * kMessages * 24);
  std::int64_t next = 0;
  EXPECT_TRUE(reader
                  ->scan({true},
                         [&](const IndexedMessage& m) -> Status {
                           if (m.ref.time != next++) return Error(ErrorKind::internal, "out of order at " + std::to_string(next));
                           return {};
                         })
                  .ok());
  EXPECT_EQ(next, std::int64_t{kChunks} * kMessages);
}

}  // namespace
}  // namespace bagloom::bag
