#include "convert/losses.h"

#include <gtest/gtest.h>

namespace bagloom::convert {
namespace {

TEST(Shorten, ListsAHundredOfEachTopicAndCountsTheRest) {
  const std::string topics[] = {"/a", "/b"};
  std::vector<Loss> losses;
  for (int i = 0; i < 250; ++i) {
    Loss loss;
    loss.topic = topics[static_cast<std::size_t>(i) % 2];
    loss.count = 1;
    losses.push_back(loss);
  }
  const auto shortened = shorten(losses);
  ASSERT_EQ(shortened.size(), 202u);
  std::uint64_t sum = 0;
  for (const Loss& loss : shortened) sum += loss.count;
  EXPECT_EQ(sum, 250u) << "nothing is lost silently";
  EXPECT_EQ(shortened.back().count, 25u);
  EXPECT_EQ(shortened.back().text, "/b: 25 more unusable messages");
}

TEST(JoinFeatures, NamesAllFeaturesOfOneLoss) {
  const auto loss = [](const char* feature, const char* text) {
    Loss made;
    made.kind = "unusable_message";
    made.topic = "/t";
    made.feature = feature;
    made.count = 3;
    made.text = text;
    return made;
  };
  const auto joined = join_features({loss("a", "x"), loss("b", "x"), loss("b", "y"), loss("c", "x")});
  ASSERT_EQ(joined.size(), 2u);
  EXPECT_EQ(joined[0].features, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(joined[0].count, 3u);
  EXPECT_EQ(joined[1].features, std::vector<std::string>{"b"});
}

TEST(Shorten, LeavesShortListsAlone) {
  EXPECT_EQ(shorten(std::vector<Loss>(100)).size(), 100u);
  const auto one_more = shorten(std::vector<Loss>(101, [] {
    Loss loss;
    loss.count = 1;
    return loss;
  }()));
  EXPECT_EQ(one_more.size(), 101u);
  EXPECT_EQ(one_more.back().count, 1u);
}

}  // namespace
}  // namespace bagloom::convert
