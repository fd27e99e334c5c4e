// Databases that are foreign, damaged, cut, or left by a recorder that died.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "bag/raw_bag.h"
#include "bag/raw_db3.h"
#include "bag/rosbag2_storage.h"

namespace bagloom::bag {
namespace {

using raw::cdr;
using raw::Db3;

std::string refusal(std::string_view bytes) {
  const auto reader = raw::open(bytes);
  if (reader.ok()) return "opened";
  EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
  EXPECT_EQ(reader.error().text().find('\n'), std::string::npos);
  return reader.error().text();
}

TEST(Rosbag2Foreign, SaysWhatIsMissing) {
  EXPECT_EQ(refusal(Db3(0).run("CREATE TABLE people(name TEXT)").bytes()),
            "made.bag: an SQLite database, but no rosbag2 recording: it has no table \"topics\"");
  EXPECT_EQ(refusal(Db3(0).run("CREATE TABLE topics(id, name, type, serialization_format)").bytes()),
            "made.bag: an SQLite database, but no rosbag2 recording: it has no table \"messages\"");
  EXPECT_EQ(refusal(Db3(1).run("ALTER TABLE messages RENAME COLUMN data TO payload").bytes()),
            "made.bag: an SQLite database, but no rosbag2 recording: its table \"messages\" has no column \"data\"");
  EXPECT_EQ(refusal(Db3(3).run("UPDATE schema SET schema_version = 9").bytes()),
            "made.bag: a rosbag2 database of schema version 9; 1 to 4 are known; convert it with `ros2 bag convert`");
}

TEST(Rosbag2Foreign, WhatIsComputedIsNoTable) {
  EXPECT_EQ(
      refusal(
          Db3(1)
              .run("DROP TABLE messages; CREATE VIEW messages AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                   "SELECT i AS id, 1 AS topic_id, i AS timestamp, zeroblob(1000) AS data FROM n")
              .bytes()),
      "made.bag: an SQLite database, but no rosbag2 recording: it has no table \"messages\"");
  EXPECT_EQ(
      refusal(Db3(1)
                  .run("DROP TABLE messages; CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, "
                       "data BLOB AS (zeroblob(900000000)))")
                  .bytes()),
      "made.bag: an SQLite database, but no rosbag2 recording: its table \"messages\" has no column \"data\"");
}

TEST(Rosbag2Foreign, WithoutRowidIsAnError) {
  EXPECT_NE(
      refusal(Db3(1)
                  .run("DROP TABLE messages; CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, "
                       "data BLOB) WITHOUT ROWID")
                  .bytes())
          .find("SQLite: no such column: rowid"),
      std::string::npos);
}

TEST(Rosbag2Damage, RowsThatAreNoMessagesAreLeftOut) {
  Db3 db(3);
  db.topic(1, "/a").message(1, 10, cdr("good")).message(5, 11, cdr("of no topic")).message(5, 12, cdr("of no topic"));
  db.run("INSERT INTO messages(topic_id, timestamp, data) VALUES(1, 'noon', x'00'), (1, 14, 'text'), ('x', 15, x'00')");
  db.run("INSERT INTO messages(id, topic_id, timestamp, data) VALUES(-4, 1, 16, x'00')").message(1, 17, cdr("also"));
  auto reader = raw::open(db.bytes());
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_EQ(raw::payloads(**reader), cdr("good") + "," + cdr("also"));
  const std::string damage = raw::damage_text((*reader)->info());
  EXPECT_NE(damage.find("2 messages of a topic that the file does not name (number 5): left out"), std::string::npos) << damage;
  EXPECT_NE(damage.find("1 message without a time"), std::string::npos) << damage;
  EXPECT_NE(damage.find("1 message whose data are no bytes"), std::string::npos) << damage;
  EXPECT_NE(damage.find("1 message with a negative number"), std::string::npos) << damage;
  EXPECT_TRUE(raw::any_loss((*reader)->info()));
}

/// 400 messages of 1 kB on one topic: three a page.
std::string many() {
  Db3 db(3);
  db.topic(1, "/a").run("BEGIN");
  for (int i = 1; i <= 400; ++i) db.message(1, i * 10, cdr(std::to_string(i) + std::string(1000, '.')));
  return db.run("COMMIT").bytes();
}

std::uint64_t count_read(BagReader& reader) { return raw::read_all(reader).size(); }

TEST(Rosbag2Damage, ACutFileGivesWhatIsBeforeTheCut) {
  const std::string whole = many();
  std::uint64_t before = 0;
  for (const double part : {0.3, 0.6, 0.9}) {
    SCOPED_TRACE(part);
    auto reader = raw::open(whole.substr(0, static_cast<std::size_t>(static_cast<double>(whole.size()) * part)));
    ASSERT_TRUE(reader.ok()) << reader.error().text();
    const BagInfo& info = (*reader)->info();
    EXPECT_NE(raw::damage_text(info).find("the file is cut: it declares " + std::to_string(whole.size())), std::string::npos);
    EXPECT_GT(info.messages, 400 * part - 60);
    EXPECT_LT(info.messages, 400u);
    EXPECT_GT(info.messages, before);
    before = info.messages;
    EXPECT_EQ(count_read(**reader), info.messages);
  }
}

TEST(Rosbag2Damage, BrokenPagesCostTheirOwnMessagesOnly) {
  std::string bytes = many();
  const std::size_t page = bytes.size() / 2 / 4096 * 4096;
  std::memset(&bytes[page], 0xff, 4096);
  auto reader = raw::open(bytes);
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_GE((*reader)->info().messages, 390u);
  EXPECT_LT((*reader)->info().messages, 400u);
  EXPECT_TRUE(raw::any_loss((*reader)->info()));
  EXPECT_NE(raw::damage_text((*reader)->info()).find("reading goes on with message"), std::string::npos);
  const auto seen = raw::read_all(**reader);
  EXPECT_TRUE(seen.front().data.starts_with(cdr("1.")));
  EXPECT_TRUE(seen.back().data.starts_with(cdr("400.")));
}

// Before it reads the first of a row's pages SQLite makes a list of all that the row declares: here 4 GB in pages of 512 bytes.
TEST(Rosbag2Damage, ARowThatDeclaresGigabytes) {
  std::ifstream in(BAGLOOM_SOURCE_DIR "/fuzz/crashers/rosbag2/row-of-gigabytes.db3", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  ASSERT_FALSE(bytes.empty());
  sqlite3_memory_highwater(1);
  auto reader = raw::open(bytes);
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_EQ((*reader)->info().messages, 38u);
  EXPECT_LE(sqlite3_memory_highwater(0), 1 << 20);
}

TEST(Rosbag2Damage, ARowThatDeclaresMoreThanTheFileCostsItselfOnly) {
  Db3 db(3);
  db.topic(1, "/a");
  for (int i = 1; i <= 20; ++i) db.message(1, i * 10, cdr(std::to_string(i) + std::string(20'000, '.')));
  const std::string whole = db.bytes();
  for (const int number : {1, 10, 20}) {
    SCOPED_TRACE(number);
    std::string bytes = whole;
    // The row's length in three bytes, its number in one, then its header's length and fields, and the message.
    const std::size_t data = bytes.find(cdr(std::to_string(number) + "...."));
    ASSERT_NE(data, std::string::npos);
    const std::size_t cell = bytes.rfind(std::string("\x81\x9c", 2), data);
    ASSERT_LT(data - cell, 20u);
    ASSERT_EQ(bytes[cell + 3], static_cast<char>(number));
    bytes.replace(cell, 3, "\xff\xff\x7f");
    auto reader = raw::open(bytes);
    ASSERT_TRUE(reader.ok()) << reader.error().text();
    EXPECT_EQ((*reader)->info().messages, 19u);
    EXPECT_TRUE(raw::any_loss((*reader)->info()));
    EXPECT_EQ(count_read(**reader), 19u);
  }
}

TEST(Rosbag2Damage, EveryPageInTurn) {
  const std::string whole = many();
  for (std::size_t page = 0; page < whole.size(); page += 4096) {
    SCOPED_TRACE(page / 4096);
    std::string bytes = whole;
    for (std::size_t i = page + (page == 0 ? 100 : 0); i < page + 4096; i += 3) bytes[i] = static_cast<char>(bytes[i] ^ (i * 37));
    auto reader = raw::open(bytes);
    if (!reader.ok()) {
      EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
      continue;
    }
    std::uint64_t visited = 0;
    ASSERT_TRUE((*reader)
                    ->scan(ConnectionSet((*reader)->info().connections.size(), true),
                           [&](const IndexedMessage& m) -> Status {
                             const auto payload = (*reader)->fetch(m.ref);
                             visited += payload.ok() || payload.error().kind() == ErrorKind::corrupt;
                             return {};
                           })
                    .ok());
    EXPECT_EQ(visited, (*reader)->info().messages);
  }
}

TEST(Rosbag2Damage, PagesInCirclesEnd) {
  // Every child pointer of the messages' root leads to the first leaf: its rows come again and again.
  Db3 db(3);
  db.topic(1, "/a").run("BEGIN");
  for (int i = 1; i <= 400; ++i) db.message(1, i * 10, cdr(std::to_string(i) + std::string(1000, '.')));
  db.run("COMMIT");
  std::string bytes = db.bytes();
  const std::size_t root = (std::stoull(db.string_of("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'")) - 1) * 4096;
  ASSERT_EQ(bytes[root], '\x05');
  const auto u16 = [&](std::size_t at) {
    return static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]);
  };
  const std::size_t cells = static_cast<std::size_t>(u16(root + 3));
  ASSERT_GT(cells, 10u);
  const std::string first = bytes.substr(root + static_cast<std::size_t>(u16(root + 12)), 4);
  for (std::size_t i = 0; i < cells; ++i) bytes.replace(root + static_cast<std::size_t>(u16(root + 12 + 2 * i)), 4, first);
  auto reader = raw::open(bytes);
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_LT((*reader)->info().messages, 10u);
  EXPECT_TRUE(raw::any_loss((*reader)->info()));
  EXPECT_EQ(count_read(**reader), (*reader)->info().messages);
}

TEST(Rosbag2Damage, AFailingDiskIsAnIoError) {
  const std::string bytes = many();
  for (const std::uint64_t at : {std::uint64_t{50}, std::uint64_t{5000}, bytes.size() / 2}) {
    auto reader = open_rosbag2_storage(std::make_unique<FaultySource>(raw::source_of(bytes), at), nullptr, {});
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().kind(), ErrorKind::io) << reader.error().text();
    EXPECT_NE(reader.error().text().find("injected failure"), std::string::npos) << reader.error().text();
  }
}

class DeadRecorder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("dead_recorder_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(DeadRecorder, MessagesThatStandOnlyInTheLogAreRead) {
  const std::string path = (folder_ / "a.db3").string(), copy = (folder_ / "b.db3").string();
  {
    Db3 db(3, path);
    db.topic(1, "/a").message(1, 5, cdr("merged"));
    db.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
    for (int i = 1; i <= 50; ++i) db.message(1, i * 10, cdr(std::to_string(i) + std::string(3000, '.')));
    // As they lie when the recorder dies; without the index of the log, which SQLite makes anew.
    std::filesystem::copy_file(path, copy);
    std::filesystem::copy_file(path + "-wal", copy + "-wal");
  }
  const auto listing = [&] {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      text += entry.path().filename().string() + " " + std::to_string(entry.file_size()) + "\n";
    return text;
  };
  const std::string before = listing();
  {
    auto reader = open_bag(copy, {});
    ASSERT_TRUE(reader.ok()) << reader.error().text();
    EXPECT_EQ((*reader)->info().messages, 51u);
    const auto seen = raw::read_all(**reader);
    EXPECT_EQ(seen.front().data, cdr("merged"));
    EXPECT_TRUE(seen.back().data.starts_with(cdr("50.")));
    EXPECT_EQ((*reader)->files(), (std::vector<std::string>{copy, copy + "-wal"}));
    const std::string with_log = *(*reader)->identity();
    std::filesystem::rename(copy + "-wal", copy + "-gone");
    auto alone = open_bag(copy, {});
    ASSERT_TRUE(alone.ok()) << alone.error().text();
    EXPECT_EQ((*alone)->info().messages, 1u);
    EXPECT_NE(with_log, *(*alone)->identity());
    std::filesystem::rename(copy + "-gone", copy + "-wal");
  }
  EXPECT_EQ(listing(), before);
  // A log that is cut, and one of nonsense: what was committed before stays.
  std::filesystem::resize_file(copy + "-wal", std::filesystem::file_size(copy + "-wal") / 2);
  auto cut = open_bag(copy, {});
  ASSERT_TRUE(cut.ok()) << cut.error().text();
  EXPECT_GT((*cut)->info().messages, 10u);
  EXPECT_LT((*cut)->info().messages, 40u);
  std::ofstream(copy + "-wal", std::ios::trunc) << "this is no log";
  auto nonsense = open_bag(copy, {});
  ASSERT_TRUE(nonsense.ok()) << nonsense.error().text();
  EXPECT_EQ((*nonsense)->info().messages, 1u);
}

TEST_F(DeadRecorder, AnUnfinishedTransactionIsSaid) {
  const std::string path = (folder_ / "a.db3").string();
  std::ofstream(path, std::ios::binary) << Db3(2).topic(1, "/a").message(1, 5, cdr("x")).bytes();
  std::ofstream(path + "-journal", std::ios::binary) << std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\0\0", 10);
  auto reader = open_bag(path, {});
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_NE(raw::damage_text((*reader)->info()).find("rollback journal"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path + "-journal"));
}

}  // namespace
}  // namespace bagloom::bag
