// One rosbag2 database: schema versions, order, sizes, what a scan reads.
#include "bag/rosbag2_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <thread>

#include "bag/raw_bag.h"
#include "bag/raw_db3.h"
#include "bag/rosbag2_database_pool.h"
#include "bag/rosbag2_schema.h"

namespace bagloom::bag {
namespace {

using raw::cdr;
using raw::Db3;

std::unique_ptr<BagReader> open(std::string_view bytes, OpenOptions options = {}) {
  auto reader = raw::open(bytes, options);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return reader.ok() ? std::move(*reader) : nullptr;
}

TEST(Rosbag2Storage, AllSchemaVersions) {
  for (int version = 1; version <= 4; ++version) {
    SCOPED_TRACE(version);
    Db3 db(version);
    db.topic(7, "/a")
        .topic(2, "/b", "sensor_msgs/Imu")
        .message(7, 100, cdr("one"))
        .message(2, 50, cdr("two"))
        .message(7, 200, cdr("three"));
    const auto reader = open(db.bytes());
    ASSERT_NE(reader, nullptr);
    const BagInfo& info = reader->info();
    EXPECT_EQ(info.format, "rosbag2");
    EXPECT_EQ(info.compression, "none");
    EXPECT_EQ(info.messages, 3u);
    EXPECT_EQ(info.start, 50);
    EXPECT_EQ(info.end, 200);
    EXPECT_EQ(raw::damage_text(info), "");
    ASSERT_EQ(info.connections.size(), 2u);
    const Connection& a = info.connections[1];  // in the order of ids
    EXPECT_EQ(a.topic, "/a");
    EXPECT_EQ(a.id, 7u);
    EXPECT_EQ(a.type, "std_msgs/msg/String");
    EXPECT_EQ(a.encoding, "cdr");
    EXPECT_EQ(a.definition, "");
    EXPECT_EQ(a.messages, 2u);
    EXPECT_EQ(a.bytes, cdr("one").size() + cdr("three").size());
    EXPECT_EQ(info.connections[0].type, "sensor_msgs/Imu");
    EXPECT_EQ(raw::payloads(*reader), cdr("two") + "," + cdr("one") + "," + cdr("three"));
  }
}

TEST(Rosbag2Storage, DefinitionsGoByTypeAndHash) {
  Db3 db(4);
  db.topic(1, "/a", "p/msg/T", ", '', 'RIHS01_2'").topic(2, "/b", "p/msg/T", ", '', 'RIHS01_1'").topic(3, "/c", "p/msg/Other");
  db.topic(4, "/d/_service_event", "p/srv/Set_Event");
  db.run(
      "INSERT INTO message_definitions VALUES(1, 'p/msg/T', 'ros2msg', 'int8 a', 'RIHS01_1'), (2, 'p/msg/T', 'ros2idl', 'int8 "
      "b', 'RIHS01_2'), "
      "(3, 'p/msg/Other', '', '', ''), (4, 'p/srv/Set_Event', 'ros2msg', 'int8 a\n---\n', '')");
  const auto reader = open(db.bytes());
  const auto& c = reader->info().connections;
  ASSERT_EQ(c.size(), 4u);
  EXPECT_EQ(c[0].definition + c[0].definition_encoding, "int8 bros2idl");
  EXPECT_EQ(c[1].definition + c[1].definition_encoding, "int8 aros2msg");
  EXPECT_EQ(c[2].definition + c[2].definition_encoding, "");
  EXPECT_EQ(c[3].definition_encoding, "ros2srv");
}

TEST(Rosbag2Storage, TransientLocalIsLatching) {
  EXPECT_TRUE(is_latched("- history: 3\n  durability: 1\n  depth: 0"));
  EXPECT_TRUE(is_latched("- durability: transient_local\r\n- durability: \"transient_local\""));
  EXPECT_TRUE(is_latched("- {history: 1, durability: 1, depth: 3}"));
  EXPECT_FALSE(is_latched("- durability: 1\n- durability: 2"));
  EXPECT_FALSE(is_latched("- durability: volatile"));
  EXPECT_FALSE(is_latched("- durability:"));
  EXPECT_FALSE(is_latched(""));
  Db3 db(2);
  db.topic(1, "/tf_static", "tf2_msgs/msg/TFMessage", ", '- durability: 1'")
      .topic(2, "/tf", "tf2_msgs/msg/TFMessage", ", '- durability: 2'");
  const auto reader = open(db.bytes());
  EXPECT_TRUE(reader->info().connections[0].latching);
  EXPECT_FALSE(reader->info().connections[1].latching);
}

/// A database of topic /a (1) and /b (2) with these times, in this order; the data are the numbers.
std::string with_times(const std::vector<std::int64_t>& times, const std::string& pad = "") {
  Db3 db(3);
  db.topic(1, "/a").topic(2, "/b").run("BEGIN");
  for (std::size_t i = 0; i < times.size(); ++i)
    db.message(1 + static_cast<std::int64_t>(i % 2), times[i], std::to_string(i) + pad);
  db.run("COMMIT");
  return db.bytes();
}

/// In the order of (time, row), with the flags that the rows' own order gives.
void expect_sorted(BagReader& reader, const std::vector<std::int64_t>& times) {
  const auto seen = raw::read_all(reader);
  ASSERT_EQ(seen.size(), times.size());
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return times[a] < times[b]; });
  std::vector<bool> late(times.size());
  std::int64_t latest[2] = {INT64_MIN, INT64_MIN};
  for (std::size_t i = 0; i < times.size(); ++i) {
    late[i] = times[i] < latest[i % 2];
    latest[i % 2] = std::max(latest[i % 2], times[i]);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i].data.substr(0, std::to_string(order[i]).size()), std::to_string(order[i])) << i;
    ASSERT_EQ(seen[i].ns, times[order[i]]);
    ASSERT_EQ(seen[i].locator, order[i] + 1);
    ASSERT_EQ(seen[i].out_of_order, late[order[i]]) << i;
  }
}

TEST(Rosbag2Scan, OrderIsTimeThenRow) {
  const std::vector<std::int64_t> times{50, 50, 10, 60, 10, 55, 5};
  expect_sorted(*open(with_times(times)), times);
}

TEST(Rosbag2Scan, ManyRunsInEveryOrder) {
  std::mt19937 random(3);
  std::vector<std::int64_t> near(20'000), jump(20'000), back(20'000), any(20'000);
  for (std::size_t i = 0; i < near.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    near[i] = n * 10 + static_cast<std::int64_t>(random() % 200);  // as a recorder with several threads writes
    jump[i] = n < 10'000 ? n : n - 9'000;                          // a clock that was set back
    back[i] = -n;
    any[i] = static_cast<std::int64_t>(random() % 1'000'000);
  }
  for (const auto& times : {near, jump, back, any}) expect_sorted(*open(with_times(times)), times);
}

TEST(Rosbag2Scan, OnlyTheChosenConnections) {
  const auto reader = open(with_times({1, 2, 3, 4, 5}));
  std::string order;
  ASSERT_TRUE(reader
                  ->scan({false, true},
                         [&](const IndexedMessage& m) -> Status {
                           EXPECT_EQ(m.ref.connection, 1u);
                           order += std::to_string(m.ref.time);
                           return {};
                         })
                  .ok());
  EXPECT_EQ(order, "24");
}

TEST(Rosbag2Scan, AnErrorOfTheVisitorPassesAsItIs) {
  const auto reader = open(with_times({1, 2, 3}));
  const auto status =
      reader->scan({true, true}, [](const IndexedMessage&) -> Status { return Error(ErrorKind::stopped, "enough"); });
  EXPECT_EQ(status.error().text(), "enough");
}

TEST(Rosbag2Scan, ReadsNoPageBehindLongMessages) {
  // 200 messages of 200 kB: 40 MB of pages, of which one a message holds its beginning.
  std::vector<std::int64_t> times(200);
  std::iota(times.begin(), times.end(), 0);
  const std::string bytes = with_times(times, std::string(200'000, 'x'));
  raw::ReadCount count;
  auto reader = open_rosbag2_storage(raw::counting(raw::source_of(bytes), count), nullptr, {});
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  const std::uint64_t opening = count.bytes;
  EXPECT_LT(opening, 220 * 4096u);  // leaf pages hold one message each here, and some pages lead to them
  // The kernel reads nothing ahead of its own: it is told which pages come, and these are all read.
  EXPECT_EQ(count.calls_in_order, 0u);
  EXPECT_GE(count.announced.size(), 200u);
  EXPECT_TRUE(std::includes(count.read.begin(), count.read.end(), count.announced.begin(), count.announced.end()));
  ASSERT_TRUE((*reader)
                  ->scan({true, true},
                         [](const IndexedMessage& m) -> Status {
                           EXPECT_GE(m.bytes, 200'000u);
                           return {};
                         })
                  .ok());
  EXPECT_LT(count.bytes - opening, 220 * 4096u);
  EXPECT_EQ((*reader)->info().largest_chunk_bytes, 200'003u);
}

TEST(Rosbag2Storage, FetchFromManyThreads) {
  std::vector<std::int64_t> times(500);
  std::iota(times.begin(), times.end(), 0);
  const auto reader = open(with_times(times, std::string(9000, 'p')));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 12; ++t)
    threads.emplace_back([&, t] {
      for (std::int64_t i = 0; i < 500; ++i) {
        const std::int64_t n = (i * 7 + t * 31) % 500;
        const auto payload = reader->fetch({n, static_cast<std::uint64_t>(n + 1), static_cast<std::uint32_t>(n % 2), 0});
        wrong += !payload || !as_text(payload->bytes).starts_with(std::to_string(n) + "p") || payload->bytes.size() < 9001;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Rosbag2Storage, IdentityTellsRecordingsApart) {
  const std::string bytes = with_times({1, 2, 3});
  const auto id = [](const std::string& b) { return *open(b)->identity(); };
  EXPECT_EQ(id(bytes), id(bytes));
  EXPECT_NE(id(bytes), id(with_times({1, 2, 4})));
}

TEST(Rosbag2Storage, MemoryBoundsTheTopics) {
  Db3 db(4);
  db.topic(1, "/a", "p/msg/T");
  db.run("INSERT INTO message_definitions VALUES(1, 'p/msg/T', 'ros2msg', printf('%.*c', 2000000, 'x'), '')");
  OpenOptions options;
  options.memory_bytes = 1'000'000;
  const auto reader = raw::open(db.bytes(), options);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().kind(), ErrorKind::over_limit);
  EXPECT_GT(reader.error().smallest_limit_bytes(), 2'000'000u);
}

TEST(Rosbag2Storage, AConnectionTakesWhatItSays) {
  for (const int page : {4096, 65536}) {
    Db3 db(0);
    db.run("PRAGMA page_size = " + std::to_string(page));
    db.run(
        "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT);"
        "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB); BEGIN");
    db.topic(1, "/a");
    for (int i = 0; i < 3000; ++i) db.message(1, i, std::string(static_cast<std::size_t>(i * 7 % 9000), 'm'));
    db.run("COMMIT");
    const std::string bytes = db.bytes();
    const auto before = static_cast<std::uint64_t>(sqlite3_memory_used());
    const auto reader = open(bytes);
    raw::read_all(*reader);  // one connection scans, another one fetches
    const auto used = static_cast<std::uint64_t>(sqlite3_memory_used()) - before;
    EXPECT_LT(used, 2 * Database::bytes(static_cast<std::uint64_t>(page))) << page;
    EXPECT_GT(used, Database::bytes(static_cast<std::uint64_t>(page))) << page;  // not far from what is said
    EXPECT_GE(reader->info().index_bytes, DatabasePool::kMost * Database::bytes(static_cast<std::uint64_t>(page)));
  }
}

TEST(Rosbag2Storage, EachMessageCompressed) {
  const std::string large = cdr(std::string(300'000, 'a'));
  Db3 db(3);
  db.topic(1, "/a").topic(2, "/b");
  db.message(1, 10, raw::zstd_frame(cdr("first")))
      .message(1, 20, raw::zstd_frame(large))
      .message(2, 30, raw::zstd_frame(cdr("no size"), false));
  db.message(1, 40, cdr("plain"));
  const auto reader = open(db.bytes());
  const BagInfo& info = reader->info();
  EXPECT_EQ(info.compression, "zstd");
  EXPECT_FALSE(inflates_chunks(info));
  EXPECT_EQ(info.connections[0].bytes, cdr("first").size() + large.size() + cdr("plain").size());
  EXPECT_GT(info.largest_chunk_bytes, large.size());
  EXPECT_EQ(raw::payloads(*reader), cdr("first") + "," + large + "," + cdr("no size") + "," + cdr("plain"));
}

TEST(Rosbag2Storage, BrokenAndLyingFramesAreErrorsOfTheirMessage) {
  std::string broken = raw::zstd_frame(cdr(std::string(5000, 'b') + "end"));
  broken.resize(broken.size() - 3);
  std::string lying = raw::zstd_frame(cdr(std::string(70'000, 'c')));
  ASSERT_EQ(static_cast<unsigned char>(lying[4]) >> 6, 2u);  // four bytes of content size, behind the descriptor
  for (int i = 5; i < 9; ++i) lying[static_cast<std::size_t>(i)] = '\xfe';
  Db3 db(3);
  db.topic(1, "/a").message(1, 10, broken).message(1, 20, lying).message(1, 30, cdr("good"));
  OpenOptions options;
  options.max_chunk_bytes = 64 << 20;
  const auto reader = open(db.bytes(), options);
  int good = 0;
  ASSERT_TRUE(reader
                  ->scan({true},
                         [&](const IndexedMessage& m) -> Status {
                           EXPECT_LT(m.bytes, 1u << 20);  // the lie is not believed
                           const auto payload = reader->fetch(m.ref);
                           good += payload.ok();
                           if (!payload) {
                             EXPECT_EQ(payload.error().kind(), ErrorKind::corrupt);
                             EXPECT_NE(payload.error().text().find("made.bag: message "), std::string::npos)
                                 << payload.error().text();
                             EXPECT_NE(payload.error().text().find("/a at +0."), std::string::npos) << payload.error().text();
                           }
                           return {};
                         })
                  .ok());
  EXPECT_EQ(good, 1);
}

}  // namespace
}  // namespace bagloom::bag
