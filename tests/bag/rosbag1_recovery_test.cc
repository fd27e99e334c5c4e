// Bags that were cut, never closed, or damaged in the middle: everything that is whole comes back.
#include <gtest/gtest.h>

#include <algorithm>

#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

using raw::SmallBag;

std::unique_ptr<BagReader> open(std::string_view bytes) {
  auto reader = raw::open(bytes);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return reader.ok() ? std::move(*reader) : nullptr;
}

class EachCompression : public testing::TestWithParam<const char*> {};

TEST_P(EachCompression, TruncatedAnywhereGivesEverMoreMessages) {
  for (const bool index_section : {true, false}) {
    for (const bool chunk_indexes : {true, false}) {
      const std::string bytes = raw::small_bag({3, 4, GetParam(), index_section, chunk_indexes, false});
      const std::vector<raw::Seen> all = raw::read_all(*open(bytes));
      ASSERT_EQ(all.size(), 12u);
      std::size_t before = 0;
      for (std::size_t n = raw::file_header(0, 0, 0).size(); n <= bytes.size(); ++n) {
        SCOPED_TRACE(n);
        const auto reader = open(std::string_view(bytes).substr(0, n));
        ASSERT_NE(reader, nullptr);
        const std::vector<raw::Seen> seen = raw::read_all(*reader);
        ASSERT_GE(seen.size(), before);
        ASSERT_LE(seen.size(), all.size());
        ASSERT_TRUE(std::equal(seen.begin(), seen.end(), all.begin()));
        before = seen.size();
      }
      EXPECT_EQ(before, all.size());
    }
  }
}

TEST_P(EachCompression, AnOpenChunkComesBack) {
  const std::string inside = raw::connection(1, "/a") + raw::message(1, 100, "one") + raw::message(1, 200, "two");
  const std::string closed = raw::chunk(GetParam(), inside.size(), raw::compress(GetParam(), inside));
  const std::string more = raw::message(1, 300, "three") + raw::message(1, 400, "four");
  const std::string bytes = raw::file_header(0, 0, 0) + closed + raw::chunk(GetParam(), 0, "") + raw::compress(GetParam(), more);
  const auto reader = open(bytes);
  EXPECT_EQ(raw::payloads(*reader), "one,two,three,four");
  EXPECT_EQ(reader->info().index, IndexState::walked);
  EXPECT_NE(raw::damage_text(reader->info()).find("a chunk that was never closed: 2 messages recovered"), std::string::npos)
      << raw::damage_text(reader->info());
}

TEST_P(EachCompression, AnEmptyChunkIsNoOpenChunk) {
  const std::string inside = raw::connection(1, "/a") + raw::message(1, 100, "one");
  const std::string bytes = raw::file_header(0, 0, 0) + raw::chunk(GetParam(), 0, "") +
                            raw::chunk(GetParam(), inside.size(), raw::compress(GetParam(), inside)) +
                            raw::chunk(GetParam(), 0, "");
  EXPECT_EQ(raw::payloads(*open(bytes)), "one");
}

TEST_P(EachCompression, DamageInTheMiddleCostsOnlyItsChunk) {
  for (const bool index_section : {true, false}) {
    for (const bool chunk_indexes : {true, false}) {
      std::string bytes = raw::small_bag({3, 4, GetParam(), index_section, chunk_indexes, true});
      const std::size_t first = bytes.find("compression=");
      const std::size_t second = bytes.find("compression=", first + 1);
      bytes.replace(second - 8, 20, 20, '\xee');  // the second chunk's header
      const auto reader = open(bytes);
      const std::vector<raw::Seen> seen = raw::read_all(*reader);
      ASSERT_EQ(seen.size(), 8u) << raw::damage_text(reader->info());
      EXPECT_EQ(seen[3].data, "c0m3");
      EXPECT_EQ(seen[4].data, "c2m0");
      EXPECT_TRUE(raw::any_loss(reader->info()));
      EXPECT_NE(raw::damage_text(reader->info()).find("unreadable up to the next chunk at 0x"), std::string::npos);
    }
  }
}

TEST_P(EachCompression, AChunkWhoseLengthIsTooLargeDoesNotSwallowTheNextOne) {
  std::string bytes = raw::small_bag({3, 4, GetParam(), true, true, true});
  const std::size_t first = bytes.find("size=");
  const std::size_t length_at = first + 5 + 4;
  const std::uint32_t length =
      static_cast<unsigned char>(bytes[length_at]) + 256u * static_cast<unsigned char>(bytes[length_at + 1]);
  bytes.replace(length_at, 4, raw::u32(length + 700));
  const auto reader = open(bytes);
  const std::string got = raw::payloads(*reader);
  EXPECT_TRUE(got.ends_with("c1m0,c1m1,c1m2,c1m3,c2m0,c2m1,c2m2,c2m3")) << got;
  EXPECT_NE(raw::damage_text(reader->info()).find("chunk cut by the next one"), std::string::npos)
      << raw::damage_text(reader->info());
}

INSTANTIATE_TEST_SUITE_P(Compressions, EachCompression, testing::Values("none", "lz4", "bz2"),
                         [](const auto& name) { return std::string(name.param); });

TEST(Recovery, SaysHowManyMessagesCameBackFromACutChunk) {
  const std::string inside =
      raw::connection(1, "/a") + raw::message(1, 100, "one") + raw::message(1, 200, "two") + raw::message(1, 300, "three");
  const std::string bytes = raw::file_header(0, 0, 0) + raw::chunk("none", inside.size(), inside);
  const auto reader = open(std::string_view(bytes).substr(0, bytes.size() - 3));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  ASSERT_EQ(reader->info().damage.size(), 1u);
  EXPECT_EQ(reader->info().damage[0].what, "chunk cut by the end of the file: 2 messages recovered");
  EXPECT_EQ(reader->info().damage[0].offset, raw::file_header(0, 0, 0).size());
  EXPECT_TRUE(reader->info().damage[0].loss);
}

TEST(Recovery, MessagesWithoutAnyChunkAreTaken) {
  const auto reader =
      open(raw::file_header(0, 0, 0) + raw::connection(1, "/a") + raw::message(1, 100, "one") + raw::message(1, 200, "two"));
  EXPECT_EQ(raw::payloads(*reader), "one,two");
  EXPECT_NE(raw::damage_text(reader->info()).find("messages outside of any chunk: 2 messages recovered"), std::string::npos);
}

TEST(Recovery, ADamagedChunkWithoutIndexIsLostAlone) {
  for (const char* compression : {"lz4", "bz2"}) {
    const std::string inside = raw::connection(1, "/a") + raw::message(1, 100, "one");
    std::string damaged = raw::compress(compression, inside);
    damaged[damaged.size() - 2] = static_cast<char>(damaged[damaged.size() - 2] ^ 1);
    const auto reader = open(raw::file_header(0, 0, 0) + raw::chunk(compression, inside.size(), damaged) +
                             raw::chunk(compression, inside.size(), raw::compress(compression, inside)));
    EXPECT_EQ(raw::payloads(*reader), "one");
    EXPECT_NE(raw::damage_text(reader->info()).find("the chunk's messages are lost"), std::string::npos);
  }
}

TEST(Recovery, ARecordThatPointsOutOfItsChunkEndsTheWalkThere) {
  const std::string inside = raw::connection(1, "/a") + raw::message(1, 100, "one");
  std::string bad = raw::message(1, 200, "two");
  bad.replace(bad.size() - 7, 4, raw::u32(0x7fffffff));
  const auto reader =
      open(raw::file_header(0, 0, 0) + raw::chunk("none", inside.size() + bad.size(), inside + bad) + raw::connection(2, "/b"));
  EXPECT_EQ(raw::payloads(*reader), "one");
  EXPECT_NE(raw::damage_text(reader->info()).find("the chunk is damaged: the record at"), std::string::npos);
  EXPECT_EQ(reader->info().connections.size(), 2u);
}

TEST(Faults, AReadErrorAnywhereIsAnIoErrorAndNeverACrash) {
  for (const char* compression : {"none", "lz4", "bz2"}) {
    for (const bool indexed : {true, false}) {
      const std::string bytes = raw::small_bag({2, 4, compression, indexed, indexed, false});
      int opened = 0;
      for (std::size_t at = 0; at < bytes.size(); at += 7) {
        auto reader = open_bag(std::make_unique<FaultySource>(raw::source_of(bytes), at), {});
        if (!reader.ok()) {
          EXPECT_EQ(reader.error().kind(), ErrorKind::io) << reader.error().text();
          EXPECT_TRUE(reader.error().text().starts_with("made.bag: read at 0x")) << reader.error().text();
          continue;
        }
        ++opened;
      }
      EXPECT_EQ(opened, 0);  // opening reads to the end of a bag this small
    }
  }
}

}  // namespace
}  // namespace bagloom::bag
