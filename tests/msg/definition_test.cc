#include "msg/definition.h"

#include <gtest/gtest.h>

#include "message_bytes.h"

namespace bagloom::msg {
namespace {

std::string error_of(std::string_view type, std::string_view text) {
  const auto definition = parse_ros1_definition(type, text);
  return definition.ok() ? "parsed" : definition.error().text();
}

std::shared_ptr<const Definition> parsed(std::string_view type, std::string_view text) {
  auto definition = parse_ros1_definition(type, text);
  EXPECT_TRUE(definition.ok()) << definition.error().text();
  return definition.ok() ? *definition : nullptr;
}

constexpr const char* kLine = "================================================================================\n";

TEST(Definition, KnowsEveryPrimitive) {
  const auto definition = parsed("t/T",
                                 "bool a\nint8 b\nuint8 c\nint16 d\nuint16 e\nint32 f\nuint32 g\nint64 h\nuint64 i\nfloat32 j\n"
                                 "float64 k\nstring l\ntime m\nduration n\nchar o\nbyte p\n");
  const std::vector<std::pair<Primitive, std::uint32_t>> expected{
      {Primitive::boolean, 1}, {Primitive::int8, 1},     {Primitive::uint8, 1},   {Primitive::int16, 2},
      {Primitive::uint16, 2},  {Primitive::int32, 4},    {Primitive::uint32, 4},  {Primitive::int64, 8},
      {Primitive::uint64, 8},  {Primitive::float32, 4},  {Primitive::float64, 8}, {Primitive::string, 0},
      {Primitive::time, 8},    {Primitive::duration, 8}, {Primitive::uint8, 1},   {Primitive::int8, 1}};
  ASSERT_EQ(definition->root->fields.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Field& field = definition->root->fields[i];
    EXPECT_EQ(field.primitive, expected[i].first) << field.name;
    EXPECT_EQ(wire_bytes(field.primitive), expected[i].second) << field.name;
    EXPECT_EQ(field.message, nullptr);
    EXPECT_EQ(field.array, ArrayKind::none);
  }
}

TEST(Definition, KnowsArrays) {
  const auto definition = parsed("t/T", "float64[] a\nuint8[16] b\nstring[2] c\n");
  EXPECT_EQ(definition->root->fields[0].array, ArrayKind::variable);
  EXPECT_EQ(definition->root->fields[1].array, ArrayKind::fixed);
  EXPECT_EQ(definition->root->fields[1].length, 16u);
  EXPECT_EQ(definition->root->fields[2].length, 2u);
}

TEST(Definition, IsLenientAboutLines) {
  const auto definition = parsed("t/T",
                                 "\xef\xbb\xbf# \xe5\x85\xb3\xe8\x8a\x82, and Latin-1: \xe9\r\n"
                                 "\r\n"
                                 "  float64   x\t # metres = m\r\n"
                                 "\tfloat64 y   \r\n"
                                 "====\r\n"
                                 "MSG:   t/Unused  \r\n"
                                 "int8 q");
  ASSERT_EQ(definition->root->fields.size(), 2u);
  EXPECT_EQ(definition->root->fields[0].name, "x");
  EXPECT_EQ(definition->root->fields[1].name, "y");
  EXPECT_EQ(definition->types.size(), 1u);
}

TEST(Definition, ReadsConstants) {
  const auto definition =
      parsed("t/T",
             "int8 kError = -1\nint8 kUnknown=0\nint8   MOVING  =  1 # moving\nstring S=a # b\n"
             "string EMPTY=\nstring HASH = #x\nfloat32 PI=3.14\nstring field # not = a constant\nstring Q=\"a=b\"\n");
  EXPECT_EQ(definition->root->constants,
            (std::vector<std::string>{"int8 kError=-1", "int8 kUnknown=0", "int8 MOVING=1", "string S=a # b",
                                      "string EMPTY=", "string HASH=#x", "float32 PI=3.14", "string Q=\"a=b\""}));
  ASSERT_EQ(definition->root->fields.size(), 1u);
  EXPECT_EQ(definition->root->fields[0].name, "field");
}

TEST(Definition, FindsTypesInTheirPackages) {
  const std::string text = std::string("Header header\nInner inner\nother/Inner far\n") + kLine +
                           "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" + kLine +
                           "MSG: pkg/Inner\nDeep deep\n" + kLine + "MSG: pkg/Deep\nint8 a\n" + kLine +
                           "MSG: other/Inner\nDeep deep\nHeader header\n" + kLine + "MSG: other/Deep\nint16 b\n";
  const auto definition = parsed("pkg/Top", text);
  const auto& fields = definition->root->fields;
  EXPECT_EQ(fields[0].message->name, "std_msgs/Header");
  EXPECT_EQ(fields[1].message->name, "pkg/Inner");
  EXPECT_EQ(fields[1].message->fields[0].message->name, "pkg/Deep");
  EXPECT_EQ(fields[2].message->fields[0].message->name, "other/Deep");
  EXPECT_EQ(fields[2].message->fields[1].message, fields[0].message);
}

TEST(Definition, EmptyTextIsAnEmptyType) {
  EXPECT_TRUE(parsed("std_msgs/Empty", "")->root->fields.empty());
  EXPECT_TRUE(parsed("std_msgs/Empty", "\n# nothing\n\n")->root->fields.empty());
}

TEST(Definition, TheSameTypeTwiceIsFineWhereItIsTheSame) {
  const std::string once = std::string(kLine) + "MSG: t/A\nint8 a\n";
  EXPECT_EQ(error_of("t/T", "A a\n" + once + once), "parsed");
  EXPECT_EQ(error_of("t/T", "A a\n" + once + kLine + "MSG: t/A\nint8 a # comment\n"), "parsed");
  EXPECT_EQ(error_of("t/T", "A a\n" + once + kLine + "MSG: t/A\nint16 a\n"),
            "type t/T: type t/A stands twice with other fields (second at definition line 6)");
  EXPECT_EQ(error_of("t/T", "int8 x\n" + std::string(kLine) + "MSG: t/T\nint8 x\n"), "parsed");
}

TEST(Definition, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("t/T", "int8 a\nfloat64\n"), "type t/T: definition line 2 `float64`: expected TYPE NAME");
  EXPECT_EQ(error_of("t/T", "int8 a b\n"), "type t/T: definition line 1 `int8 a b`: expected TYPE NAME");
  EXPECT_EQ(error_of("t/T", "int8[x] a\n"), "type t/T: definition line 1 `int8[x] a`: an array's length must be a number");
  EXPECT_EQ(error_of("t/T", "int8[3 a\n"), "type t/T: definition line 1 `int8[3 a`: expected `]` at the end of the type");
  EXPECT_EQ(error_of("t/T", "int8[99999999999] a\n"),
            "type t/T: definition line 1 `int8[99999999999] a`: an array longer than any message");
  EXPECT_EQ(error_of("t/T", "Foo K=1\n"), "type t/T: definition line 1 `Foo K=1`: a constant's type must be a primitive");
  EXPECT_EQ(error_of("t/T", "Foo foo\n"), "type t/T: definition line 1: type Foo of field t/T.foo is not in the definition");
  EXPECT_EQ(error_of("t/T", std::string("int8 a\n") + kLine + "int8 b\n"),
            "type t/T: definition line 3 `int8 b`: expected MSG: pkg/Type after the line of `=`");
  EXPECT_EQ(error_of("t/T", "a/b/c d\n"), "type t/T: definition line 1 `a/b/c d`: not a type's name");
  EXPECT_EQ(error_of("", "int8 a\n"), "type : `` is not a type's name");
}

TEST(Definition, HeaderMayStandInItsOwnPackageWhereStdMsgsHasNone) {
  EXPECT_EQ(error_of("t/T", std::string("Header h\n") + kLine + "MSG: t/Header\nint8 a\n"), "parsed");
}

TEST(Definition, TypesThatTheRootDoesNotNeedMayBeIncomplete) {
  EXPECT_EQ(error_of("t/T", std::string("int8 a\n") + kLine + "MSG: t/B\nMissing m\n"), "parsed");
}

TEST(Definition, RefusesCycles) {
  EXPECT_EQ(error_of("t/T", "T t\n"), "type t/T: definition line 1: type t/T contains itself");
  EXPECT_EQ(error_of("t/T", std::string("A a\n") + kLine + "MSG: t/A\nB[] b\n" + kLine + "MSG: t/B\nA[] a\n"),
            "type t/T: definition line 7: type t/A contains itself");
}

std::string chain(int depth, const std::string& suffix, const std::string& leaf) {
  std::string text = "C1" + suffix + " a\nC1" + suffix + " b\n";
  for (int i = 1; i < depth; ++i) {
    const std::string next = "C" + std::to_string(i + 1) + suffix;
    text += std::string(kLine) + "MSG: t/C" + std::to_string(i) + "\n" + next + " a\n" + next + " b\n";
  }
  return text + kLine + "MSG: t/C" + std::to_string(depth) + "\n" + leaf;
}

TEST(Definition, NestingHasALimit) {
  EXPECT_EQ(error_of("t/T", chain(63, "", "")), "parsed");  // 2^63 ways to the leaf, which is empty
  EXPECT_EQ(error_of("t/T", chain(64, "", "")), "type t/T: types nest deeper than 64");
  EXPECT_EQ(error_of("t/T", chain(10000, "", "")), "type t/T: types nest deeper than 64");
}

TEST(Definition, NestingIsCountedThroughTypesThatAreKnownAlready) {
  // C1 is resolved at depth 2 and its chain is 60 high; reached again below five more types it is too deep.
  std::string text = chain(60, "", "");
  text = "C1 early\nD1 late\n" + text.substr(text.find('='));
  for (int i = 1; i <= 5; ++i) {
    text += std::string(kLine) + "MSG: t/D" + std::to_string(i) + "\n" + (i < 5 ? "D" + std::to_string(i + 1) : "C1") + " x\n";
  }
  EXPECT_EQ(error_of("t/T", text), "type t/T: types nest deeper than 64");
}

TEST(Definition, RefusesTypesLargerThanAnyMessage) {
  const std::string reason = "would need more bytes than any message has";
  EXPECT_NE(error_of("t/T", "float64[4000000000] a\n").find(reason), std::string::npos);
  EXPECT_EQ(error_of("t/T", "float64[500000000] a\n"), "parsed");
  EXPECT_NE(error_of("t/T", chain(40, "", "int8 a\n")).find(reason), std::string::npos);
  EXPECT_NE(error_of("t/T", chain(40, "", "string a\n")).find(reason), std::string::npos);
  EXPECT_NE(error_of("t/T", chain(3, "[4000000000]", "int8 a\n")).find(reason), std::string::npos);
  EXPECT_EQ(error_of("t/T", chain(40, "[]", "string a\n")), "parsed");
  EXPECT_EQ(error_of("t/T", chain(40, "[0]", "string a\n")), "parsed");
}

TEST(Definition, RefusesTextsBeyondALimit) {
  EXPECT_NE(error_of("t/T", std::string(5u << 20, '\n')), "parsed");
  EXPECT_EQ(error_of("t/T", std::string(1u << 20, '\n')), "parsed");
}

}  // namespace
}  // namespace bagloom::msg
