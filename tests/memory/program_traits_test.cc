#include "memory/program_traits.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bagloom::memory {
namespace {

TEST(ProgramTraits, WhoNamesPtrace) {
  // This test's own program does (launcher.cc); the program of known allocations does not.
  EXPECT_TRUE(traits_of("/proc/self/exe").traces_itself);
  EXPECT_FALSE(traits_of(BAGLOOM_ALLOCATE).traces_itself);
  EXPECT_FALSE(traits_of(BAGLOOM_ALLOCATE).gains_rights);
}

TEST(ProgramTraits, OursIsTracedUnlessItTraces) {
  // Beside this test's program, under bagloom's name: ours.
  const std::filesystem::path folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  const std::string ours = folder / "bagloom", elsewhere = ::testing::TempDir() + "bagloom";
  std::ofstream(ours) << "x";
  std::ofstream(elsewhere) << "x";
  EXPECT_TRUE(is_bagloom_without_tracer(ours, "convert"));
  EXPECT_TRUE(is_bagloom_without_tracer(ours, ""));
  EXPECT_FALSE(is_bagloom_without_tracer(ours, "measure"));
  EXPECT_FALSE(is_bagloom_without_tracer(ours, "bench"));
  EXPECT_FALSE(is_bagloom_without_tracer(elsewhere, "convert"));
  EXPECT_FALSE(is_bagloom_without_tracer("/proc/self/exe", "convert"));
  std::filesystem::remove(ours);
  EXPECT_FALSE(is_bagloom_without_tracer(ours, "convert"));
}

TEST(ProgramTraits, WhatIsNoProgram) {
  const std::string path = ::testing::TempDir() + "bagloom_traits";
  EXPECT_FALSE(traits_of(path + "/none").traces_itself);
  for (const std::string& bytes : {std::string(), std::string("#!/bin/sh\n# ptrace\n"),
                                   std::string("\x7f"
                                               "ELF\2\1\1\0",
                                               8),
                                   std::string("\x7f"
                                               "ELF\2\1\1\0",
                                               8) +
                                       std::string(4096, '\xff')}) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_FALSE(traits_of(path).traces_itself);
  }
}

TEST(ProgramTraits, CutProgramsAreHarmless) {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  std::string bytes(1 << 16, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const std::string path = ::testing::TempDir() + "bagloom_traits_cut";
  for (const std::size_t size : {16u, 63u, 64u, 100u, 600u, 5000u, 65536u}) {
    std::ofstream(path, std::ios::binary) << bytes.substr(0, size);
    (void)traits_of(path);
  }
}

TEST(ProgramTraits, RightsOfItsOwn) {
  const std::string path = ::testing::TempDir() + "bagloom_traits_rights";
  std::ofstream(path) << "x";
  ASSERT_EQ(::chmod(path.c_str(), 06755), 0);
  EXPECT_FALSE(traits_of(path).gains_rights) << "its owner gains nothing";
}

TEST(ProgramTraits, FindsAsExecvpDoes) {
  EXPECT_EQ(find_program("/a/b"), "/a/b");
  EXPECT_EQ(find_program("bagloom_no_such_program"), "");
  EXPECT_NE(find_program("sh").find("/sh"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::memory
