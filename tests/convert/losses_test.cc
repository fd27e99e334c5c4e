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
    loss.reason = i == 248 ? "another" : "a reason";
    losses.push_back(loss);
  }
  const auto shortened = shorten(losses);
  ASSERT_EQ(shortened.size(), 202u);
  std::uint64_t sum = 0;
  for (const Loss& loss : shortened) sum += loss.count;
  EXPECT_EQ(sum, 250u) << "nothing is lost silently";
  EXPECT_EQ(shortened.back().count, 25u);
  EXPECT_EQ(shortened.back().text, "/b: 25 more unusable messages");
  EXPECT_EQ(shortened.back().reason, "a reason");
  EXPECT_EQ(shortened[200].reason, "") << "not all of /a's have one";
}

TEST(UnusableLoss, NamesEachFeatureOfTheTopicOnce) {
  auto columns = std::make_shared<FeatureColumns>();
  for (const auto& [feature, topic] :
       {std::pair("state", "/joints"), {"state", "/hand"}, {"action", "/joints"}, {"state", "/joints"}}) {
    FeatureColumn column;
    column.feature = feature;
    column.topic = topic;
    columns->columns.push_back(column);
  }
  JobSetup setup;
  setup.columns = columns;
  setup.inputs.resize(1);
  Unusable unusable;
  unusable.column = 2;
  const Loss both = unusable_loss(setup, 0, unusable, 1, 0);
  EXPECT_EQ(both.feature, "action") << "could not read it";
  EXPECT_EQ(both.features, (std::vector<std::string>{"state", "action"}));
  EXPECT_TRUE(both.text.ends_with(" (2 features)")) << both.text;
  unusable.column = 1;
  const Loss one = unusable_loss(setup, 0, unusable, 1, 0);
  EXPECT_EQ(one.features, std::vector<std::string>{"state"});
  EXPECT_FALSE(one.text.ends_with("features)")) << one.text;
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
