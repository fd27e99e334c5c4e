#include "recipe/message_folders.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "recipe/connection_definition.h"

namespace bagloom::recipe {
namespace {

namespace fs = std::filesystem;

class MessageFolders : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bagloom_folders_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    return (root_ / path).string();
  }
  std::string folder(const std::string& path = "") const { return (root_ / path).string(); }

  /// The names of the fields, or the error.
  static std::string look_up(const std::vector<std::string>& folders, const std::string& type) {
    const auto set = definitions_in(folders);
    if (!set.ok()) return set.error().text();
    bag::Connection connection;
    connection.type = type;
    connection.definition_encoding = "";
    connection.encoding = "cdr";
    const auto definition = definition_of(connection, **set);
    if (!definition.ok()) return definition.error().text();
    std::string names;
    for (const msg::Field& field : (*definition)->root->fields) names += field.name + " ";
    return names;
  }

  fs::path root_;
};

TEST_F(MessageFolders, FindsPackagesWhereTheyUsuallyStand) {
  write("src/a/msg/T.msg", "b/U u\n");
  write("src/b/U.msg", "int8 x\n");
  write("install/share/c/msg/V.idl", "module c{module msg{struct V{long v;};};};");
  write("d/msg/W.msg", "int8 w\n");
  EXPECT_EQ(look_up({folder("src")}, "a/msg/T"), "u ");
  EXPECT_EQ(look_up({folder("src")}, "b/U"), "x ");
  EXPECT_EQ(look_up({folder("install")}, "c/msg/V"), "v ");
  EXPECT_EQ(look_up({folder("d")}, "d/msg/W"), "w ");
  EXPECT_EQ(look_up({folder("d/")}, "d/msg/W"), "w ");
  EXPECT_EQ(look_up({folder("d"), folder("src")}, "a/msg/T"), "u ");
}

TEST_F(MessageFolders, TheFirstFolderWinsAndAllWinOverBuiltIn) {
  write("one/std_msgs/msg/String.msg", "string first\n");
  write("two/std_msgs/msg/String.msg", "string second\n");
  EXPECT_EQ(look_up({}, "std_msgs/msg/String"), "data ");
  EXPECT_EQ(look_up({folder("one"), folder("two")}, "std_msgs/msg/String"), "first ");
  EXPECT_EQ(look_up({folder("two"), folder("one")}, "std_msgs/msg/String"), "second ");
}

TEST_F(MessageFolders, ErrorsSayWhatToDo) {
  EXPECT_EQ(look_up({folder("none")}, "a/T"),
            folder("none") + ": is no folder that can be read; --msg-path takes a folder of .msg files");
  const std::string file = write("a/msg/T.msg", "int8\n");
  EXPECT_NE(look_up({file}, "a/T").find("is no folder"), std::string::npos);
  EXPECT_EQ(look_up({folder()}, "a/msg/T"), "type a/msg/T: " + file + ": definition line 1 `int8`: expected TYPE NAME");
  write("a/msg/Large.msg", std::string((1u << 20) + 1, '\n'));
  EXPECT_NE(look_up({folder()}, "a/Large").find("too large"), std::string::npos);
  fs::create_directories(root_ / "a/msg/Folder.msg");
  EXPECT_NE(look_up({folder()}, "a/Folder").find("Folder.msg"), std::string::npos);
  EXPECT_NE(look_up({folder()}, "../msg/T").find("not a type's name"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::recipe
