// What heaptrack_print prints, kept from a real run and bent.
#include "bench/heap_profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "convert/temporary_folder.h"

namespace bagloom::bench {
namespace {

// heaptrack_print 1.4.0 with --merge-backtraces 0, of a conversion; paths and a few frames were cut.
constexpr const char* kPrinted = R"(reading file "h.zst" - please wait, this might take some time...
Debuggee command was: build/release/bagloom-full bench-method heap.job
finished reading file, now analyzing data:

PEAK MEMORY CONSUMERS
262.66K peak memory consumed over 6 calls from
  av_malloc
    in /lib/x86_64-linux-gnu/libavutil.so.57
  av_buffer_alloc
    in /lib/x86_64-linux-gnu/libavutil.so.57
  av_frame_get_buffer
    in /lib/x86_64-linux-gnu/libavutil.so.57
  bagloom::media::Picture::reshape(bagloom::media::PixelFormat, unsigned int, unsigned int)
    at ./build/release/../../src/media/picture.cc:63
    in /usr/local/bin/bagloom-full
  bagloom::media::(anonymous namespace)::TurboDecoder::decode(std::span<>, bool, bool, bagloom::media::Picture&)
    at ./build/release/../../src/media/picture_decoder.cc:104
    in /usr/local/bin/bagloom-full
  bagloom::convert::Pool::work()
    in /usr/local/bin/bagloom-full
  0x7f84904d44a2
    in /lib/x86_64-linux-gnu/libstdc++.so.6
  start_thread
    at ./nptl/pthread_create.c:442
    in /lib/x86_64-linux-gnu/libc.so.6

1.2M peak memory consumed over 9 calls from
  std::__new_allocator<>::allocate(unsigned long, void const*)
    at /usr/include/c++/12/bits/new_allocator.h:137
    in /usr/local/bin/bagloom-full
  std::vector<bagloom::bag::Chunk>::reserve(unsigned long)
    at /usr/include/c++/12/bits/vector.tcc:79
  bagloom::bag::Index::read(bagloom::Source&)
    at ./build/release/../../src/bag/index.cc:12
  main
    in /usr/local/bin/bagloom-full

10K peak memory consumed over 2 calls from
  av_malloc
    in /lib/x86_64-linux-gnu/libavutil.so.57
  av_buffer_alloc
    in /lib/x86_64-linux-gnu/libavutil.so.57
  av_frame_get_buffer
    in /lib/x86_64-linux-gnu/libavutil.so.57
  bagloom::media::Picture::reshape(bagloom::media::PixelFormat, unsigned int, unsigned int)
    at ./build/release/../../src/media/picture.cc:63
    in /usr/local/bin/bagloom-full
  bagloom::media::(anonymous namespace)::TurboDecoder::decode(std::span<>, bool, bool, bagloom::media::Picture&)
    at ./build/release/../../src/media/picture_decoder.cc:108
    in /usr/local/bin/bagloom-full

504B peak memory consumed over 1 calls from
  0x7f8491370582
    in /lib/x86_64-linux-gnu/libglib-2.0.so.0
  g_malloc0
    in /lib/x86_64-linux-gnu/libglib-2.0.so.0
  _dl_init
    at ./elf/dl-init.c:121
    in /lib64/ld-linux-x86-64.so.2

0B peak memory consumed over 17 calls from
  bagloom::msg::Cursor::text()
    in /usr/local/bin/bagloom-full

total runtime: 4.08s.
calls to allocation functions: 93014 (22814/s)
temporary memory allocations: 3696 (906/s)
peak heap memory consumption: 2.01M
peak RSS (including heaptrack overhead): 46.18M
total memory leaked: 482.39K
suppressed leaks: 16.69K
)";

TEST(HeapProfileTest, SitesAreBagloomsOwnFunctionsWithFileAndLine) {
  const auto read = read_heaptrack(kPrinted);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->peak_bytes, 2'010'000u);
  EXPECT_EQ(read->allocations, 93'014u);
  EXPECT_EQ(read->temporary, 3'696u);
  EXPECT_EQ(read->leaked_bytes, 482'390u);
  EXPECT_EQ(read->peak_rss_bytes, 46'180'000u);
  EXPECT_DOUBLE_EQ(read->seconds, 4.08);
  ASSERT_EQ(read->sites.size(), 3u) << "what held nothing at the peak is no site";
  const HeapSite& index = read->sites[0];
  EXPECT_EQ(index.bytes, 1'200'000u);
  EXPECT_EQ(index.function, "bag::Index::read");
  EXPECT_EQ(index.file, "src/bag/index.cc");
  EXPECT_EQ(index.line, 12u);
  EXPECT_EQ(index.allocated_by, "") << "the standard library's templates are the program's";
  const HeapSite& picture = read->sites[1];
  EXPECT_EQ(picture.bytes, 272'660u) << "two backtraces of one site";
  EXPECT_EQ(picture.calls, 8u);
  EXPECT_EQ(picture.function, "media::Picture::reshape");
  EXPECT_EQ(picture.file, "src/media/picture.cc");
  EXPECT_EQ(picture.line, 63u);
  EXPECT_EQ(picture.caller, "media::TurboDecoder::decode");
  EXPECT_EQ(picture.allocated_by, "av_frame_get_buffer (libavutil.so.57)");
  const HeapSite& other = read->sites[2];
  EXPECT_EQ(other.function, "g_malloc0 (libglib-2.0.so.0)");
  EXPECT_EQ(other.file, "");
  EXPECT_EQ(other.bytes, 504u);
}

TEST(HeapProfileTest, TheLargestAreListedAndTheOthersCounted) {
  const auto read = read_heaptrack(kPrinted, 1);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->sites.size(), 1u);
  EXPECT_EQ(read->sites[0].bytes, 1'200'000u);
  EXPECT_EQ(read->other_sites, 2u);
  const auto json = nlohmann::json::parse(to_json(*read));
  EXPECT_EQ(json["kind"], "heap");
  EXPECT_EQ(json["error"], nullptr);
  EXPECT_EQ(json["other_bytes"], 810'000);
  EXPECT_EQ(json["sites"][0]["file"], "src/bag/index.cc");
  EXPECT_EQ(json["sites"][0]["line"], 12);
  EXPECT_EQ(json["sites"][0]["allocated_by"], nullptr);
}

TEST(HeapProfileTest, WithoutFiguresThereIsAReason) {
  HeapProfile none;
  none.error = "heaptrack is not installed";
  const auto json = nlohmann::json::parse(to_json(none));
  EXPECT_EQ(json["error"], "heaptrack is not installed");
  EXPECT_FALSE(json.contains("sites"));
}

TEST(HeapProfileTest, WhatIsNoReportIsRefused) {
  EXPECT_FALSE(read_heaptrack("").ok());
  EXPECT_FALSE(read_heaptrack("no such file\n").ok());
  EXPECT_FALSE(read_heaptrack("peak heap memory consumption: much\n").ok());
}

TEST(HeapProfileTest, HostileTextIsReadWithoutHarm) {
  const std::string end = "peak heap memory consumption: 1B\n";
  // Sizes that are none, lines that stand alone, a backtrace without frames, numbers beyond any machine.
  const auto odd = read_heaptrack(
      "    in /lib/x\n  at y:1\n-5K peak memory consumed over 2 calls from\n  f\n1e400K peak memory consumed over 1 calls from\n"
      "nanB peak memory consumed over 1 calls from\n7B peak memory consumed over 1 calls from\n\n8B peak memory consumed over 1 "
      "calls from\n"
      "  bagloom::\x1b[31m" +
      std::string(10'000, '(') +
      "\n    at src:99999999999999999999\n    in\n9B peak memory consumed over 99999999999999999999999 calls from\n  g\n" + end);
  ASSERT_TRUE(odd.ok());
  ASSERT_EQ(odd->sites.size(), 2u);
  for (const HeapSite& site : odd->sites) {
    EXPECT_EQ(site.line, 0u);
    EXPECT_LT(site.function.size(), 200u);
    EXPECT_EQ(site.function.find('\x1b'), std::string::npos);
  }
  std::mt19937 random(7);
  const std::string text = kPrinted;
  for (int round = 0; round < 500; ++round) {
    std::string bent = text.substr(0, random() % text.size());
    for (int i = 0; i < 20 && !bent.empty(); ++i) bent[random() % bent.size()] = static_cast<char>(random());
    const auto read = read_heaptrack(bent + "\n" + end);
    if (read.ok()) {
      EXPECT_TRUE(nlohmann::json::accept(to_json(*read)));
    }
  }
}

TEST(HeapProfileTest, FunctionsWithoutWhatMakesThemLong) {
  EXPECT_EQ(short_function("bagloom::media::(anonymous namespace)::AnyDecoder::decode(bagloom::media::EncodedPicture const&)"),
            "media::AnyDecoder::decode");
  EXPECT_EQ(short_function("bagloom::convert::Run::queue(unsigned long, std::optional<>)::{lambda()#1}::operator()() const"),
            "convert::Run::queue::{lambda#1}::operator()");
  EXPECT_EQ(short_function("std::vector<std::pair<int, long> >::resize(unsigned long)"), "std::vector::resize");
  EXPECT_EQ(short_function("main"), "main");
  EXPECT_LE(short_function(std::string(5'000, 'x')).size(), 120u);
}

class HeaptrackInPath : public convert::TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    const char* const path = std::getenv("PATH");
    if (path != nullptr) before_ = path;
  }
  void TearDown() override {
    ::setenv("PATH", before_.c_str(), 1);
    TemporaryFolderTest::TearDown();
  }
  void tool(const std::string& name) {
    std::ofstream(path(name)) << "#!/bin/sh\n";
    std::filesystem::permissions(path(name), std::filesystem::perms::owner_all);
  }
  std::string before_;
};

TEST_F(HeaptrackInPath, TheLineNamesThePackage) {
  ::setenv("PATH", ("/nonexistent:" + path("")).c_str(), 1);
  EXPECT_EQ(heaptrack_missing(), "heaptrack is not installed: it is in the package heaptrack (apt-get install heaptrack)");
  tool("heaptrack");
  EXPECT_EQ(heaptrack_missing(), "heaptrack_print is not installed: it is in the package heaptrack (apt-get install heaptrack)");
  tool("heaptrack_print");
  EXPECT_EQ(heaptrack_missing(), "");
}

}  // namespace
}  // namespace bagloom::bench
