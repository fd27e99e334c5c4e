// Folders: split recordings as one, metadata.yaml as a hint, compressed files.
#include "bag/rosbag2_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "bag/chunk_cache.h"
#include "bag/merge_pieces.h"
#include "bag/raw_bag.h"
#include "bag/raw_db3.h"

namespace bagloom::bag {
namespace {

namespace fs = std::filesystem;
using raw::cdr;
using raw::Db3;

class Rosbag2Folders : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("rosbag2_folders_" + std::to_string(::getpid())) / "rec";
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_.parent_path()); }

  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::unique_ptr<BagReader> open(const std::string& name = "", OpenOptions options = {}) const {
    auto reader = open_bag((name.empty() ? folder_ : folder_ / name).string(), options);
    EXPECT_TRUE(reader.ok()) << reader.error().text();
    return reader.ok() ? std::move(*reader) : nullptr;
  }
  std::string refusal(const std::string& name = "") const {
    auto reader = open_bag((name.empty() ? folder_ : folder_ / name).string(), {});
    if (reader.ok()) return "opened";
    EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
    return reader.error().text();
  }

  fs::path folder_;
};

std::string metadata(const std::string& paths, const std::string& more = "") {
  return "rosbag2_bagfile_information:\n  version: 4\n  storage_identifier: sqlite3\n  relative_file_paths:\n" + paths + more;
}

std::string one(std::int64_t ns, const std::string& text, int id = 1) {
  return Db3(3).topic(id, "/a").message(id, ns, cdr(text)).bytes();
}

std::string texts(BagReader& reader) {
  std::string all;
  for (const raw::Seen& seen : raw::read_all(reader)) all += (all.empty() ? "" : ",") + seen.data.substr(4);
  return all;
}

TEST_F(Rosbag2Folders, SplitFilesAreOneRecordingInNaturalOrder) {
  // Ids differ from file to file; equal times go by file.
  for (const int i : {0, 1, 2, 9, 10, 11}) put("rec_" + std::to_string(i) + ".db3", one(100, std::to_string(i), 30 - i));
  const auto reader = open();
  ASSERT_NE(reader, nullptr);
  const BagInfo& info = reader->info();
  EXPECT_EQ(info.format, "rosbag2");
  EXPECT_EQ(info.path, folder_.string());
  ASSERT_EQ(info.connections.size(), 1u);
  EXPECT_EQ(info.connections[0].messages, 6u);
  EXPECT_EQ(texts(*reader), "0,1,2,9,10,11");
  EXPECT_EQ(raw::damage_text(info), "");
  EXPECT_EQ(reader->files().size(), 6u);
}

TEST_F(Rosbag2Folders, FilesThatOverlapHaveOneOrder) {
  Db3 first(3), second(3), third(3);
  first.topic(1, "/a").topic(2, "/b").message(1, 10, cdr("1")).message(2, 30, cdr("3")).message(1, 50, cdr("5"));
  second.topic(4, "/b").topic(3, "/a").message(3, 20, cdr("2")).message(4, 40, cdr("4")).message(4, 60, cdr("6"));
  third.topic(1, "/b").message(1, 55, cdr("5.5"));
  put("rec_0.db3", first.bytes());
  put("rec_1.db3", second.bytes());
  put("rec_2.db3", third.bytes());
  const auto reader = open();
  EXPECT_EQ(texts(*reader), "1,2,3,4,5,5.5,6");
  ASSERT_EQ(reader->info().connections.size(), 2u);
  std::string late;
  for (const raw::Seen& seen : raw::read_all(*reader)) late += seen.out_of_order ? seen.data.substr(4) + seen.topic : "";
  EXPECT_EQ(late, "2/a5.5/b");  // behind later ones of their topic in the file before
}

TEST_F(Rosbag2Folders, ALatchedTopicOfTheFirstFileIsInTheRecordingOnce) {
  put("rec_0.db3", Db3(2)
                       .topic(1, "/tf_static", "tf2_msgs/msg/TFMessage", ", '- durability: 1'")
                       .topic(2, "/a")
                       .message(1, 5, cdr("static"))
                       .message(2, 6, cdr("a"))
                       .bytes());
  put("rec_1.db3",
      Db3(2).topic(1, "/tf_static", "tf2_msgs/msg/TFMessage", ", ''").topic(2, "/a").message(2, 100, cdr("b")).bytes());
  const auto reader = open();
  ASSERT_EQ(reader->info().connections.size(), 2u);
  EXPECT_EQ(reader->info().connections[0].topic, "/tf_static");
  EXPECT_TRUE(reader->info().connections[0].latching);
  EXPECT_EQ(reader->info().connections[0].messages, 1u);
  EXPECT_EQ(texts(*reader), "static,a,b");
}

TEST_F(Rosbag2Folders, DefinitionsThatDifferAreConnectionsOfTheirOwn) {
  const auto file = [](const std::string& definition, std::int64_t ns) {
    return Db3(4)
        .topic(1, "/a", "p/msg/T")
        .message(1, ns, cdr("x"))
        .run("INSERT INTO message_definitions VALUES(1, 'p/msg/T', 'ros2msg', '" + definition + "', '')")
        .bytes();
  };
  put("rec_0.db3", file("int8 a", 1));
  put("rec_1.db3", file("int8 a", 2));
  put("rec_2.db3", file("int16 a", 3));
  const auto reader = open();
  ASSERT_EQ(reader->info().connections.size(), 2u);
  EXPECT_EQ(reader->info().connections[0].messages, 2u);
  EXPECT_EQ(reader->info().connections[1].definition, "int16 a");
}

TEST_F(Rosbag2Folders, PathsOfEveryVersionAreFound) {
  put("rec_0.db3", one(1, "0"));
  put("rec_1.db3.zstd", raw::zstd_frame(one(2, "1")));
  put("rec_2.db3", one(3, "2"));
  put("metadata.yaml", metadata("  - rec/rec_0.db3\n  - rec_1.db3\n  - rec_2.db3.zstd\n"));
  const auto reader = open();
  EXPECT_EQ(texts(*reader), "0,1,2");
  EXPECT_EQ(raw::damage_text(reader->info()), "");
}

TEST_F(Rosbag2Folders, AWrongPrefixIsSaid) {
  put("rec_0.db3", one(1, "0"));
  put("metadata.yaml", metadata("  - ../other/rec_0.db3\n"));
  const auto reader = open();
  EXPECT_EQ(texts(*reader), "0");
  EXPECT_EQ(raw::damage_text(reader->info()), "0x0  metadata.yaml lists ../other/rec_0.db3; rec_0.db3 is read\n");
  EXPECT_FALSE(raw::any_loss(reader->info()));
}

TEST_F(Rosbag2Folders, MissingAndExtraFilesAreSaid) {
  put("rec_0.db3", one(1, "0"));
  put("rec_2.db3", one(3, "2"));
  put("rec_0.db3.zstd", raw::zstd_frame(one(1, "0")));
  put("copy.mcap", "\x89MCAP0\r\n");
  put("metadata.yaml", metadata("  - rec_0.db3\n  - rec_1.db3\n", "  message_count: 77\n"));
  const auto reader = open();
  EXPECT_EQ(texts(*reader), "0,2");
  const std::string damage = raw::damage_text(reader->info());
  EXPECT_NE(damage.find("lists rec_1.db3, which is not there"), std::string::npos) << damage;
  EXPECT_NE(damage.find("does not list rec_2.db3, which is read too"), std::string::npos) << damage;
  EXPECT_NE(damage.find("rec_0.db3.zstd is left out: the same file is there uncompressed"), std::string::npos) << damage;
  EXPECT_NE(damage.find("copy.mcap is left out: the recording's files are *.db3"), std::string::npos) << damage;
  EXPECT_EQ(damage.find("77"), std::string::npos) << damage;  // a file is missing: of course
  EXPECT_TRUE(raw::any_loss(reader->info()));
}

TEST_F(Rosbag2Folders, WrongCountsAndTimesAreSaidAndNotBelieved) {
  put("rec_0.db3", Db3(3).topic(1, "/a").message(1, 1'000'000'000, cdr("0")).message(1, 3'000'000'000, cdr("1")).bytes());
  put("metadata.yaml",
      metadata(
          "  - rec_0.db3\n",
          "  message_count: 3\n  starting_time:\n    nanoseconds_since_epoch: 5\n  duration:\n    nanoseconds: 7000000000\n"));
  const auto reader = open();
  EXPECT_EQ(reader->info().messages, 2u);
  const std::string damage = raw::damage_text(reader->info());
  EXPECT_NE(damage.find("counts 3 messages, the files have 2"), std::string::npos) << damage;
  EXPECT_NE(damage.find("it takes 7.000 s, the messages take 2.000 s"), std::string::npos) << damage;
  EXPECT_NE(damage.find("starts at 1970-01-01 00:00:00.000 UTC, the first message is of 1970-01-01 00:00:01.000 UTC"),
            std::string::npos)
      << damage;
  EXPECT_FALSE(raw::any_loss(reader->info()));
}

TEST_F(Rosbag2Folders, UnreadableMetadataIsSaid) {
  for (const std::string text :
       {"", "[[[", "people: 3\n", "rosbag2_bagfile_information: {relative_file_paths: [", "\xff\xfe\0\0"}) {
    SCOPED_TRACE(text);
    put("rec_0.db3", one(1, "0"));
    put("metadata.yaml", text);
    const auto reader = open();
    EXPECT_EQ(texts(*reader), "0");
    EXPECT_NE(raw::damage_text(reader->info()).find("metadata.yaml cannot be read: "), std::string::npos);
  }
}

TEST_F(Rosbag2Folders, AFileThatCannotBeReadIsDamage) {
  put("rec_0.db3", one(1, "0"));
  put("rec_1.db3", "");
  put("rec_2.db3", "this is no database");
  const auto reader = open();
  EXPECT_EQ(texts(*reader), "0");
  const std::string damage = raw::damage_text(reader->info());
  EXPECT_NE(damage.find("rec_1.db3 cannot be read: the file is empty"), std::string::npos) << damage;
  EXPECT_NE(damage.find("rec_2.db3 cannot be read: not a recording"), std::string::npos) << damage;
  EXPECT_TRUE(raw::any_loss(reader->info()));
  fs::remove(folder_ / "rec_0.db3");
  EXPECT_EQ(refusal(), (folder_ / "rec_1.db3").string() + ": the file is empty");
}

TEST_F(Rosbag2Folders, FoldersThatAreNoRecording) {
  EXPECT_EQ(refusal(), folder_.string() + ": no *.db3 or *.mcap file in this folder");
  put("a.db3", one(1, "0"));
  put("a.mcap", "\x89MCAP0\r\n");
  EXPECT_EQ(
      refusal(),
      folder_.string() + ": the folder has *.db3 and *.mcap files and no metadata.yaml that says which to read; name the files");
}

TEST_F(Rosbag2Folders, IdentityIsOfAllFiles) {
  put("rec_0.db3", one(1, "0"));
  put("rec_1.db3", one(2, "1"));
  const std::string before = *open()->identity();
  EXPECT_EQ(before, *open()->identity());
  put("rec_1.db3", one(3, "1"));
  const std::string changed = *open()->identity();
  EXPECT_NE(before, changed);
  put("metadata.yaml", metadata("  - rec_0.db3\n  - rec_1.db3\n"));
  EXPECT_NE(changed, *open()->identity());
}

TEST_F(Rosbag2Folders, PartsOfOneRecordingDoNotMeetInTheCache) {
  ChunkCache cache(1 << 20);
  const auto a = cache.number_of_part(), b = cache.number_of_part();
  EXPECT_NE(a, b);
  EXPECT_GT(std::min(a, b), 1u << 31);
  EXPECT_NE(std::max(a, b), MessageRef::kNoRecording);
  put("rec_0.db3", one(1, "0"));
  put("rec_1.db3", one(2, "1"));
  OpenOptions options;
  options.recording = 5;
  options.cache = &cache;
  const auto reader = open("", options);
  ASSERT_TRUE(reader
                  ->scan({true},
                         [&](const IndexedMessage& m) -> Status {
                           EXPECT_EQ(m.ref.recording, 5u);
                           EXPECT_TRUE(reader->fetch(m.ref).ok());
                           MessageRef other = m.ref;
                           other.recording = 4;
                           EXPECT_EQ(reader->fetch(other).error().kind(), ErrorKind::internal);
                           return {};
                         })
                  .ok());
}

TEST_F(Rosbag2Folders, WhichRecordingsAFolderHolds) {
  const auto names = [&](const std::string& name = "") {
    std::string all;
    const auto found = recordings_in_folder((name.empty() ? folder_ : folder_ / name).string());
    EXPECT_TRUE(found.ok());
    for (const std::string& path : *found) all += (all.empty() ? "" : ",") + fs::relative(path, folder_).string();
    return all;
  };
  EXPECT_EQ(names(), "");
  put("b.bag", "");
  put("a.bag", "");
  put("x.db3", "");
  put("e_0.mcap", "");
  put("e_1.mcap", "");
  put("notes.txt", "");
  put("with/metadata.yaml", metadata("  - q.db3\n"));
  put("with/q.db3", "");
  put("split/run_0.db3", "");
  put("split/run_1.db3.zstd", "");
  put("mine/mine_0.mcap", "");
  put("mine/mine_1.mcap", "");
  put("several/episode_0.mcap", "");
  put("several/episode_1.mcap", "");
  put("else/metadata.yaml", "people: 3\n");
  put("else/a.db3", "");
  EXPECT_EQ(names(), "a.bag,b.bag,e_0.mcap,e_1.mcap,mine,split,with,x.db3");
  EXPECT_EQ(names("with"), "with");
  EXPECT_EQ(names("split"), "split");
  EXPECT_EQ(names("mine"), "mine");
  EXPECT_EQ(names("several"), "several/episode_0.mcap,several/episode_1.mcap");
  EXPECT_EQ(names("else"), "else/a.db3");
  EXPECT_FALSE(recordings_in_folder((folder_ / "nowhere").string()).ok());
}

std::string large_database() {
  Db3 db(3);
  db.topic(1, "/a").run("BEGIN");
  for (int i = 0; i < 300; ++i) db.message(1, i, cdr(raw::noise(static_cast<std::uint32_t>(i + 1), 3000)));
  return db.run("COMMIT").bytes();
}

TEST_F(Rosbag2Folders, ACompressedFileIsUnpackedWithoutATrace) {
  put("rec_0.db3.zstd", raw::zstd_frame(large_database(), false));
  put("temporary/x", "");
  fs::remove(folder_ / "temporary/x");
  OpenOptions options;
  options.temporary_folder = (folder_ / "temporary").string();
  const auto reader = open("rec_0.db3.zstd", options);
  EXPECT_EQ(reader->info().messages, 300u);
  EXPECT_EQ(reader->info().compression, "zstd");
  EXPECT_EQ(reader->info().bytes, fs::file_size(folder_ / "rec_0.db3.zstd"));
  EXPECT_FALSE(inflates_chunks(reader->info()));
  EXPECT_EQ(raw::damage_text(reader->info()), "");
  EXPECT_EQ(raw::read_all(*reader).size(), 300u);
  EXPECT_TRUE(fs::is_empty(folder_ / "temporary"));
  options.temporary_folder = (folder_ / "nowhere").string();
  auto nowhere = open_bag((folder_ / "rec_0.db3.zstd").string(), options);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().kind(), ErrorKind::io) << nowhere.error().text();
}

TEST_F(Rosbag2Folders, StreamsWithoutTheirEndAreUsedAsFarAsTheyGo) {
  const std::string plain = large_database();
  const std::string packed = raw::zstd_frame(plain, false);
  // All blocks but no end, as writers leave it at a multiple of 128 KiB: the last block's flag is all that is missing.
  std::string no_end = packed.substr(0, 6);
  const std::size_t blocks = plain.size() / 131072;
  put("cut.db3.zstd", packed.substr(0, packed.size() / 2));
  const auto cut = open("cut.db3.zstd");
  ASSERT_NE(cut, nullptr);
  EXPECT_GT(cut->info().messages, 50u);
  EXPECT_LT(cut->info().messages, 300u);
  EXPECT_TRUE(raw::any_loss(cut->info()));
  EXPECT_NE(raw::damage_text(cut->info()).find("the compressed stream has no end"), std::string::npos)
      << raw::damage_text(cut->info());
  EXPECT_GT(blocks, 3u);

  put("more.db3.zstd", packed + "behind the end");
  const auto more = open("more.db3.zstd");
  EXPECT_EQ(more->info().messages, 300u);
  EXPECT_FALSE(raw::any_loss(more->info()));

  std::string broken = packed;
  broken[packed.size() / 2] = static_cast<char>(broken[packed.size() / 2] ^ 0x55);
  broken[packed.size() / 2 + 1] = static_cast<char>(broken[packed.size() / 2 + 1] ^ 0x55);
  put("broken.db3.zstd", broken);
  const auto reader = open_bag((folder_ / "broken.db3.zstd").string(), {});
  if (reader.ok()) {
    EXPECT_LE((*reader)->info().messages, 300u);
  }

  put("bomb.db3.zstd", raw::zstd_frame(plain + std::string(50'000'000, '\0')));
  const auto bomb = open("bomb.db3.zstd");
  EXPECT_EQ(bomb->info().messages, 300u);
  EXPECT_NE(
      raw::damage_text(bomb->info()).find("more than the " + std::to_string(plain.size()) + " bytes that its database declares"),
      std::string::npos);
}

TEST_F(Rosbag2Folders, OtherCompressedFilesAreRefusedBeforeTheyAreUnpacked) {
  put("text.zstd", raw::zstd_frame("this is a text, compressed"));
  EXPECT_EQ(refusal("text.zstd"), (folder_ / "text.zstd").string() + ": a zstd-compressed file, not a recording");
  put("zeros.zstd", raw::zstd_frame(std::string(100'000'000, '\0')));
  EXPECT_EQ(refusal("zeros.zstd"), (folder_ / "zeros.zstd").string() + ": a zstd-compressed file, not a recording");
}

TEST(MergePieces, HoldsLittleAndComesBackForTheRest) {
  // Four pieces that cover the same time: with room for 10 messages, all 4000 come in order.
  std::vector<std::vector<IndexedMessage>> pieces(4);
  for (std::uint64_t i = 0; i < 4000; ++i) pieces[i % 4].push_back({{static_cast<TimeNs>(i / 3), i, 0, 0}, 1, false});
  std::vector<PieceSpan> spans;
  for (const auto& piece : pieces) spans.push_back({piece.front().ref.time, piece.back().ref.time});
  for (const std::size_t room : {std::size_t{10}, std::size_t{1000}, std::size_t{100'000}}) {
    int scans = 0;
    std::vector<std::uint64_t> order;
    const auto scan = [&](std::size_t number, const BagReader::Visit& visit) -> Status {
      ++scans;
      for (const IndexedMessage& m : pieces[number]) RETURN_IF_ERROR(visit(m));
      return {};
    };
    ASSERT_TRUE(merge_pieces(spans, scan, room, [&](const IndexedMessage& m) -> Status {
                  order.push_back(m.ref.locator);
                  return {};
                }).ok());
    ASSERT_EQ(order.size(), 4000u);
    for (std::uint64_t i = 0; i < 4000; ++i) ASSERT_EQ(order[i], i) << room;
    EXPECT_EQ(scans == 4, room == 100'000) << scans;
  }
}

TEST(MergePieces, ErrorsOfTheVisitorEndIt) {
  const auto scan = [](std::size_t, const BagReader::Visit& visit) -> Status { return visit({{1, 1, 0, 0}, 1, false}); };
  const auto status = merge_pieces({{1, 1}, {1, 1}}, scan, 10,
                                   [](const IndexedMessage&) -> Status { return Error(ErrorKind::stopped, "enough"); });
  EXPECT_EQ(status.error().text(), "enough");
}

}  // namespace
}  // namespace bagloom::bag
