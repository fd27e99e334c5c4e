#include "bag/first_messages.h"

#include <gtest/gtest.h>

#include "recipe/fake_bag.h"

namespace bagloom::bag {
namespace {

constexpr TimeNs kTenth = kNsPerSecond / 10;

/// Ten chunks of a second: "/many" ten times a second by two connections, "/few" once a second for three seconds.
recipe::FakeBag recording() {
  recipe::FakeBag bag;
  bag.add("/many", "t", "", {}, 50, 2 * kTenth, kNsPerSecond);
  bag.add("/many", "t", "", {}, 50, 2 * kTenth, kNsPerSecond + kTenth);
  bag.add("/few", "t", "", {}, 3, kNsPerSecond, kNsPerSecond);
  bag.add("/none", "t", "", {}, 0);
  return bag;
}

std::vector<TimeNs> tenths(const std::vector<MessageRef>& refs) {
  std::vector<TimeNs> times;
  for (const MessageRef& ref : refs) times.push_back((ref.time - kNsPerSecond) / kTenth);
  return times;
}

std::vector<std::vector<TimeNs>> first_of(recipe::FakeBag& bag, const ConnectionGroups& groups, std::size_t most) {
  std::vector<std::vector<TimeNs>> found(4);
  const Status visited = visit_first(bag, groups, most, [&](const MessageRef& ref) {
    found[groups[ref.connection]].push_back((ref.time - kNsPerSecond) / kTenth);
  });
  EXPECT_TRUE(visited.ok());
  return found;
}

TEST(FirstMessages, EachGroupHasItsOwn) {
  auto bag = recording();
  const auto by_topic = first_of(bag, {0, 0, 1, 2}, 4);
  EXPECT_EQ(by_topic[0], (std::vector<TimeNs>{0, 1, 2, 3}));
  EXPECT_EQ(by_topic[1], (std::vector<TimeNs>{0, 10, 20})) << "all that there are";
  EXPECT_TRUE(by_topic[2].empty());
  const auto by_connection = first_of(bag, {0, 1, kNoGroup, kNoGroup}, 3);
  EXPECT_EQ(by_connection[0], (std::vector<TimeNs>{0, 2, 4}));
  EXPECT_EQ(by_connection[1], (std::vector<TimeNs>{1, 3, 5}));
}

TEST(FirstMessages, TheScanEndsOnceAllAreFound) {
  auto bag = recording();
  first_of(bag, {0, 0, kNoGroup, kNoGroup}, 4);
  EXPECT_LE(bag.visited, 6u);
  bag.visited = 0;
  first_of(bag, {kNoGroup, kNoGroup, kNoGroup, 0}, 4);
  first_of(bag, {kNoGroup, kNoGroup, kNoGroup, kNoGroup}, 4);
  EXPECT_EQ(bag.visited, 0u) << "nothing to look for";
}

TEST(FirstMessages, OthersStandInOtherChunks) {
  auto bag = recording();
  const ConnectionSet many = {true, true, false, false};
  std::vector<MessageRef> found;
  EXPECT_TRUE(find_first(bag, many, 3, 2, found).ok());
  EXPECT_EQ(tenths(found), (std::vector<TimeNs>{0, 1, 2, 10, 20}));
  found.clear();
  EXPECT_TRUE(find_first(bag, many, 12, 2, found).ok());
  EXPECT_EQ(tenths(found), (std::vector<TimeNs>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 30}));
  found.clear();
  EXPECT_TRUE(find_first(bag, {false, false, true, false}, 2, 5, found).ok());
  EXPECT_EQ(tenths(found), (std::vector<TimeNs>{0, 10, 20}));
}

/// The disk fails at the fourth message.
class BrokenBag : public recipe::FakeBag {
 public:
  Status scan(const ConnectionSet& which, const Visit& visit) override {
    std::size_t count = 0;
    return FakeBag::scan(which, [&](const IndexedMessage& message) -> Status {
      if (++count == 4) return Error(ErrorKind::io, "read");
      return visit(message);
    });
  }
};

TEST(FirstMessages, AnErrorOfTheScanIsGivenWithWhatWasFoundBefore) {
  BrokenBag bag;
  bag.add("/many", "t", "", {}, 50, kTenth, kNsPerSecond);
  std::vector<MessageRef> found;
  const Status status = find_first(bag, {true}, 10, 0, found);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
  EXPECT_EQ(found.size(), 3u);
  std::size_t visited = 0;
  EXPECT_FALSE(visit_first(bag, {0}, 10, [&](const MessageRef&) { ++visited; }).ok());
  EXPECT_EQ(visited, 3u);
  EXPECT_TRUE(visit_first(bag, {0}, 3, [&](const MessageRef&) {}).ok()) << "enough before it";
}

}  // namespace
}  // namespace bagloom::bag
