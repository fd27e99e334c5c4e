// What opening finds: index sections, chunks' own indexes, connections, and their lies.
#include <gtest/gtest.h>

#include <algorithm>

#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

using raw::SmallBag;

const std::string kAll = "c0m0,c0m1,c0m2,c0m3,c1m0,c1m1,c1m2,c1m3";

std::unique_ptr<BagReader> open(std::string_view bytes, OpenOptions options = {}) {
  auto reader = raw::open(bytes, options);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return reader.ok() ? std::move(*reader) : nullptr;
}

class EachShape : public testing::TestWithParam<std::tuple<const char*, bool, bool, bool>> {};

TEST_P(EachShape, GivesAllMessages) {
  SmallBag shape;
  std::tie(shape.compression, shape.index_section, shape.chunk_indexes, shape.connections_in_each_chunk) =
      std::tuple<std::string, bool, bool, bool>(GetParam());
  const std::string bytes = raw::small_bag(shape);
  const auto reader = open(bytes);
  ASSERT_NE(reader, nullptr);
  const BagInfo& info = reader->info();
  EXPECT_EQ(raw::payloads(*reader), kAll);
  EXPECT_EQ(info.compression, shape.compression);
  EXPECT_EQ(info.chunks, 2u);
  EXPECT_EQ(info.bytes, bytes.size());
  EXPECT_EQ(info.format, "rosbag1");
  EXPECT_EQ(info.path, "made.bag");
  EXPECT_EQ(info.start, 1'000'000'000);
  EXPECT_EQ(info.end, 1'070'000'000);
  ASSERT_EQ(info.connections.size(), 2u);
  EXPECT_EQ(info.connections[0].topic, "/a");
  EXPECT_EQ(info.connections[0].id, 3u);
  EXPECT_EQ(info.connections[0].messages, 4u);
  EXPECT_EQ(info.connections[0].definition, "string data\n");
  EXPECT_EQ(info.connections[1].start, 1'010'000'000);
  EXPECT_EQ(info.connections[1].end, 1'070'000'000);
  EXPECT_FALSE(raw::any_loss(info)) << raw::damage_text(info);
}

INSTANTIATE_TEST_SUITE_P(Shapes, EachShape,
                         testing::Combine(testing::Values("none", "lz4", "bz2"), testing::Bool(), testing::Bool(),
                                          testing::Bool()));

TEST(Rosbag1Index, SaysHowMessagesWereFound) {
  SmallBag shape;
  EXPECT_EQ(open(raw::small_bag(shape))->info().index, IndexState::indexed);
  shape.index_section = false;
  EXPECT_EQ(open(raw::small_bag(shape))->info().index, IndexState::chunk_indexes);
  shape.chunk_indexes = false;
  EXPECT_EQ(open(raw::small_bag(shape))->info().index, IndexState::walked);
  EXPECT_EQ(raw::damage_text(open(raw::small_bag(shape))->info()), "");
}

TEST(Rosbag1Index, IndexPosPastTheEndOrInTheHeaderIsNotUsed) {
  SmallBag shape;
  shape.index_section = false;
  const std::string body = raw::small_bag(shape).substr(raw::file_header(0, 0, 0).size());
  for (const std::uint64_t index_pos : {std::uint64_t{5}, std::uint64_t{1'000'000}, ~std::uint64_t{0}}) {
    const auto reader = open(raw::file_header(index_pos, 2, 2) + body);
    EXPECT_EQ(raw::payloads(*reader), kAll);
    EXPECT_NE(raw::damage_text(reader->info()).find("the index section is not usable"), std::string::npos);
    EXPECT_FALSE(raw::any_loss(reader->info()));
  }
}

TEST(Rosbag1Index, IndexPosIntoGarbageIsNotUsed) {
  SmallBag shape;
  shape.index_section = false;
  const std::string header = raw::file_header(0, 0, 0);
  const std::string body = raw::small_bag(shape).substr(header.size());
  const auto reader = open(raw::file_header(header.size() + 100, 2, 2) + body);
  EXPECT_EQ(raw::payloads(*reader), kAll);
  EXPECT_EQ(reader->info().index, IndexState::chunk_indexes);
}

/// A bag of one uncompressed chunk with two messages of connection 1, whose index the test makes.
struct OneChunk {
  std::string inside = raw::connection(1, "/a");
  std::uint64_t first = inside.size();
  std::uint64_t second = 0;
  OneChunk() {
    inside += raw::message(1, 100, "one");
    second = inside.size();
    inside += raw::message(1, 200, "two");
  }
  std::string bag(const std::string& index, const char* compression = "none") const {
    return raw::file_header(0, 0, 0) + raw::chunk(compression, inside.size(), raw::compress(compression, inside)) + index +
           raw::connection(1, "/a");
  }
};

TEST(Rosbag1Index, OffsetsThatLeadNowhereAreWalkedOver) {
  const OneChunk chunk;
  for (const char* compression : {"none", "lz4", "bz2"}) {
    for (const auto& entries : {std::vector<raw::Entry>{{100, chunk.first + 49}, {200, chunk.second + 1}},
                                std::vector<raw::Entry>{{100, chunk.first}, {200, chunk.second + 10'000}},
                                std::vector<raw::Entry>{{100, 0}, {200, chunk.second}},               // a connection record
                                std::vector<raw::Entry>{{101, chunk.first}, {200, chunk.second}}}) {  // another time
      const auto reader = open(chunk.bag(raw::index(1, entries), compression));
      EXPECT_EQ(raw::payloads(*reader), "one,two") << compression;
      EXPECT_EQ(reader->info().index, IndexState::walked);
      EXPECT_NE(raw::damage_text(reader->info()).find("the chunk's index is wrong"), std::string::npos);
    }
  }
}

TEST(Rosbag1Index, AnIndexOfAnotherConnectionIsWalkedOver) {
  const OneChunk chunk;
  const auto reader = open(chunk.bag(raw::index(2, {{100, chunk.first}, {200, chunk.second}})));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  ASSERT_EQ(reader->info().connections.size(), 1u);
}

TEST(Rosbag1Index, UnknownVersionsAndImpossibleCountsAreWalkedOver) {
  const OneChunk chunk;
  const std::vector<raw::Entry> good{{100, chunk.first}, {200, chunk.second}};
  std::vector<raw::Entry> many;
  for (int i = 0; i < 1000; ++i) many.push_back({100, chunk.first});
  const std::string no_count = raw::record(raw::op(4) + raw::field("ver", raw::u32(1)) + raw::field("conn", raw::u32(1)), "");
  for (const std::string& index : {raw::index(1, good, 2), raw::index(1, many), no_count}) {
    const auto reader = open(chunk.bag(index));
    EXPECT_EQ(raw::payloads(*reader), "one,two");
    EXPECT_EQ(reader->info().index, IndexState::walked);
  }
}

TEST(Rosbag1Index, TheSamePlaceIsNeverVisitedTwice) {
  const OneChunk chunk;
  const auto reader = open(chunk.bag(raw::index(1, {{100, chunk.first}, {200, chunk.second}, {100, chunk.first}})));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("repeat a place"), std::string::npos);
}

TEST(Rosbag1Index, AWrongDataLengthOfAnOldToolIsNotUsed) {
  const OneChunk chunk;
  std::string index = raw::index(1, {{100, chunk.first}, {200, chunk.second}});
  const std::size_t length_at = index.size() - 24 - 4;
  index.replace(length_at, 4, raw::u32(2));  // bag-formats.md 1.6: 12 times count is what holds
  const auto reader = open(chunk.bag(index));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_EQ(reader->info().index, IndexState::chunk_indexes);
}

TEST(Rosbag1Index, FewerEntriesThanTheIndexSectionCountsAreWalkedOver) {
  const OneChunk chunk;
  const std::string header = raw::file_header(0, 0, 0);
  const std::string body = raw::chunk("none", chunk.inside.size(), chunk.inside) + raw::index(1, {{100, chunk.first}});
  const auto reader = open(raw::file_header(header.size() + body.size(), 1, 1) + body + raw::connection(1, "/a") +
                           raw::chunk_info(header.size(), {{1, 2}}));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("is not whole"), std::string::npos);
}

TEST(Rosbag1Index, AnIndexSectionThatCountsWrongIsOnlyOdd) {
  const OneChunk chunk;
  const std::string header = raw::file_header(0, 0, 0);
  const std::string body =
      raw::chunk("none", chunk.inside.size(), chunk.inside) + raw::index(1, {{100, chunk.first}, {200, chunk.second}});
  const auto reader = open(raw::file_header(header.size() + body.size(), 1, 1) + body + raw::connection(1, "/a") +
                           raw::chunk_info(header.size(), {{1, 77}}));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_FALSE(raw::any_loss(reader->info()));
  EXPECT_NE(raw::damage_text(reader->info()).find("counts 77 messages in this chunk, it has 2"), std::string::npos);
}

TEST(Rosbag1Index, AChunkThatTheIndexSectionDoesNotNameIsFound) {
  const std::string whole = raw::small_bag({});
  // Rename both chunk infos to one chunk: the second chunk is named by none.
  std::string bytes = whole;
  const std::size_t last = bytes.rfind("chunk_pos=") + 10;
  const std::size_t first = bytes.rfind("chunk_pos=", last - 11) + 10;
  bytes.replace(last, 8, bytes.substr(first, 8));
  EXPECT_EQ(raw::payloads(*open(bytes)), kAll);
}

TEST(Rosbag1Index, AChunkThatIsNotThereIsALoss) {
  const std::string header = raw::file_header(0, 0, 0);
  const auto reader = open(raw::file_header(header.size(), 1, 1) + raw::connection(1, "/a") + raw::chunk_info(50, {{1, 5}}));
  EXPECT_EQ(reader->info().messages, 0u);
  EXPECT_TRUE(raw::any_loss(reader->info()));
}

TEST(Rosbag1Index, ZeroBytesBetweenRecordsAreSkipped) {
  const OneChunk chunk;
  const std::string index = raw::index(1, {{100, chunk.first}, {200, chunk.second}});
  const std::string inner = raw::chunk("none", chunk.inside.size(), chunk.inside) + index;
  const auto reader = open(raw::file_header(0, 0, 0) + inner + std::string(77, '\0') + inner + std::string(5, '\0'));
  EXPECT_EQ(raw::payloads(*reader), "one,one,two,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("77 zero bytes between records"), std::string::npos);
  EXPECT_FALSE(raw::any_loss(reader->info()));
}

TEST(Rosbag1Index, UnknownRecordsAreSkipped) {
  const OneChunk chunk;
  const std::string odd = raw::record(raw::op(0x42) + raw::field("x", "y"), "something");
  OneChunk with_odd = chunk;
  with_odd.inside += odd + raw::message(1, 300, "three");
  const auto reader = open(raw::file_header(0, 0, 0) + odd + raw::chunk("none", with_odd.inside.size(), with_odd.inside) + odd);
  EXPECT_EQ(raw::payloads(*reader), "one,two,three");
}

TEST(Rosbag1Index, FieldsInAnyOrder) {
  const OneChunk chunk;
  const std::string record = raw::record(
      raw::field("size", raw::u32(chunk.inside.size())) + raw::field("compression", "none") + raw::op(5), chunk.inside);
  EXPECT_EQ(raw::payloads(*open(raw::file_header(0, 0, 0) + record)), "one,two");
}

TEST(Rosbag1Connections, OnlyBehindTheChunksOrOnlyInThem) {
  const std::string inside = raw::message(1, 100, "one");
  const std::string chunk = raw::chunk("none", inside.size(), inside) + raw::index(1, {{100, 0}});
  EXPECT_EQ(raw::payloads(*open(raw::file_header(0, 0, 0) + chunk + raw::connection(1, "/a"))), "one");
  for (const char* compression : {"none", "lz4", "bz2"}) {
    const OneChunk other;
    const std::string alone = raw::file_header(0, 0, 0) +
                              raw::chunk(compression, other.inside.size(), raw::compress(compression, other.inside)) +
                              raw::index(1, {{100, other.first}, {200, other.second}}) + raw::connection(8, "/else");
    const auto reader = open(alone);
    EXPECT_EQ(raw::payloads(*reader), "one,two");
    EXPECT_EQ(reader->info().index, IndexState::chunk_indexes);
  }
}

TEST(Rosbag1Connections, MessagesOfAnUnknownConnectionAreLeftOutAndSaid) {
  const std::string inside =
      raw::connection(1, "/a") + raw::message(1, 100, "one") + raw::message(6, 150, "who") + raw::message(1, 200, "two");
  const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk("none", inside.size(), inside));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("connection 6 is nowhere announced: its 1 messages are left out"),
            std::string::npos);
  EXPECT_TRUE(raw::any_loss(reader->info()));
}

TEST(Rosbag1Connections, TopicComesFromTheRecordHeader) {
  const std::string record = raw::record(raw::op(7) + raw::field("topic", "/remapped") + raw::field("conn", raw::u32(1)),
                                         raw::connection_data("/advertised"));
  const std::string absent =
      raw::record(raw::op(7) + raw::field("topic", "no_slash") + raw::field("conn", raw::u32(2)), raw::connection_data(""));
  const auto reader = open(raw::file_header(0, 0, 0) + record + absent);
  ASSERT_EQ(reader->info().connections.size(), 2u);
  EXPECT_EQ(reader->info().connections[0].topic, "/remapped");
  EXPECT_EQ(reader->info().connections[1].topic, "no_slash");
  EXPECT_EQ(reader->info().connections[1].type, "std_msgs/String");
  EXPECT_EQ(reader->info().connections[1].md5sum, "*");
  EXPECT_EQ(reader->info().connections[1].messages, 0u);
}

TEST(Rosbag1Connections, SeveralOnOneTopicStayApart) {
  const std::string inside =
      raw::connection(4, "/tf") + raw::connection(2, "/tf") + raw::message(4, 100, "one") + raw::message(2, 200, "two");
  const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk("none", inside.size(), inside));
  ASSERT_EQ(reader->info().connections.size(), 2u);
  EXPECT_EQ(reader->info().connections[0].id, 2u);
  EXPECT_EQ(reader->info().connections[1].id, 4u);
  EXPECT_EQ(raw::payloads(*reader), "one,two");
}

TEST(Rosbag1Connections, TheSpanDoesNotDependOnWhoIsLatched) {
  const std::string inside = raw::connection(1, "/static", raw::field("latching", "1")) +
                             raw::connection(2, "/b", raw::field("latching", "0")) + raw::message(1, 5, "old") +
                             raw::message(2, 1000, "x") + raw::message(2, 3000, "y") + raw::message(1, 9000, "late");
  const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk("none", inside.size(), inside));
  EXPECT_TRUE(reader->info().connections[0].latching);
  EXPECT_FALSE(reader->info().connections[1].latching);
  EXPECT_EQ(reader->info().start, 5);
  EXPECT_EQ(reader->info().end, 9000);
  EXPECT_EQ(reader->info().messages, 4u);
}

TEST(Rosbag1Connections, AnAnnouncementThatContradictsIsSaid) {
  const auto reader = open(raw::file_header(0, 0, 0) + raw::connection(1, "/a") + raw::connection(1, "/other"));
  ASSERT_EQ(reader->info().connections.size(), 1u);
  EXPECT_EQ(reader->info().connections[0].topic, "/a");
  EXPECT_NE(raw::damage_text(reader->info()).find("announced again as /other"), std::string::npos);
}

TEST(Rosbag1Index, MixedCompressionIsSaid) {
  const OneChunk chunk;
  const std::string index = raw::index(1, {{100, chunk.first}, {200, chunk.second}});
  const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk("none", chunk.inside.size(), chunk.inside) + index +
                           raw::chunk("bz2", chunk.inside.size(), raw::compress("bz2", chunk.inside)) + index);
  EXPECT_EQ(reader->info().compression, "mixed");
  EXPECT_EQ(reader->info().largest_chunk_bytes, chunk.inside.size());
  EXPECT_EQ(raw::payloads(*reader), "one,one,two,two");
}

TEST(Rosbag1Index, UnknownCompressionIsALossOfThatChunkOnly) {
  const OneChunk chunk;
  const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk("zstd", 500, "????????????") +
                           raw::chunk("none", chunk.inside.size(), chunk.inside));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("unknown compression 'zstd'"), std::string::npos);
}

TEST(Rosbag1Index, DeclaredSizesAreNotAllocated) {
  const OneChunk chunk;
  const std::string sound = raw::chunk("none", chunk.inside.size(), chunk.inside);
  for (const char* compression : {"lz4", "bz2"}) {
    const auto reader =
        open(raw::file_header(0, 0, 0) + raw::chunk(compression, 0xfffffff0u, raw::compress(compression, "tiny")) + sound);
    EXPECT_EQ(raw::payloads(*reader), "one,two");
    EXPECT_TRUE(raw::any_loss(reader->info()));
  }
  OpenOptions options;
  options.max_chunk_bytes = 100;
  const auto reader = open(
      raw::file_header(0, 0, 0) + raw::chunk("lz4", chunk.inside.size(), raw::compress("lz4", chunk.inside)) + sound, options);
  EXPECT_EQ(reader->info().messages, 2u);
  EXPECT_NE(raw::damage_text(reader->info()).find("more than is allowed"), std::string::npos);
}

TEST(Rosbag1Index, ManyOdditiesDoNotFillTheMemory) {
  std::string bytes = raw::file_header(0, 0, 0);
  for (int i = 0; i < 3000; ++i) bytes += raw::chunk("what", 5, "?");
  const auto reader = open(bytes);
  EXPECT_EQ(reader->info().damage.size(), 1001u);
  EXPECT_NE(reader->info().damage.back().what.find("and 2000 more"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::bag
