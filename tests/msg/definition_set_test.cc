#include "msg/definition_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "cdr_bytes.h"

namespace bagloom::msg {
namespace {

DefinitionSet set_of(std::map<std::string, TypeText> texts) {
  return DefinitionSet([texts = std::move(texts)](const std::string& type) -> Result<std::optional<TypeText>> {
    const auto found = texts.find(type);
    return found == texts.end() ? std::optional<TypeText>() : std::optional<TypeText>(found->second);
  });
}

std::string fields_of(const Result<std::shared_ptr<const Definition>>& definition) {
  if (!definition.ok()) return definition.error().text();
  std::string names;
  for (const Field& field : (*definition)->root->fields) names += field.name + " ";
  return names;
}

TEST(DefinitionSet, EveryBuiltInTypeParses) {
  const std::vector<std::string_view> types = builtin_types();
  EXPECT_GT(types.size(), 100u);
  EXPECT_TRUE(std::is_sorted(types.begin(), types.end()));
  for (const std::string_view type : types) {
    const auto definition = parse_definition({type, "", "", "cdr"}, builtin_definitions());
    EXPECT_TRUE(definition.ok()) << type << ": " << definition.error().text();
    if (definition.ok()) {
      EXPECT_FALSE((*definition)->outside.empty());
    }
  }
}

TEST(DefinitionSet, StoredThenGivenThenBuiltIn) {
  const DefinitionSet given = set_of({{"sensor_msgs/JointState", {"float64[] mine\n", false, "mine.msg"}}});
  EXPECT_EQ(fields_of(parse_definition({"sensor_msgs/msg/JointState", kRos2JointState, "ros2msg", "cdr"}, given)),
            "header name position velocity effort ");
  EXPECT_EQ(fields_of(parse_definition({"sensor_msgs/msg/JointState", "", "", "cdr"}, given)), "mine ");
  EXPECT_EQ(fields_of(parse_definition({"sensor_msgs/msg/JointState", "", "", "cdr"}, builtin_definitions())),
            "header name position velocity effort ");
  EXPECT_EQ(
      fields_of(parse_definition({"a/msg/B", "", "", "cdr"}, given)),
      "type a/msg/B: the recording holds no definition of it, and none is built in; give a folder of .msg files with --msg-path "
      "DIR, or leave the topic out of the recipe");
}

TEST(DefinitionSet, FillsInWhatATextLacks) {
  const DefinitionSet given = set_of({{"a/Inner", {"Other o\nstd_msgs/Header h\n", false, "Inner.msg"}},
                                      {"a/Other", {"module a{module msg{struct Other{long x;};};};", true, "Other.idl"}}});
  const auto definition = parse_definition({"a/msg/T", "Inner inner\nHeader header\n", "ros2msg", "cdr"}, given);
  EXPECT_EQ(fields_of(definition), "inner header ");
  EXPECT_EQ((*definition)->types.size(), 4u);
  EXPECT_FALSE((*definition)->outside.empty());
  const auto whole = parse_definition({"a/msg/T", "int8 x\n", "ros2msg", "cdr"}, given);
  EXPECT_EQ((*whole)->outside, "");
}

TEST(DefinitionSet, OtherDefinitionsAreToldApart) {
  const auto outside = [](const char* text) {
    const auto definition = parse_definition({"a/msg/T", "", "", "cdr"}, set_of({{"a/T", {text, false, "T.msg"}}}));
    return definition.ok() ? (*definition)->outside : definition.error().text();
  };
  EXPECT_EQ(outside("int8 x\n"), outside("# a comment\nint8   x\n"));
  EXPECT_NE(outside("int8 x\n"), outside("int8 y\n"));
  EXPECT_NE(outside("int8 x\n"), outside("uint8 x\n"));
  EXPECT_NE(outside("int8[] x\n"), outside("int8[2] x\n"));
}

TEST(DefinitionSet, Ros1MessagesTakeOnlyWhatIsGiven) {
  EXPECT_NE(fields_of(parse_definition({"std_msgs/Header", "", "ros1msg", "ros1"}, builtin_definitions())).find("--msg-path"),
            std::string::npos);
  const DefinitionSet given =
      set_of({{"a/T", {"Header h\ntime t\n", false, "T.msg"}}, {"std_msgs/Header", {"uint32 seq\n", false, ""}}});
  EXPECT_EQ(fields_of(parse_definition({"a/T", "", "ros1msg", "ros1"}, given)), "h t ");
}

TEST(DefinitionSet, ErrorsNameTheFile) {
  const DefinitionSet given = set_of({{"a/T", {"int8\n", false, "dir/T.msg"}}});
  EXPECT_EQ(fields_of(parse_definition({"a/T", "", "", "cdr"}, given)),
            "type a/T: dir/T.msg: definition line 1 `int8`: expected TYPE NAME");
  // A text that asks for very many types ends too.
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "a/T" + std::to_string(i) + " f" + std::to_string(i) + "\n";
  EXPECT_NE(fields_of(parse_definition({"a/Many", many, "ros2msg", "cdr"}, given)).find("is not in the definition"),
            std::string::npos);
}

}  // namespace
}  // namespace bagloom::msg
