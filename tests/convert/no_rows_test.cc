// Recordings that give no episode: one line says why, and what may be done about it.
#include <gtest/gtest.h>

#include "bag/rosbag1_writer.h"
#include "convert/convert.h"
#include "convert/temporary_folder.h"
#include "msg/message_bytes.h"
#include "recipe/recipe.h"

namespace bagloom::convert {
namespace {

constexpr TimeNs kStart = 1'000 * kNsPerSecond;

class NoRowsTest : public TemporaryFolderTest {
 protected:
  /// /state and /command, one message at each of the times (ms after the start).
  std::string bag(const std::vector<std::int64_t>& times) {
    auto writer = bag::Rosbag1Writer::create(path("a.bag"), {});
    EXPECT_TRUE(writer.ok());
    const msg::MessageBytes message =
        msg::MessageBytes().header().texts({"a"}).array(msg::counting(1)).array(msg::counting(0)).array(msg::counting(0));
    for (const char* topic : {"/state", "/command"}) {
      const std::uint32_t connection = (*writer)->add_connection(topic, "sensor_msgs/JointState", "*", msg::kJointState);
      for (const std::int64_t ms : times)
        EXPECT_TRUE((*writer)->write(connection, kStart + ms * 1'000'000, message.bytes()).ok());
    }
    EXPECT_TRUE((*writer)->finish().ok());
    return path("a.bag");
  }
  static std::vector<std::int64_t> steady(std::int64_t n) {
    std::vector<std::int64_t> times;
    for (std::int64_t i = 0; i < n; ++i) times.push_back(20 * i);
    return times;
  }

  /// The line that plan says, as a loss or as a failure of the recording.
  std::string said(const std::string& recording, const std::vector<std::string>& sets) {
    const std::string yaml =
        "fps: 10\ntimeline: uniform\nfeatures:\n  observation.state:\n    vector: [{topic: /state, field: \"position[0:1]\", "
        "names: [a]}]\n  action:\n    vector: [{topic: /command, field: \"position[0:1]\", names: [a]}]\n";
    Options options;
    options.bags = {recording};
    auto recipe = recipe::parse_recipe("r", yaml, sets);
    EXPECT_TRUE(recipe.ok()) << (recipe.ok() ? "" : recipe.error().text());
    if (!recipe.ok()) return "";
    options.recipe = std::move(*recipe);
    const auto report = plan(options);
    if (!report.ok()) return report.error().text();
    EXPECT_EQ(report->episodes, 0u);
    if (!report->failed.empty()) return report->failed.front().error;
    return report->losses.empty() ? "" : report->losses.front().text;
  }
};

TEST_F(NoRowsTest, DropsThatLeaveNothing) {
  const std::string recording = bag(steady(100));
  for (const std::string set : {"timeline={uniform: true, drop_start: 3}", "timeline={uniform: true, drop_end: 1.97}",
                                "timeline={topic: /state, every: 5, drop_start: 1, drop_end: 1}"}) {
    const std::string text = said(recording, {set});
    EXPECT_NE(text.find("timeline.drop_start and drop_end ("), std::string::npos) << text;
    EXPECT_NE(text.find("span 1.98 s"), std::string::npos) << text;
    EXPECT_NE(text.find("drop less"), std::string::npos) << text;
  }
  EXPECT_EQ(
      said(recording, {"timeline={uniform: true, drop_start: 3}"}),
      "timeline.drop_start and drop_end (3 s) leave no row of the messages of the recipe's topics, which span 1.98 s; drop less, "
      "or leave the recording out");
}

TEST_F(NoRowsTest, AllAtOneTime) {
  const std::string recording = bag(std::vector<std::int64_t>(50, 0));
  EXPECT_EQ(said(recording, {}),
            "the messages of the recipe's topics have one time: 1 row at 10 fps, an episode needs 2; leave the recording out");
  const std::string topic = said(recording, {"timeline={topic: /state, every: 1}"});
  EXPECT_NE(topic.find("more than half of its messages have the same time as the one before"), std::string::npos) << topic;
  EXPECT_NE(topic.find("timeline: uniform"), std::string::npos) << topic;
}

TEST_F(NoRowsTest, OneMessageATopic) {
  EXPECT_EQ(said(bag({0}), {"timeline={topic: /state, every: 1}"}),
            "/state has one message: 1 row at 10 fps, an episode needs 2; take another topic for the timeline, or "
            "leave the "
            "recording out");
}

TEST_F(NoRowsTest, ShorterThanTwoRows) {
  EXPECT_EQ(said(bag({0, 20, 40}), {}),
            "the messages of the recipe's topics span 0.04 s: 1 row at 10 fps, an episode needs 2; leave the recording out");
}

TEST_F(NoRowsTest, TimesThatRepeat) {
  std::vector<std::int64_t> times;  // bursts of five at one time, every second
  for (std::int64_t i = 0; i < 50; ++i) times.push_back(i / 5 * 1000);
  const std::string text = said(bag(times), {"features.observation.state.vector.0.tolerance=period"});
  EXPECT_NE(text.find("more than half of the messages of /state have the same time as the one before"), std::string::npos)
      << text;
  EXPECT_NE(text.find("give it a tolerance in seconds"), std::string::npos) << text;
}

TEST_F(NoRowsTest, ALongGapNamesWhatDecides) {
  std::vector<std::int64_t> times = steady(100);
  for (std::size_t i = 50; i < times.size(); ++i) times[i] += 5000;
  const std::string text = said(bag(times), {});
  EXPECT_NE(text.find("has no message for"), std::string::npos) << text;
  EXPECT_NE(text.find("gaps.longer"), std::string::npos) << text;
}

TEST_F(NoRowsTest, NoMessages) {
  const std::string recording = bag({});
  EXPECT_EQ(said(recording, {}), recording + ": holds no messages; leave it out");
  Options guess;
  guess.bags = {recording};
  const auto report = plan(guess);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().text(), recording + ": holds no messages; leave it out");
}

}  // namespace
}  // namespace bagloom::convert
