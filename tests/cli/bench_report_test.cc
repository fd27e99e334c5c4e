#include "cli/bench_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/report_html.h"

namespace bagloom::cli {
namespace {

namespace fs = std::filesystem;

class BenchReport : public testing::Test {
 protected:
  void SetUp() override {
    if (!bench::can_draw_report()) GTEST_SKIP() << "this build found no Chart.js";
    folder_ = fs::path(testing::TempDir()) / ("bench_report_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string in(const std::string& name) const { return (folder_ / name).string(); }
  static std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
  const std::string json_ = R"({"schema":1,"methods":[{"name":"scan","isolation":"process","status":"ok","peak_bytes":2}]})";
};

TEST_F(BenchReport, IsWrittenAndReplaced) {
  ASSERT_TRUE(write_report(in("page.html"), json_).ok());
  EXPECT_TRUE(bench::is_report(text_of(in("page.html")).substr(0, 1024)));
  EXPECT_TRUE(may_write_report(in("page.html")).ok());
  EXPECT_TRUE(write_report(in("page.html"), json_).ok());
}

TEST_F(BenchReport, NeverReplacesAnythingElse) {
  const std::string recording = "#ROSBAG V2.0\n";
  std::ofstream(in("run.bag")) << recording;
  fs::create_directory(in("folder"));
  fs::create_symlink(in("run.bag"), in("link"));
  std::ofstream(in("empty"));
  for (const char* name : {"run.bag", "folder", "link", "empty"}) {
    const Status asked = may_write_report(in(name));
    ASSERT_FALSE(asked.ok()) << name;
    EXPECT_EQ(asked.error().kind(), ErrorKind::invalid);
    EXPECT_FALSE(write_report(in(name), json_).ok()) << name;
  }
  EXPECT_EQ(text_of(in("run.bag")), recording);
}

TEST_F(BenchReport, AsksForTheFolderBeforehand) {
  const Status asked = may_write_report(in("nowhere/page.html"));
  ASSERT_FALSE(asked.ok());
  EXPECT_EQ(asked.error().kind(), ErrorKind::io);
}

TEST_F(BenchReport, RefusesWhatIsNoComparison) {
  EXPECT_FALSE(write_report(in("page.html"), "{}").ok());
  EXPECT_FALSE(fs::exists(in("page.html")));
}

}  // namespace
}  // namespace bagloom::cli
