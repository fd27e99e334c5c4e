// The order and the sizes that scan gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

std::unique_ptr<BagReader> open(std::string_view bytes, OpenOptions options = {}) {
  auto reader = raw::open(bytes, options);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return reader.ok() ? std::move(*reader) : nullptr;
}

/// Chunks of messages of connection 1, each a list of times; with index records, so that they are not walked.
std::string bag_of(const std::vector<std::vector<std::int64_t>>& chunks) {
  std::string bytes = raw::file_header(0, 0, 0) + raw::connection(1, "/a");
  int number = 0;
  for (const auto& times : chunks) {
    std::string inside;
    std::vector<raw::Entry> entries;
    for (const std::int64_t ns : times) {
      entries.push_back({ns, inside.size()});
      inside += raw::message(1, ns, std::to_string(number++));
    }
    bytes += raw::chunk("none", inside.size(), inside) + raw::index(1, entries);
  }
  return bytes + raw::connection(1, "/a");
}

TEST(Scan, MergesChunksThatOverlapAndStandInAnyOrder) {
  EXPECT_EQ(raw::payloads(*open(bag_of({{50, 60, 70}, {10, 55, 90}, {20, 21}, {65}}))), "3,6,7,0,4,1,8,2,5");
}

TEST(Scan, EqualTimesGoByPlace) { EXPECT_EQ(raw::payloads(*open(bag_of({{5, 5, 5}, {5, 5}, {5}}))), "0,1,2,3,4,5"); }

TEST(Scan, ManyRandomChunksAreSorted) {
  std::mt19937 random(7);
  std::vector<std::vector<std::int64_t>> chunks(60);
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    for (int i = 0; i < 20; ++i) chunks[c].push_back(static_cast<std::int64_t>(c * 100 + random() % 400));
  }
  const auto seen = raw::read_all(*open(bag_of(chunks)));
  ASSERT_EQ(seen.size(), 1200u);
  // What the flags must be, from the messages in file order.
  std::vector<raw::Seen> by_place = seen;
  std::sort(by_place.begin(), by_place.end(), [](const auto& a, const auto& b) { return a.locator < b.locator; });
  std::int64_t latest = -1;
  for (const raw::Seen& message : by_place) {
    EXPECT_EQ(message.out_of_order, message.ns < latest) << message.data;
    latest = std::max(latest, message.ns);
  }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(),
                             [](const auto& a, const auto& b) { return a.ns != b.ns ? a.ns < b.ns : a.locator < b.locator; }));
}

TEST(Scan, OutOfOrderIsPerConnection) {
  const std::string inside = raw::connection(1, "/a") + raw::connection(2, "/b") + raw::message(1, 100, "x") +
                             raw::message(2, 50, "y") + raw::message(1, 90, "z");
  const auto seen = raw::read_all(*open(raw::file_header(0, 0, 0) + raw::chunk("none", inside.size(), inside)));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_FALSE(seen[0].out_of_order);  // y
  EXPECT_TRUE(seen[1].out_of_order);   // z
  EXPECT_FALSE(seen[2].out_of_order);
}

TEST(Scan, GivesOnlyTheChosenConnectionsAndTheirRecording) {
  OpenOptions options;
  options.recording = 42;
  const auto reader = open(raw::small_bag({}), options);
  std::vector<std::uint32_t> seen;
  auto status = reader->scan({false, true}, [&](const IndexedMessage& m) -> Status {
    seen.push_back(m.ref.connection);
    EXPECT_EQ(m.ref.recording, 42u);
    return {};
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seen, std::vector<std::uint32_t>(4, 1));
  EXPECT_TRUE(
      reader->scan({}, [](const IndexedMessage&) -> Status { return Error(ErrorKind::internal, "nothing was chosen"); }).ok());
}

TEST(Scan, AnErrorOfTheVisitorEndsItAndPassesUnchanged) {
  const auto reader = open(raw::small_bag({}));
  int visits = 0;
  auto status = reader->scan({true, true}, [&](const IndexedMessage&) -> Status {
    if (++visits == 3) return Error(ErrorKind::stopped, "enough");
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().text(), "enough");
  EXPECT_EQ(visits, 3);
}

TEST(Scan, MayBeDoneAgain) {
  const auto reader = open(bag_of({{50, 60, 70}, {10, 55, 90}}));
  const auto first = raw::read_all(*reader);
  EXPECT_EQ(raw::read_all(*reader), first);
}

TEST(Scan, SizesAreUpperBoundsAndSumUp) {
  const auto reader = open(raw::small_bag({}));
  std::uint64_t bytes = 0;
  ASSERT_TRUE(reader
                  ->scan({true, true},
                         [&](const IndexedMessage& m) -> Status {
                           EXPECT_EQ(m.bytes, 46u + 4u);  // the smallest record and four bytes of payload
                           bytes += m.bytes;
                           return {};
                         })
                  .ok());
  EXPECT_EQ(reader->info().connections[0].bytes + reader->info().connections[1].bytes, bytes);
}

TEST(Identity, DiffersWithContentAndNotWithTime) {
  const std::string bytes = raw::small_bag({});
  auto one = open(bytes)->identity();
  auto again = open(bytes)->identity();
  ASSERT_TRUE(one.ok() && again.ok());
  EXPECT_EQ(*one, *again);
  EXPECT_EQ(one->size(), 32u);
  EXPECT_NE(*one, *open(bytes.substr(0, bytes.size() - 1))->identity());
  EXPECT_NE(*one, *open(raw::small_bag({2, 4, "none", true, true, true}))->identity());
  EXPECT_NE(*open(bag_of({{50, 60}}))->identity(), *open(bag_of({{50, 61}}))->identity());
}

}  // namespace
}  // namespace bagloom::bag
