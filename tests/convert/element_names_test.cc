#include "convert/element_names.h"

#include <gtest/gtest.h>

#include "msg/message_bytes.h"
#include "recipe/fake_bag.h"

namespace bagloom::convert {
namespace {

using Names = std::vector<std::string>;

/// JointState messages: `count` with these names, and two numbers where there are none.
struct Publisher {
  Names names;
  std::uint64_t count = 100;
  TimeNs start = kNsPerSecond;
  std::size_t numbers = 2;
};

Recording recording_of(const std::vector<Publisher>& publishers) {
  auto bag = std::make_unique<recipe::FakeBag>();
  for (const Publisher& publisher : publishers) {
    const auto message = msg::MessageBytes()
                             .header()
                             .texts(publisher.names)
                             .array(msg::counting(publisher.numbers))
                             .array(msg::counting(0))
                             .array(msg::counting(0));
    bag->add("/joints", "sensor_msgs/JointState", msg::kJointState, message.bytes(), publisher.count, 10'000'000,
             publisher.start);
  }
  Recording recording;
  recording.path = "fake";
  recording.definitions = std::make_shared<const msg::DefinitionSet>();
  for (std::uint32_t i = 0; i < publishers.size(); ++i) recording.connections["/joints"].push_back(i);
  recording.reader = std::move(bag);
  return recording;
}

FeatureColumns columns_with(const Names& names) {
  FeatureColumns columns;
  FeatureColumn& column = columns.columns.emplace_back();
  column.feature = "observation.state";
  column.topic = "/joints";
  PartPlace place;
  place.part.topic = column.topic;
  place.part.field = *msg::parse_field_path("position");
  place.part.width = static_cast<std::uint32_t>(names.size());
  place.part.names = names;
  column.parts.push_back(place);
  return columns;
}

struct Settled {
  Names expected;
  bool by_recipe = false;
  std::size_t notes = 0;
};
Settled settled(const Names& recipe, const std::vector<std::vector<Publisher>>& recordings) {
  FeatureColumns columns = columns_with(recipe);
  ExpectedNames names;
  for (const auto& publishers : recordings) {
    Recording recording = recording_of(publishers);
    names.look(recording, columns);
  }
  names.settle(columns);
  const PartPlace& part = columns.columns[0].parts[0];
  return {part.expected, part.expected_by_recipe, names.notes(columns).size()};
}

TEST(ElementNames, TheRecipesNamesChooseElseTheFirstMessages) {
  const Names left{"l_1", "l_2"}, right{"r_1", "r_2"}, words{"a", "b"};
  const auto is = [](const Settled& settled, const Names& names, bool by_recipe, std::size_t notes) {
    EXPECT_EQ(settled.expected, names);
    EXPECT_EQ(settled.by_recipe, by_recipe);
    EXPECT_EQ(settled.notes, notes);
  };
  is(settled(left, {{{left}}}), left, true, 0);
  is(settled(words, {{{left}}}), left, false, 0);
  is(settled(words, {{{left}, {right, 100, kNsPerSecond + 1}}}), left, false, 1);
  is(settled(words, {{{left, 100, kNsPerSecond + 1}, {right}}}), right, false, 1);
  is(settled(right, {{{left}, {right, 100, kNsPerSecond + 1}}}), right, true, 1);
  is(settled(left, {{{right}}, {{left}}}), left, true, 1);
  // Messages that name nothing, or whose numbers cannot be read.
  is(settled(left, {{{{}}}}), {}, false, 0);
  is(settled(words, {{{{}}, {right, 100, kNsPerSecond + 1}}}), right, false, 0);
  is(settled(words, {{{{"x"}, 5, 0, 1}, {left}}}), left, false, 0);
  is(settled(words, {{{{"l_1"}}}}), {"l_1"}, false, 0);
}

TEST(ElementNames, AnotherOrderThanTheRecipesIsRefused) {
  const FeatureColumns columns = columns_with({"l_1", "l_2"});
  Recording right = recording_of({{{"l_1", "l_2"}}, {{"x", "y"}}}), wrong = recording_of({{{}, 3, 0}, {{"l_2", "l_1"}}});
  EXPECT_TRUE(check_element_names(right, columns).ok());
  const Status refused = check_element_names(wrong, columns);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "/joints: the recipe names elements 0 and 1 l_1, l_2; the message names them l_2, l_1");
}

}  // namespace
}  // namespace bagloom::convert
