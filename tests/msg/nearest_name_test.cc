#include "msg/nearest_name.h"

#include <gtest/gtest.h>

namespace bagloom::msg {
namespace {

TEST(EditDistance, CountsLetters) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("position", "positon"), 1u);
  EXPECT_EQ(edit_distance(std::string(500, 'a'), std::string(500, 'b')), 128u);
}

TEST(NearestNames, BestFirstAndOnlyTheNear) {
  EXPECT_EQ(nearest_names("tolerence", {"tolerance", "topic", "tolerate"}, 2),
            (std::vector<std::string>{"tolerance", "tolerate"}));
  EXPECT_TRUE(nearest_names("zzz", {"tolerance", "topic"}).empty());
  EXPECT_EQ(nearest_names("FPS", {"fps"}), std::vector<std::string>{"fps"});
  EXPECT_EQ(nearest_names("joint", {"joint_q", "header"}), std::vector<std::string>{"joint_q"});
}

TEST(Suggestion, OffersOneOrNamesAll) {
  EXPECT_EQ(suggestion("hodl", {"hold", "longer"}), "; did you mean `hold`?");
  EXPECT_EQ(suggestion("zzzz", {"hold", "longer"}), "; known: hold, longer");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace
}  // namespace bagloom::msg
