#include "convert/staging.h"

#include "convert/durable_files.h"
#include "convert/temporary_folder.h"

namespace bagloom::convert {
namespace {

class StagingTest : public TemporaryFolderTest {};

TEST_F(StagingTest, GoesOnWithTheSameJobOnly) {
  const std::string out = path("out");
  {
    auto staging = Staging::open(out, R"({"recipe":"a"})", false);
    ASSERT_TRUE(staging.ok()) << staging.error().text();
    EXPECT_FALSE((*staging)->resumed());
    ASSERT_TRUE((*staging)->write_record("recording-000000.json", "{}").ok());
  }
  {
    auto again = Staging::open(out, R"({"recipe":"a"})", false);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE((*again)->resumed());
    EXPECT_EQ((*again)->read_record("recording-000000.json"), "{}");
    EXPECT_FALSE((*again)->read_record("recording-000001.json"));
  }
  const auto other = Staging::open(out, R"({"recipe":"b"})", false);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::invalid);
  EXPECT_NE(other.error().text().find("recipe differs"), std::string::npos) << other.error().text();
  auto restarted = Staging::open(out, R"({"recipe":"b"})", true);
  ASSERT_TRUE(restarted.ok());
  EXPECT_FALSE((*restarted)->resumed());
  EXPECT_FALSE((*restarted)->read_record("recording-000000.json")) << "records of the other job are gone";
}

TEST_F(StagingTest, OneProcessAtATime) {
  auto first = Staging::open(path("out"), "{}", false);
  ASSERT_TRUE(first.ok());
  const auto second = Staging::open(path("out"), "{}", false);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::temporary);
}

TEST_F(StagingTest, NeverTouchesAFolderThatIsNotIts) {
  ASSERT_TRUE(make_folders(path("out.bagloom")).ok());
  ASSERT_TRUE(write_durably(path("out.bagloom/precious"), "x").ok());
  const auto staging = Staging::open(path("out"), "{}", true);
  ASSERT_FALSE(staging.ok());
  EXPECT_EQ(staging.error().kind(), ErrorKind::invalid);
  EXPECT_EQ(*read_small_file(path("out.bagloom/precious"), 10), "x");
}

TEST_F(StagingTest, FinishPutsTheDatasetInPlaceAndGoes) {
  auto staging = Staging::open(path("out/"), "{}", false);
  ASSERT_TRUE(staging.ok());
  EXPECT_EQ((*staging)->folder(), path("out.bagloom"));
  ASSERT_TRUE(write_durably((*staging)->dataset() + "/info.json", "x").ok());
  ASSERT_TRUE((*staging)->finish(path("out/")).ok());
  EXPECT_TRUE(exists(path("out/info.json")));
  EXPECT_FALSE(exists(path("out.bagloom")));
}

TEST_F(StagingTest, FinishReplacesAnOlderDatasetInOneStep) {
  ASSERT_TRUE(make_folders(path("out")).ok());
  ASSERT_TRUE(write_durably(path("out/old"), "x").ok());
  auto staging = Staging::open(path("out"), "{}", false);
  ASSERT_TRUE(write_durably((*staging)->dataset() + "/new", "x").ok());
  ASSERT_TRUE((*staging)->finish(path("out")).ok());
  EXPECT_TRUE(exists(path("out/new")));
  EXPECT_FALSE(exists(path("out/old")));
  EXPECT_FALSE(exists(path("out.bagloom")));
}

}  // namespace
}  // namespace bagloom::convert
