#include "convert/format_notes.h"

#include <gtest/gtest.h>

#include "convert/job_setup.h"

namespace bagloom::convert {
namespace {

TEST(TopicMismatches, KeepTheFirstOfEachTopicInAnyOrder) {
  TopicMismatches mismatches;
  mismatches.add("/b", std::nullopt);
  mismatches.add("/b", media::FormatMismatch{30, "says png, is jpeg"});
  mismatches.add("/a", media::FormatMismatch{25, "says webp, is jpeg"});
  mismatches.add("/b", media::FormatMismatch{20, "says tiff, is jpeg"});
  mismatches.add("/b", media::FormatMismatch{40, "says png, is jpeg"});
  const auto list = mismatches.list(10);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].topic, "/a");
  EXPECT_EQ(list[0].since_start, 15);
  EXPECT_EQ(list[1].topic, "/b");
  EXPECT_EQ(list[1].since_start, 10);
  EXPECT_EQ(list[1].what, "says tiff, is jpeg");
  mismatches.clear();
  EXPECT_TRUE(mismatches.list(10).empty());
}

TEST(FormatNotes, SayATopicOnce) {
  JobSetup setup;
  FeatureColumns columns;
  columns.columns.resize(2);
  columns.columns[0].topic = "/joints";
  columns.columns[1].topic = "/known";
  setup.columns = std::make_shared<const FeatureColumns>(columns);
  CameraOutput camera;
  camera.column = 1;
  setup.cameras = std::make_shared<const std::vector<CameraOutput>>(1, camera);
  setup.sources.resize(1);
  setup.sources[0].mismatch = "says png, is jpeg";
  setup.inputs.resize(1);
  const std::vector<TopicMismatch> found{{"/cam", 1'500'000'000, "says h265, is h264"}, {"/known", 0, "says png, is jpeg"}};
  FormatNotes notes(setup);
  notes.add("a.bag", found);
  EXPECT_EQ(notes.lines(),
            (std::vector<std::string>{"/cam at +1.500 s: a picture's `format` says h265, is h264; the bytes decide"}));
  setup.inputs.resize(2);
  FormatNotes several(setup);
  several.add("a.bag", {});
  several.add("b.bag", found);
  several.add("c.bag", found);
  EXPECT_EQ(several.lines(),
            (std::vector<std::string>{"b.bag: /cam at +1.500 s: a picture's `format` says h265, is h264; the bytes decide"}));
}

}  // namespace
}  // namespace bagloom::convert
