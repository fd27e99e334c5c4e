// Header fields, record heads and the read buffer.
#include <gtest/gtest.h>

#include "bag/raw_bag.h"
#include "bag/read_ahead.h"
#include "bag/rosbag1_header_fields.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {
namespace {

/// Counts reads, to show that hopping over headers does not read a file byte by byte.
class CountingSource : public Source {
 public:
  explicit CountingSource(std::string bytes) : bytes_(std::move(bytes)), view_(as_bytes(bytes_)) {}
  const std::string& name() const override { return view_.name(); }
  std::uint64_t size() const override { return view_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override {
    ++reads;
    bytes_read += out.size();
    return view_.read_at(offset, out);
  }
  mutable int reads = 0;
  mutable std::uint64_t bytes_read = 0;

 private:
  std::string bytes_;
  ViewSource view_;
};

TEST(HeaderFields, AnyOrderUnknownFieldsAndEqualSignsInValues) {
  const std::string bytes =
      raw::field("later", "x") + raw::field("conn", raw::u32(0x3d3d3d3d)) + raw::field("topic", "/a=b") + raw::op(7);
  const HeaderFields fields(as_bytes(bytes));
  EXPECT_TRUE(fields.check().ok());
  EXPECT_EQ(fields.u32("conn"), 0x3d3d3d3du);
  EXPECT_EQ(fields.text("topic"), "/a=b");
  EXPECT_EQ(fields.u8("op"), 7);
  EXPECT_FALSE(fields.find("size").has_value());
}

TEST(HeaderFields, WrongSizesAreNoValues) {
  const std::string bytes = raw::field("conn", "abc") + raw::field("time", "1234567") + raw::field("op", "");
  const HeaderFields fields(as_bytes(bytes));
  EXPECT_FALSE(fields.u32("conn").has_value());
  EXPECT_FALSE(fields.time("time").has_value());
  EXPECT_FALSE(fields.u8("op").has_value());
}

TEST(HeaderFields, BrokenFieldsAreErrors) {
  EXPECT_FALSE(HeaderFields(as_bytes(raw::u32(5) + "abc=")).check().ok());
  EXPECT_FALSE(HeaderFields(as_bytes(raw::u32(3) + "abc")).check().ok());
  EXPECT_FALSE(HeaderFields(as_bytes("ab")).check().ok());
  EXPECT_FALSE(HeaderFields(as_bytes(raw::u32(0xffffffff) + "abc=")).check().ok());
  EXPECT_TRUE(HeaderFields(Bytes{}).check().ok());
}

TEST(HeaderFields, TimesNeverOverflow) {
  EXPECT_EQ(load_ros_time(as_bytes(raw::u32(1) + raw::u32(2))), 1'000'000'002);
  EXPECT_EQ(load_ros_time(as_bytes(std::string(8, '\xff'))), 4294967295ll * 1'000'000'000 + 4294967295ll);
}

TEST(RecordHead, GivesOpAndExtent) {
  const std::string bytes = "xx" + raw::message(3, 5, "hello");
  const ViewSource source(as_bytes(bytes));
  ReadAhead window(source, source.size(), 16);
  auto head = read_record_head(window, 2);
  ASSERT_TRUE(head.ok()) << head.error().text();
  EXPECT_EQ(head->op, kOpMessage);
  EXPECT_EQ(head->data_bytes, 5u);
  EXPECT_EQ(head->end(), bytes.size());
  auto whole = read_whole_record(window, *head);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(as_text(whole->data), "hello");
  EXPECT_EQ(whole->head.fields.u32("conn"), 3u);
}

TEST(RecordHead, LongHeadersAreReadWhole) {
  const std::string topic(5000, 't');
  const std::string bytes = raw::connection(1, topic);
  const ViewSource source(as_bytes(bytes));
  ReadAhead window(source, source.size(), 64);
  auto head = read_record_head(window, 0);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->fields.text("topic"), topic);
}

TEST(RecordHead, GarbageAndCutsAreCorrupt) {
  const std::string good = raw::message(3, 5, "hello");
  for (std::size_t n = 0; n < good.size() - 5; ++n) {
    const ViewSource source(as_bytes(good).first(n));
    ReadAhead window(source, source.size(), 16);
    auto head = read_record_head(window, 0);
    ASSERT_FALSE(head.ok()) << n;
    EXPECT_EQ(head.error().kind(), ErrorKind::corrupt);
  }
  const std::string no_op = raw::record(raw::field("conn", raw::u32(1)), "");
  const ViewSource source(as_bytes(no_op));
  ReadAhead window(source, source.size(), 16);
  EXPECT_FALSE(read_record_head(window, 0).ok());
}

TEST(ReadAhead, StaysBelowItsLimitAndReadsInPieces) {
  std::string bytes(100'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  const CountingSource source(bytes);
  ReadAhead window(source, 50'000, 4096);
  for (std::uint64_t at = 0; at < 50'000; at += 100) {
    auto view = window.peek(at, 10);
    ASSERT_TRUE(view.ok());
    ASSERT_EQ(view->size(), 10u);
    EXPECT_EQ(as_text(*view), std::string_view(bytes).substr(at, 10));
  }
  EXPECT_LE(source.reads, 14);
  EXPECT_EQ(window.peek(49'995, 100)->size(), 5u);
  EXPECT_EQ(window.peek(50'000, 1)->size(), 0u);
  EXPECT_EQ(window.peek(60'000, 1)->size(), 0u);
  EXPECT_EQ(as_text(*window.peek(3, 9000)), std::string_view(bytes).substr(3, 9000));
}

}  // namespace
}  // namespace bagloom::bag
