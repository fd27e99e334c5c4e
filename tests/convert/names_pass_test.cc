#include "convert/names_pass.h"

#include <gtest/gtest.h>

#include "msg/message_bytes.h"
#include "recipe/fake_bag.h"

namespace bagloom::convert {
namespace {

using Names = std::vector<std::string>;
const Names kArm{"j_1", "j_2"}, kGripper{"g"};

class NamesPassTest : public ::testing::Test {
 protected:
  NamesPassTest() {
    auto bag = std::make_unique<recipe::FakeBag>();
    bag_ = bag.get();
    work_.recording = std::make_shared<Recording>();
    work_.recording->definitions = std::make_shared<const msg::DefinitionSet>();
    work_.recording->reader = std::move(bag);
  }

  /// `count` JointState messages with these names, 10 ms apart, and as many numbers where not told otherwise.
  void publish(const Names& names, std::uint64_t count, std::optional<std::size_t> numbers = {}, TimeNs start = kNsPerSecond) {
    const auto message = msg::MessageBytes()
                             .header()
                             .texts(names)
                             .array(msg::counting(numbers.value_or(names.size())))
                             .array(msg::counting(0))
                             .array(msg::counting(0));
    work_.recording->connections["/joints"].push_back(static_cast<std::uint32_t>(bag_->info().connections.size()));
    bag_->add("/joints", "sensor_msgs/JointState", msg::kJointState, message.bytes(), count, 10'000'000, start);
  }

  void take(const std::string& feature, const Names& names, bool select = true) {
    FeatureColumn& column = columns_.columns.emplace_back();
    column.feature = feature;
    column.topic = "/joints";
    PartPlace place;
    place.part.topic = column.topic;
    place.part.field = *msg::parse_field_path("position");
    place.part.width = static_cast<std::uint32_t>(names.size());
    place.part.names = names;
    if (select)
      place.part.select = names;
    else
      place.expected = names;
    place.offset = columns_.row_width;
    columns_.row_width += place.part.width;
    column.parts.push_back(place);
  }

  NamesPass pass() {
    work_.columns = std::make_shared<const FeatureColumns>(columns_);
    EXPECT_TRUE(compile_extractors(*work_.recording, columns_).ok());
    first_ = columns_of_other_names(work_);
    lost_.clear();
    auto passed = look_through(work_, first_, {}, [&](const MessageRef& ref, std::vector<Unusable> here) {
      lost_.emplace_back(ref.connection, here.front().reason);
    });
    EXPECT_TRUE(passed.ok());
    return std::move(*passed);
  }

  std::vector<std::string> lines(const NamesPass& pass) {
    NamesNotes notes;
    notes.add(pass.topics);
    return notes.lines();
  }

  recipe::FakeBag* bag_ = nullptr;
  RecordingWork work_;
  FeatureColumns columns_;
  std::set<std::uint32_t> first_;
  std::vector<std::pair<std::uint32_t, std::string>> lost_;  ///< connection and reason
};

TEST_F(NamesPassTest, OnePublisherIsNotLookedThrough) {
  take("state", kArm);
  publish(kArm, 100);
  const NamesPass found = pass();
  EXPECT_TRUE(first_.empty());
  EXPECT_LE(bag_->fetched, 32u);
  EXPECT_TRUE(found.of_column.empty());
  EXPECT_TRUE(found.topics.empty());
}

TEST_F(NamesPassTest, EachColumnTakesItsOwn) {
  for (const bool select : {true, false}) {
    columns_ = {};
    take("state", kArm, select);
    take("gripper", kGripper, select);
    if (bag_->info().connections.empty()) {
      publish(kArm, 100);
      publish(kGripper, 50);
    }
    const NamesPass found = pass();
    EXPECT_EQ(first_, (std::set<std::uint32_t>{0, 1}));
    EXPECT_TRUE(lost_.empty()) << lost_.front().second;
    ASSERT_EQ(found.of_column.size(), 2u);
    EXPECT_EQ(found.of_column.at(0).size(), 50u);
    EXPECT_EQ(found.of_column.at(1).size(), 100u);
    EXPECT_TRUE(std::is_sorted(found.of_column.at(1).begin(), found.of_column.at(1).end()));
    EXPECT_TRUE(found.nothing_left.empty());
    EXPECT_EQ(lines(found), Names{"/joints: 100 of 150 messages have the names of state, 50 those of gripper"});
  }
}

TEST_F(NamesPassTest, AnothersAreNoLossWhereNamesSelect) {
  take("state", kArm);
  publish(kArm, 100);
  publish(kGripper, 50);
  const NamesPass found = pass();
  EXPECT_TRUE(lost_.empty());
  EXPECT_EQ(lines(found), Names{"/joints: 100 of 150 messages have the names of state, 50 those of no feature"});
}

TEST_F(NamesPassTest, AnothersAreLostWherePlacesAreTaken) {
  take("state", kArm, false);
  publish(kArm, 100);
  publish({"r_1", "r_2"}, 50);
  publish(kGripper, 25);
  const NamesPass found = pass();
  EXPECT_EQ(lost_.size(), 75u);
  EXPECT_TRUE(found.of_column.empty()) << "they are no one's";
  EXPECT_TRUE(lines(found).empty());
}

TEST_F(NamesPassTest, SomeOfTheNamesAreALossUnlessSomeoneTakesThem) {
  take("state", kArm);
  publish(kArm, 100);
  publish({"j_1"}, 3);
  publish({}, 2, 2);
  pass();
  EXPECT_EQ(lost_.size(), 5u);
  take("one", {"j_1"});
  const NamesPass found = pass();
  EXPECT_EQ(lost_.size(), 2u) << "that name nothing";
  EXPECT_EQ(lines(found), Names{"/joints: 100 of 103 messages have the names of state, 103 those of one"});
}

TEST_F(NamesPassTest, WhatIsWrongElseIsUnusableForAll) {
  take("state", kArm);
  take("gripper", kGripper);
  publish(kArm, 100);
  publish(kGripper, 50);
  publish(kArm, 4, 1);  // a number for two names
  bag_->damaged = [](const MessageRef& ref) { return ref.connection == 1 && ref.time < kNsPerSecond + 30'000'000; };
  const NamesPass found = pass();
  EXPECT_EQ(lost_.size(), 4u + 3u);
  EXPECT_EQ(found.of_column.at(0).size(), 47u);
  EXPECT_EQ(found.of_column.at(1).size(), 100u);
  EXPECT_EQ(lines(found), Names{"/joints: 100 of 147 messages have the names of state, 47 those of gripper"});
}

TEST_F(NamesPassTest, AnotherLengthIsAnothersOnlyWithoutAnyOfTheNames) {
  take("state", kArm, false);
  take("gripper", kGripper, false);
  publish(kArm, 100);
  publish(kGripper, 50);
  publish({"j_1", "j_2", "j_3"}, 5);
  const NamesPass found = pass();
  ASSERT_EQ(lost_.size(), 5u);
  EXPECT_EQ(lost_.front().second, "`position`: the array has 3 elements, 2 are expected");
}

TEST_F(NamesPassTest, AFeatureThatNothingIsLeftForIsSaid) {
  take("state", kArm);
  take("gripper", {"misspelt"});
  publish(kArm, 100);
  const NamesPass found = pass();
  EXPECT_TRUE(lost_.empty());
  ASSERT_EQ(found.nothing_left.size(), 1u);
  EXPECT_EQ(found.nothing_left[0].first.column, 1u);
  EXPECT_EQ(found.nothing_left[0].first.reason, "`position`: the message does not name `misspelt`");
  EXPECT_EQ(found.nothing_left[0].second, 100u);
}

TEST_F(NamesPassTest, ColumnsOfOneFeatureAreToldApart) {
  take("state", kArm);
  take("state", kGripper);
  publish(kArm, 100);
  publish(kGripper, 50);
  const NamesPass found = pass();
  NamesNotes notes;
  notes.add(found.topics);
  notes.add(found.topics);  // of another recording
  EXPECT_EQ(notes.lines(), Names{"/joints: 200 of 300 messages have the names of state (j_1, ...), 100 those of state (g)"});
}

}  // namespace
}  // namespace bagloom::convert
