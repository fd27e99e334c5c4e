#include <gtest/gtest.h>

#include "dataset/segment_record.h"
#include "dataset/temp_folder.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

media::StreamParameters stream() {
  return {
      .codec = "h264", .width = 64, .height = 48, .fps = 10, .pix_fmt = "yuv420p", .extradata = {std::byte{1}, std::byte{100}}};
}
media::RgbHistogram histogram() {
  media::RgbHistogram counts;
  counts.pictures = 3;
  counts.counts[0][0] = 1;
  counts.counts[1][255] = 1ull << 40;
  counts.counts[2][7] = 9;
  return counts;
}
std::vector<std::byte> payload(std::size_t n, unsigned seed) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 31 + seed);
  return bytes;
}
std::vector<std::byte> bytes_of(const std::string& text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }
std::unique_ptr<Source> source_of(std::vector<std::byte> bytes) {
  return std::make_unique<MemorySource>("unit", std::move(bytes));
}

void write_packets(const std::string& path, const std::vector<std::size_t>& sizes) {
  auto writer = SegmentWriter::create(path);
  ASSERT_TRUE(writer.ok()) << writer.error().text();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto bytes = payload(sizes[i], static_cast<unsigned>(i));
    ASSERT_TRUE((*writer)->add({.bytes = bytes, .keyframe = i % 2 == 0}).ok());
  }
  ASSERT_TRUE((*writer)->finish(stream(), histogram(), media::FormatMismatch{-7, "says png, is jpeg"}).ok());
}

Status visit_all(std::vector<std::byte> bytes) {
  auto reader = SegmentReader::open(source_of(std::move(bytes)));
  if (!reader.ok()) return std::move(reader).error();
  return (*reader)->visit([](const SegmentReader::Entry&) -> Status { return {}; });
}

/// Records of the caller's, with facts and a trailer that hold.
std::vector<std::byte> sealed(const std::vector<std::byte>& records, const SegmentFacts& facts) {
  std::vector<std::byte> bytes = bytes_of(std::string(kSegmentMagic));
  append_number(bytes, kUnitVersion);
  bytes.insert(bytes.end(), records.begin(), records.end());
  const std::uint64_t at = bytes.size();
  const auto encoded = encode_facts(facts);
  bytes.insert(bytes.end(), encoded.begin(), encoded.end());
  const auto trailer = unit_trailer(bytes, at);
  bytes.insert(bytes.end(), trailer.begin(), trailer.end());
  return bytes;
}

TEST(Segment, PacketsComeBack) {
  TempFolder folder;
  const std::vector<std::size_t> sizes = {1, 200'000, 65'536, 3};
  write_packets(folder / "s", sizes);
  auto reader = SegmentReader::open(folder / "s");
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  const SegmentFacts& facts = (*reader)->facts();
  EXPECT_EQ(facts.frames, 4u);
  EXPECT_EQ(facts.packet_bytes, 265'540u);
  EXPECT_FALSE(facts.by_reference);
  EXPECT_EQ(facts.stream.codec, "h264");
  EXPECT_EQ(facts.stream.pix_fmt, "yuv420p");
  EXPECT_EQ(facts.stream.width, 64u);
  EXPECT_EQ(facts.stream.height, 48u);
  EXPECT_EQ(facts.stream.fps, 10u);
  EXPECT_EQ(facts.stream.extradata, stream().extradata);
  EXPECT_EQ(facts.histogram.pictures, 3u);
  ASSERT_TRUE(facts.mismatch);
  EXPECT_EQ(facts.mismatch->time, -7);
  EXPECT_EQ(facts.mismatch->what, "says png, is jpeg");
  EXPECT_EQ(facts.histogram.counts[1][255], 1ull << 40);
  EXPECT_EQ(facts.histogram.counts[2][7], 9u);
  for (int pass = 0; pass < 2; ++pass) {  // may be visited again
    std::size_t i = 0;
    const Status status = (*reader)->visit([&](const SegmentReader::Entry& entry) -> Status {
      const auto expected = payload(sizes[i], static_cast<unsigned>(i));
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), entry.packet.bytes.begin(), entry.packet.bytes.end()));
      EXPECT_EQ(entry.packet.keyframe, i % 2 == 0);
      EXPECT_FALSE(entry.message.valid());
      ++i;
      return {};
    });
    ASSERT_TRUE(status.ok()) << status.error().text();
    EXPECT_EQ(i, sizes.size());
  }
}

TEST(Segment, ReferencesComeBack) {
  TempFolder folder;
  auto writer = SegmentWriter::create(folder / "s");
  ASSERT_TRUE(writer.ok());
  MessageRef message;
  message.time = -5;
  message.locator = 0x123456789abcdef0;
  message.connection = 7;
  message.recording = 2;
  ASSERT_TRUE((*writer)->add_reference(message, 33, 4000).ok());
  ASSERT_TRUE((*writer)->add_reference(message, 34, 4001).ok());
  ASSERT_TRUE((*writer)->finish(stream(), histogram()).ok());
  auto reader = SegmentReader::open(folder / "s");
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE((*reader)->facts().by_reference);
  EXPECT_FALSE((*reader)->facts().mismatch);
  EXPECT_EQ((*reader)->facts().packet_bytes, 8001u);
  std::uint64_t offset = 33;
  ASSERT_TRUE((*reader)
                  ->visit([&](const SegmentReader::Entry& entry) -> Status {
                    EXPECT_EQ(entry.message, message);
                    EXPECT_EQ(entry.offset, offset++);
                    EXPECT_EQ(entry.bytes, 3967 + entry.offset);
                    EXPECT_TRUE(entry.packet.bytes.empty());
                    EXPECT_TRUE(entry.packet.keyframe);
                    return {};
                  })
                  .ok());
  EXPECT_EQ(offset, 35u);
}

TEST(Segment, AbandonedWriterLeavesNothing) {
  TempFolder folder;
  {
    auto writer = SegmentWriter::create(folder / "s");
    ASSERT_TRUE(writer.ok());
    const auto bytes = payload(100, 0);
    ASSERT_TRUE((*writer)->add({.bytes = bytes, .keyframe = true}).ok());
    EXPECT_TRUE(std::filesystem::exists(folder / "s.tmp"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Segment, MixedOrEmptyIsInvalid) {
  TempFolder folder;
  const auto bytes = payload(10, 0);
  auto writer = SegmentWriter::create(folder / "s");
  EXPECT_EQ((*writer)->add({.bytes = {}, .keyframe = true}).error().kind(), ErrorKind::invalid);
  EXPECT_EQ((*writer)->finish(stream(), histogram()).error().kind(), ErrorKind::invalid);
  ASSERT_TRUE((*writer)->add({.bytes = bytes, .keyframe = true}).ok());
  EXPECT_EQ((*writer)->add_reference(MessageRef{}, 0, 10).error().kind(), ErrorKind::invalid);
}

TEST(Segment, EveryFlippedByteAndCutIsFound) {
  TempFolder folder;
  write_packets(folder / "s", {5, 9});
  const auto good = bytes_of(read_text(folder / "s"));
  ASSERT_TRUE(visit_all(good).ok());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::byte{1};
    ASSERT_FALSE(visit_all(bad).ok()) << i;
    ASSERT_FALSE(visit_all({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)}).ok()) << i;
  }
}

TEST(Segment, HostileRecordsWithAGoodChecksum) {
  SegmentFacts facts;
  facts.stream = stream();
  facts.frames = 1;
  facts.packet_bytes = 4;
  const auto packet = [](std::uint32_t declared, std::size_t real, std::uint8_t kind = 1, std::uint8_t keyframe = 1) {
    std::vector<std::byte> bytes;
    append_number(bytes, kind);
    append_number(bytes, keyframe);
    append_number(bytes, declared);
    bytes.resize(bytes.size() + real);
    return bytes;
  };
  EXPECT_TRUE(visit_all(sealed(packet(4, 4), facts)).ok());
  EXPECT_FALSE(visit_all(sealed(packet(5, 4), facts)).ok());  // would read into the facts
  EXPECT_FALSE(visit_all(sealed(packet(0xffffffff, 4), facts)).ok());
  EXPECT_FALSE(visit_all(sealed(packet(0, 0), facts)).ok());
  EXPECT_FALSE(visit_all(sealed(packet(4, 4, 2), facts)).ok());  // a reference among packets
  EXPECT_FALSE(visit_all(sealed(packet(4, 4, 1, 7), facts)).ok());
  EXPECT_FALSE(visit_all(sealed(packet(3, 3), facts)).ok());  // fewer bytes than the facts say
  EXPECT_FALSE(visit_all(sealed({}, facts)).ok());            // no picture
  auto two = packet(2, 2);
  const auto second = two;
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_FALSE(visit_all(sealed(two, facts)).ok());  // more pictures than the facts say
  SegmentFacts more = facts;
  more.frames = 1ull << 60;
  EXPECT_FALSE(visit_all(sealed(packet(4, 4), more)).ok());
  facts.by_reference = true;
  EXPECT_FALSE(visit_all(sealed(packet(4, 4), facts)).ok());
}

TEST(Segment, FactsOutsideOfTheUnitAreRefused) {
  std::vector<std::byte> bytes = bytes_of(std::string(kSegmentMagic));
  append_number(bytes, kUnitVersion);
  bytes.resize(300'000);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{5}, std::uint64_t{12}, std::uint64_t{299'999},
                                 std::uint64_t{300'000}, std::uint64_t{300'013}, ~std::uint64_t{0}}) {
    auto unit = bytes;
    const auto trailer = unit_trailer(unit, at);
    unit.insert(unit.end(), trailer.begin(), trailer.end());
    EXPECT_FALSE(SegmentReader::open(source_of(unit)).ok()) << at;
  }
}

TEST(Segment, VisitorsErrorEndsTheVisit) {
  TempFolder folder;
  write_packets(folder / "s", {5, 9});
  auto reader = SegmentReader::open(folder / "s");
  int calls = 0;
  const Status status = (*reader)->visit([&](const SegmentReader::Entry&) -> Status {
    ++calls;
    return Error(ErrorKind::stopped, "enough");
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(status.error().kind(), ErrorKind::stopped);
}

}  // namespace
}  // namespace bagloom::dataset
