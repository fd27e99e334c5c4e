// Payloads: by themselves or from inflated chunks, from many threads, and what is said when one is damaged.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "bag/chunk_cache.h"
#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

/// Counts what is read, through a pointer that outlives it.
class CountingSource : public Source {
 public:
  CountingSource(std::unique_ptr<Source> inner, std::uint64_t* bytes_read) : inner_(std::move(inner)), bytes_read_(bytes_read) {}
  const std::string& name() const override { return inner_->name(); }
  std::uint64_t size() const override { return inner_->size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override {
    *bytes_read_ += out.size();
    return inner_->read_at(offset, out);
  }

 private:
  std::unique_ptr<Source> inner_;
  std::uint64_t* bytes_read_;
};

std::vector<MessageRef> refs_of(BagReader& reader) {
  std::vector<MessageRef> refs;
  EXPECT_TRUE(reader
                  .scan(ConnectionSet(reader.info().connections.size(), true),
                        [&](const IndexedMessage& m) -> Status {
                          refs.push_back(m.ref);
                          return {};
                        })
                  .ok());
  return refs;
}

/// Two indexed chunks, in file order; `damage` may change the first one's stored bytes.
std::string two_chunks(const char* compression, const std::string& a, const std::string& b, std::string stored_a = {}) {
  const std::string head = raw::connection(1, "/cam_head");
  const std::string first = head + raw::message(1, 1'000'000'000, "start") + raw::message(1, 13'345'000'000, a);
  const std::string second = raw::message(1, 20'000'000'000, b);
  if (stored_a.empty()) stored_a = raw::compress(compression, first);
  return raw::file_header(0, 0, 0) + raw::chunk(compression, first.size(), stored_a) +
         raw::index(1, {{1'000'000'000, head.size()}, {13'345'000'000, head.size() + 46 + 5}}) +
         raw::chunk(compression, second.size(), raw::compress(compression, second)) + raw::index(1, {{20'000'000'000, 0}}) + head;
}

TEST(Fetch, UncompressedMessagesAreReadByThemselves) {
  const std::string large(300'000, 'x');
  std::uint64_t bytes_read = 0;
  auto reader = open_bag(std::make_unique<CountingSource>(raw::source_of(two_chunks("none", large, large)), &bytes_read), {});
  ASSERT_TRUE(reader.ok());
  EXPECT_LT(bytes_read, 100'000u);  // no payload was read to open it
  const auto refs = refs_of(**reader);
  ASSERT_EQ(refs.size(), 3u);
  bytes_read = 0;
  auto small = (*reader)->fetch(refs[0]);
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(as_text(small->bytes), "start");
  EXPECT_LE(bytes_read, 600u);
  auto big = (*reader)->fetch(refs[1]);
  ASSERT_TRUE(big.ok());
  EXPECT_TRUE(as_text(big->bytes) == large);
  EXPECT_LE(bytes_read, 302'000u);
  EXPECT_EQ((*reader)->fetch_overhead_bytes(refs[1]), 0u);
}

TEST(Fetch, PayloadsOutliveTheReader) {
  for (const char* compression : {"none", "lz4", "bz2"}) {
    auto reader = raw::open(two_chunks(compression, "first payload", "second"));
    ASSERT_TRUE(reader.ok());
    auto payload = (*reader)->fetch(refs_of(**reader)[1]);
    reader->reset();
    ASSERT_TRUE(payload.ok());
    EXPECT_EQ(as_text(payload->bytes), "first payload");
  }
}

TEST(Fetch, EachChunkIsInflatedOnce) {
  for (const char* compression : {"lz4", "bz2"}) {
    ChunkCache cache(1 << 20);
    OpenOptions options;
    options.cache = &cache;
    auto reader = raw::open(raw::small_bag({5, 20, compression}), options);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(cache.inflations(), 0u);  // opening does not fill it
    EXPECT_EQ(raw::read_all(**reader).size(), 100u);
    EXPECT_EQ(raw::read_all(**reader).size(), 100u);
    EXPECT_EQ(cache.inflations(), 5u);
    EXPECT_GE((*reader)->fetch_overhead_bytes(refs_of(**reader)[0]), (*reader)->info().largest_chunk_bytes / 2);
  }
}

TEST(Fetch, FromManyThreads) {
  for (const char* compression : {"none", "lz4"}) {
    auto reader = raw::open(raw::small_bag({8, 10, compression}));
    ASSERT_TRUE(reader.ok());
    const auto refs = refs_of(**reader);
    const auto expected = raw::read_all(**reader);
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < refs.size(); ++i) {
          const std::size_t which = (i * (t + 1) * 7) % refs.size();
          auto payload = (*reader)->fetch(refs[which]);
          good += payload.ok() && as_text(payload->bytes) == expected[which].data;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, static_cast<int>(4 * refs.size()));
  }
}

TEST(Fetch, DamageSaysFileChunkTopicTimeAndReason) {
  const std::string head = raw::connection(1, "/cam_head");
  const std::string first = head + raw::message(1, 1'000'000'000, "start") + raw::message(1, 13'345'000'000, "picture");
  std::string damaged = raw::compress("lz4", first);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  auto reader = raw::open(two_chunks("lz4", "picture", "b", damaged));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().messages, 3u);  // scan knows nothing of it
  const auto refs = refs_of(**reader);
  auto payload = (*reader)->fetch(refs[1]);
  ASSERT_FALSE(payload.ok());
  EXPECT_EQ(payload.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(payload.error().text(), "made.bag: chunk at " + hex(raw::file_header(0, 0, 0).size()) +
                                        ": /cam_head at +12.345 s: lz4: the checksum of the content does not fit");
  EXPECT_TRUE((*reader)->fetch(refs[2]).ok());  // the other chunk is sound
}

TEST(Fetch, AWrongOffsetInTheMiddleOfAChunkIsCorrupt) {
  // The first entry is right, so opening trusts the chunk; the second points into the payload.
  const std::string head = raw::connection(1, "/a");
  for (const char* compression : {"none", "bz2"}) {
    std::string inside = head + raw::message(1, 100, "one");
    const std::size_t second = inside.size();
    inside += raw::message(1, 200, std::string(100, 'p'));
    const std::string other = raw::connection(2, "/b");
    const std::string bytes = raw::file_header(0, 0, 0) +
                              raw::chunk(compression, inside.size(), raw::compress(compression, inside)) +
                              raw::index(1, {{100, head.size()}, {200, second}}) + other;
    // Each chunk is checked at its first place only: put the damage at the other.
    std::string wrong = bytes;
    const std::size_t at = wrong.find(raw::time(200) + raw::u32(second));
    ASSERT_NE(at, std::string::npos);
    wrong.replace(at + 8, 4, raw::u32(second + 3));
    auto reader = raw::open(wrong);
    ASSERT_TRUE(reader.ok());
    const auto refs = refs_of(**reader);
    ASSERT_EQ(refs.size(), 2u);
    EXPECT_TRUE((*reader)->fetch(refs[0]).ok());
    auto payload = (*reader)->fetch(refs[1]);
    ASSERT_FALSE(payload.ok());
    EXPECT_EQ(payload.error().kind(), ErrorKind::corrupt);
    EXPECT_NE(payload.error().text().find("/a at +0.000 s: at " + hex(second + 3) + " in the chunk: no message record"),
              std::string::npos)
        << payload.error().text();
  }
}

TEST(Fetch, RefsOfAnotherRecordingOrPlaceAreRefused) {
  auto reader = raw::open(raw::small_bag({}));
  ASSERT_TRUE(reader.ok());
  const MessageRef good = refs_of(**reader)[0];
  MessageRef other = good;
  other.recording = 9;
  EXPECT_FALSE((*reader)->fetch(other).ok());
  other = good;
  other.locator = std::uint64_t{77} << 32;
  EXPECT_FALSE((*reader)->fetch(other).ok());
  other = good;
  other.connection = 77;
  EXPECT_FALSE((*reader)->fetch(other).ok());
  other = good;
  other.time += 1;
  EXPECT_FALSE((*reader)->fetch(other).ok());
  other = good;
  other.locator += 0xfffffff0u;
  EXPECT_FALSE((*reader)->fetch(other).ok());
  EXPECT_FALSE((*reader)->fetch(MessageRef{}).ok());
}

TEST(Fetch, AReadErrorIsIoWithOnePath) {
  const std::string bytes = two_chunks("none", std::string(5000, 'a'), "b");
  class FailLater : public Source {
   public:
    FailLater(std::unique_ptr<Source> inner, bool* fail) : inner_(std::move(inner)), fail_(fail) {}
    const std::string& name() const override { return inner_->name(); }
    std::uint64_t size() const override { return inner_->size(); }
    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override {
      if (*fail_) return Error(ErrorKind::io, "read at " + hex(offset) + ": Input/output error").in(std::string(name()));
      return inner_->read_at(offset, out);
    }

   private:
    std::unique_ptr<Source> inner_;
    bool* fail_;
  };
  bool fail = false;
  auto reader = open_bag(std::make_unique<FailLater>(raw::source_of(bytes), &fail), {});
  ASSERT_TRUE(reader.ok());
  const auto refs = refs_of(**reader);
  fail = true;
  auto payload = (*reader)->fetch(refs[1]);
  ASSERT_FALSE(payload.ok());
  EXPECT_EQ(payload.error().kind(), ErrorKind::io);
  EXPECT_TRUE(payload.error().text().starts_with("made.bag: chunk at 0x")) << payload.error().text();
  EXPECT_EQ(payload.error().text().rfind("made.bag"), 0u) << payload.error().text();
  auto scanned = (*reader)->scan({true}, [](const IndexedMessage&) -> Status { return {}; });
  ASSERT_FALSE(scanned.ok());
  EXPECT_EQ(scanned.error().kind(), ErrorKind::io);
}

}  // namespace
}  // namespace bagloom::bag
