#include "bench/lengths.h"

#include <gtest/gtest.h>

#include <map>

#include "bag/bag_reader.h"
#include "convert/temporary_folder.h"
#include "synth/synth.h"

namespace bagloom::bench {
namespace {

class LengthsTest : public convert::TemporaryFolderTest {
 protected:
  struct Content {
    std::uint64_t messages = 0;
    TimeNs start = 0, end = 0, longest = 0;  ///< longest: between two messages of a busy connection
  };
  Content content(const std::string& bag) {
    Content content;
    auto reader = bag::open_bag(bag, bag::OpenOptions{});
    EXPECT_TRUE(reader.ok());
    content.messages = (*reader)->info().messages;
    content.start = (*reader)->info().start;
    content.end = (*reader)->info().end;
    std::map<std::uint32_t, TimeNs> last;
    EXPECT_TRUE((*reader)
                    ->scan(bag::ConnectionSet((*reader)->info().connections.size(), true),
                           [&](const bag::IndexedMessage& message) -> Status {
                             const auto [at, first] = last.try_emplace(message.ref.connection, message.ref.time);
                             if (!first && (*reader)->info().connections[message.ref.connection].messages > 10)
                               content.longest = std::max(content.longest, message.ref.time - at->second);
                             at->second = message.ref.time;
                             return {};
                           })
                    .ok());
    return content;
  }
};

TEST_F(LengthsTest, RepeatedInTimeAndCut) {
  synth::SynthOptions options;
  options.seconds = 2;
  options.cameras = 1;
  options.width = 160;
  options.height = 120;
  ASSERT_TRUE(synth::write_synth_bag(path("a.bag"), options).ok());
  const Content once = content(path("a.bag"));
  constexpr TimeNs kPause = 33'000'000;
  ASSERT_TRUE(write_repeated(path("a.bag"), 3, kPause, path("three.bag"), {}).ok());
  const Content three = content(path("three.bag"));
  EXPECT_EQ(three.messages, 3 * once.messages);
  EXPECT_EQ(three.start, once.start);
  EXPECT_EQ(three.end - three.start, 3 * (once.end - once.start) + 2 * kPause);
  EXPECT_LT(three.longest, once.longest + 2 * kPause) << "no gap that a recipe would reject";
  ASSERT_TRUE(write_repeated(path("a.bag"), 0.5, kPause, path("half.bag"), {}).ok());
  const Content half = content(path("half.bag"));
  EXPECT_NEAR(static_cast<double>(half.messages), static_cast<double>(once.messages) / 2,
              static_cast<double>(once.messages) / 20);
  const auto stopped = write_repeated(path("a.bag"), 3, kPause, path("stopped.bag"), [] { return true; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind(), ErrorKind::stopped);
}

TEST(SlopesTest, AreThoseOfALine) {
  LengthSeries series;
  for (const std::uint64_t n : {1, 4, 16})
    series.points.push_back({static_cast<double>(n), n * 500'000'000, n * 200, 50'000'000 + n * 3'000'000});
  fit_slopes(series);
  EXPECT_NEAR(series.bytes_per_gigabyte.value(), 6e6, 1);
  EXPECT_NEAR(series.bytes_per_1000_rows.value(), 15e6, 1);
  series.points[1].peak = 0;  // did not run
  fit_slopes(series);
  EXPECT_NEAR(series.bytes_per_gigabyte.value(), 6e6, 1);
  LengthSeries one;
  one.points = {{1, 100, 10, 5}};
  fit_slopes(one);
  EXPECT_FALSE(one.bytes_per_gigabyte.has_value());
  one.points.push_back(one.points[0]);
  fit_slopes(one);
  EXPECT_FALSE(one.bytes_per_gigabyte.has_value()) << "the same length twice";
}

}  // namespace
}  // namespace bagloom::bench
