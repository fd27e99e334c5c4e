// metadata.yaml of all versions, and texts that are none.
#include "bag/rosbag2_metadata.h"

#include <gtest/gtest.h>

namespace bagloom::bag {
namespace {

TEST(Rosbag2Metadata, QosAsAStringOrAList) {
  const auto parsed = parse_rosbag2_metadata(R"(rosbag2_bagfile_information:
  version: 9
  storage_identifier: mcap
  duration:
    nanoseconds: 722785
  starting_time:
    nanoseconds_since_epoch: 1758921866960577435
  message_count: 6
  topics_with_message_count:
    - message_count: 3
      topic_metadata:
        name: /latched
        offered_qos_profiles:
          - history: unknown
            durability: transient_local
          - {durability: transient_local}
    - topic_metadata:
        name: /half
        offered_qos_profiles:
          - durability: transient_local
          - durability: volatile
      message_count: 4
    - topic_metadata:
        name: /old
        offered_qos_profiles: "- history: 3\n  durability: 1"
    - topic_metadata: {name: /none, offered_qos_profiles: ""}
  compression_format: zstd
  compression_mode: file
  relative_file_paths:
    - a_0.mcap.zstd
    - a_1.mcap.zstd
  files:
    - path: other
      message_count: 1
  custom_data: ~
)");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->version, 9);
  EXPECT_EQ(parsed->storage, "mcap");
  EXPECT_EQ(parsed->duration, 722785);
  EXPECT_EQ(parsed->start, 1758921866960577435);
  EXPECT_EQ(parsed->messages, 6u);
  EXPECT_EQ(parsed->compression_mode, "FILE");
  EXPECT_EQ(parsed->paths, (std::vector<std::string>{"a_0.mcap.zstd", "a_1.mcap.zstd"}));
  EXPECT_EQ(parsed->latched_topics, (std::set<std::string>{"/latched", "/old"}));
}

TEST(Rosbag2Metadata, ModesInAnyCase) {
  const auto mode = [](const std::string& text) {
    return parse_rosbag2_metadata("rosbag2_bagfile_information: {compression_mode: " + text + "}")->compression_mode;
  };
  EXPECT_EQ(mode("MESSAGE"), "MESSAGE");
  EXPECT_EQ(mode("Message"), "MESSAGE");
  EXPECT_EQ(mode("none"), "");
  EXPECT_EQ(mode("''"), "");
  EXPECT_EQ(mode("~"), "");
}

TEST(Rosbag2Metadata, NumbersThatAreNone) {
  const auto parsed = parse_rosbag2_metadata(
      "rosbag2_bagfile_information: {message_count: many, version: 99999999999, duration: {nanoseconds: 1e9}, starting_time: 5}");
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->messages || parsed->duration || parsed->start);
  EXPECT_EQ(parsed->version, 0);
}

TEST(Rosbag2Metadata, OddYamlIsAnErrorOrNothing) {
  for (const std::string text : {"", "a", "[1, 2", "{a: b", "? [a, b]\n: c\n", "- rosbag2_bagfile_information: 1", "a: &x [*x]",
                                 "\t\t", "%YAML 9.9\n---\n"})
    EXPECT_FALSE(parse_rosbag2_metadata(text).ok()) << text;
  EXPECT_TRUE(parse_rosbag2_metadata("? [a, {b: c}]\n: d\nrosbag2_bagfile_information: {? [version] : 3, version: 4}")->version ==
              4);
  const std::string deep(100'000, '[');
  EXPECT_FALSE(parse_rosbag2_metadata("rosbag2_bagfile_information: " + deep).ok());
}

}  // namespace
}  // namespace bagloom::bag
