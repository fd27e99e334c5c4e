#include <cmath>
#include <limits>

#include "msg/extractor.h"
#include "proto_bytes.h"

namespace bagloom::msg {
namespace {

constexpr const char* kJoints = R"(
syntax = "proto3";
package foxglove;
import "google/protobuf/timestamp.proto";
message JointState { string name = 1; optional double position = 2; optional double velocity = 3; double effort = 4; }
message JointStates { google.protobuf.Timestamp timestamp = 1; repeated JointState joints = 2; }
)";

NumberSelection select(const std::string& path, std::uint32_t width = 0, std::vector<std::string> names = {}) {
  NumberSelection selection;
  selection.path = *parse_field_path(path);
  selection.width = width;
  selection.names = std::move(names);
  return selection;
}

Result<std::vector<double>> run(const std::shared_ptr<const Definition>& definition, std::vector<NumberSelection> selections,
                                const std::string& message) {
  ASSIGN_OR_RETURN(const NumberExtractor extractor, NumberExtractor::compile(definition, std::move(selections)));
  std::vector<double> out(extractor.width(), -77);
  // Bytes of their own, so that a sanitizer sees reads beyond them.
  const std::vector<std::byte> bytes(as_bytes(message).begin(), as_bytes(message).end());
  RETURN_IF_ERROR(extractor.run(bytes, out));
  return out;
}

struct Schema {
  explicit Schema(const std::string& text, std::string of = "t.T") : bytes(text), type(std::move(of)) {
    auto parsed = protobuf_definition(type, bytes.set());
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().text());
    if (parsed.ok()) definition = *parsed;
  }
  Result<std::vector<double>> read(std::vector<NumberSelection> selections, const std::string& text) const {
    return run(definition, std::move(selections), bytes.message(type, text));
  }
  std::string error(NumberSelection selection, const std::string& text = "") const {
    const auto numbers = read({std::move(selection)}, text);
    return numbers.ok() ? "none" : numbers.error().text();
  }

  ProtoBytes bytes;
  std::string type;
  std::shared_ptr<const Definition> definition;
};

using Numbers = std::vector<double>;

TEST(ProtobufNumbers, EveryScalarType) {
  const Schema schema(R"(syntax = "proto3"; package t; enum E { ZERO = 0; BELOW = -4; }
    message T { double a = 1; float b = 2; int32 c = 3; int64 d = 4; uint32 e = 5; uint64 f = 6; sint32 g = 7; sint64 h = 8;
                fixed32 i = 9; fixed64 j = 10; sfixed32 k = 11; sfixed64 l = 12; bool m = 13; E n = 14; })");
  std::vector<NumberSelection> all;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"}) all.push_back(select(name));
  EXPECT_EQ(*schema.read(all,
                         "a: 1.25 b: -0.5 c: -7 d: -8000000000 e: 4000000000 f: 9000000000 g: -2147483648 h: -9000000001 "
                         "i: 4294967295 j: 5000000000 k: -3 l: -6000000000 m: true n: BELOW"),
            (Numbers{1.25, -0.5, -7, -8e9, 4e9, 9e9, -2147483648.0, -9000000001.0, 4294967295.0, 5e9, -3, -6e9, 1, -4}));
  // proto3: what is 0 is not written.
  EXPECT_EQ(schema.bytes.message("t.T", "a: 0 n: ZERO"), "");
  EXPECT_EQ(*schema.read(all, ""), Numbers(14, 0));
}

TEST(ProtobufNumbers, ArraysPackedAndNot) {
  const std::string fields =
      "message T { repeated double a = 1 %; repeated sint32 b = 2 %; repeated bool c = 3 %; repeated float d = 4 %; }";
  std::string packed = fields, loose = fields;
  for (std::string* text : {&packed, &loose}) {
    for (std::size_t at; (at = text->find('%')) != std::string::npos;)
      text->replace(at, 1, text == &packed ? "[packed = true]" : "[packed = false]");
  }
  const Schema one("syntax = \"proto3\"; package t; " + packed), other("syntax = \"proto3\"; package t; " + loose);
  const std::string text = "a: [1, 2, 3] b: [-1, 2, -3, 400000] c: [true, false] d: [0.5, 0.25]";
  const std::vector<NumberSelection> all{select("a", 3), select("b[1:4]"), select("c[1]"), select("d[0]")};
  const Numbers want{1, 2, 3, 2, -3, 400000, 0, 0.5};
  EXPECT_EQ(*one.read(all, text), want);
  EXPECT_EQ(*other.read(all, text), want);
  // A reader takes either, whatever the schema says.
  EXPECT_NE(one.bytes.message("t.T", text), other.bytes.message("t.T", text));
  EXPECT_EQ(*run(one.definition, all, other.bytes.message("t.T", text)), want);
  EXPECT_EQ(*run(other.definition, all, one.bytes.message("t.T", text)), want);
  // Pieces are put together.
  EXPECT_EQ(
      *run(one.definition, {select("a", 5)}, one.bytes.message("t.T", "a: [1, 2]") + other.bytes.message("t.T", "a: [3, 4, 5]")),
      (Numbers{1, 2, 3, 4, 5}));
}

TEST(ProtobufNumbers, AnArrayOfAnotherLengthIsAnError) {
  const Schema schema(R"(syntax = "proto3"; package t; message T { repeated double a = 1; })");
  EXPECT_EQ(schema.error(select("a", 3), "a: [1, 2]"), "`a`: the array has 2 elements, 3 are expected");
  EXPECT_EQ(schema.error(select("a", 3), "a: [1, 2, 3, 4]"), "`a`: the array has 4 elements, 3 are expected");
  EXPECT_EQ(schema.error(select("a[1:3]"), "a: [1, 2]"), "`a[1:3]`: the array has 2 elements, at least 3 are expected");
  EXPECT_EQ(schema.error(select("a[2]"), "a: [1, 2]"), "`a[2]`: the message has no such value");
  EXPECT_EQ(*schema.read({select("a[1:3]")}, "a: [1, 2, 3, 4]"), (Numbers{2, 3}));
}

TEST(ProtobufNumbers, NestedMessagesAndBytes) {
  const Schema schema(R"(syntax = "proto3"; package t;
    message P { double x = 1; double y = 16; } message Q { P p = 3; repeated P many = 4; }
    message T { Q q = 1; bytes data = 2; repeated Q rows = 3; string text = 4; })");
  const std::string text = R"(q { p { x: 1 y: 2 } many { x: 3 } many { y: 4 } many { x: 5 y: 6 } } data: "\x01\xff\x7f"
                              rows { many { x: 7 } } rows { many { x: 8 } many { x: 9 } })";
  EXPECT_EQ(
      *schema.read({select("q.p.y"), select("q.many.x", 3), select("q.many[1:3].y"), select("q.many[0].x"), select("data[1:3]")},
                   text),
      (Numbers{2, 3, 0, 5, 4, 6, 3, 255, 127}));
  EXPECT_EQ(*schema.read({select("rows[1].many.x", 2), select("rows[0].many[0].x")}, text), (Numbers{8, 9, 7}));
  EXPECT_NE(schema.error(select("rows.many.x", 2), text).find("only one step may select more than one element"),
            std::string::npos);
  EXPECT_EQ(schema.error(select("q.p.x")), "`q.p.x`: the message has no such value");  // no q at all: that is no 0
  EXPECT_NE(schema.error(select("text"), text).find("is a string, not a number"), std::string::npos);
  EXPECT_NE(schema.error(select("q.p"), text).find("name one of its fields"), std::string::npos);
  EXPECT_NE(schema.error(select("q.p.x.z"), text).find("it has no fields"), std::string::npos);
  EXPECT_NE(schema.error(select("q[0].p.x"), text).find("`q` is no array"), std::string::npos);
  EXPECT_NE(schema.error(select("q.qp"), text).find("no field `qp` in t.Q; did you mean `p`?"), std::string::npos);
}

TEST(ProtobufNumbers, TimesAreSeconds) {
  const Schema schema(
      R"(syntax = "proto3"; package t; import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
    message T { google.protobuf.Timestamp at = 1; google.protobuf.Duration took = 2; repeated google.protobuf.Timestamp all = 3; })");
  EXPECT_EQ(*schema.read({select("at"), select("took"), select("all", 2)},
                         "at { seconds: 1700000000 nanos: 250000000 } took { seconds: -1 nanos: -500000000 } all { seconds: 5 } "
                         "all { nanos: 500000000 }"),
            (Numbers{1700000000.25, -1.5, 5, 0.5}));
  EXPECT_EQ(schema.error(select("at")), "`at`: the message has no such value");
}

TEST(ProtobufNumbers, PresenceSaysWhatIsMissing) {
  const Schema three(
      R"(syntax = "proto3"; package t; message T { optional double a = 1; double b = 2; oneof c { double d = 3; int32 e = 4; } })");
  EXPECT_EQ(*three.read({select("a"), select("b"), select("d")}, "a: 0 d: 0"), (Numbers{0, 0, 0}));
  EXPECT_EQ(three.error(select("a"), "b: 1"), "`a`: the message has no such value");
  EXPECT_EQ(three.error(select("d"), "e: 1"), "`d`: the message has no such value");
  const Schema two(
      R"(syntax = "proto2"; package t; message T { optional double a = 1; optional double b = 2 [default = 2.5]; optional bool c = 3 [default = true]; })");
  EXPECT_EQ(*two.read({select("a"), select("b"), select("c")}, "a: 1"), (Numbers{1, 2.5, 1}));
  EXPECT_EQ(*two.read({select("b"), select("c")}, "b: 3 c: false"), (Numbers{3, 0}));
  EXPECT_EQ(two.error(select("a"), "b: 1"), "`a`: the message has no such value");
}

TEST(ProtobufNumbers, NamesOfJoints) {
  const Schema schema(kJoints, "foxglove.JointStates");
  const std::string text =
      R"(joints { name: "b" position: 2 effort: 20 } joints { name: "a" position: 1 } joints { name: "c" position: 3 velocity: 30 })";
  const auto named = [](const std::string& path, std::vector<std::string> names) { return select(path, 0, std::move(names)); };
  EXPECT_EQ(*schema.read({named("joints.position", {"a", "b", "c"}), named("joints.effort", {"a", "b"})}, text),
            (Numbers{1, 2, 3, 0, 20}));
  EXPECT_EQ(*schema.read({select("joints.position", 3), select("joints[0:2].position")}, text), (Numbers{2, 1, 3, 2, 1}));
  EXPECT_EQ(schema.error(named("joints.position", {"a", "d"}), text), "`joints.position`: the message does not name `d`");
  EXPECT_EQ(schema.error(named("joints.velocity", {"a"}), text),
            "`joints.velocity`: the element that is named `a` has no such value");
  EXPECT_EQ(schema.error(named("joints.position", {"a"}), text + text), "`joints.position`: the message names `a` twice");
  EXPECT_NE(schema.error(named("joints[0:2].position", {"a"}), text).find("names pick from a whole array"), std::string::npos);
  EXPECT_EQ(find_names_beside(*schema.definition, *parse_field_path("joints.position"))->text, "joints.name");
  EXPECT_EQ(
      *array_length(*schema.definition, *parse_field_path("joints.position"), as_bytes(schema.bytes.message(schema.type, text))),
      3u);
  EXPECT_EQ(
      *string_array(*schema.definition, *parse_field_path("joints.name"), as_bytes(schema.bytes.message(schema.type, text))),
      (std::vector<std::string>{"b", "a", "c"}));

  const Schema beside(R"(syntax = "proto3"; package t; message T { repeated double position = 1; repeated string name = 2; })");
  EXPECT_EQ(*beside.read({named("position", {"y", "x"})}, R"(position: [1, 2] name: "x" name: "y")"), (Numbers{2, 1}));
  EXPECT_EQ(beside.error(named("position", {"y"}), R"(position: [1] name: "x" name: "y")"),
            "`position`: `y` is name 1, the array has 1 element there");
}

TEST(ProtobufNumbers, LaterValuesCount) {
  const Schema schema(
      R"(syntax = "proto3"; package t; message P { double x = 1; double y = 2; } message T { double a = 1; P p = 2; })");
  const std::string twice = schema.bytes.message("t.T", "a: 1 p { x: 1 }") + schema.bytes.message("t.T", "a: 2 p { y: 2 }");
  EXPECT_EQ(*run(schema.definition, {select("a"), select("p.x"), select("p.y")}, twice), (Numbers{2, 1, 2}));
}

// Protobuf merges the parts of a message that stands there more than once.
TEST(ProtobufNumbers, ATimeInTwoParts) {
  const Schema schema(
      R"(syntax = "proto3"; package t; import "google/protobuf/timestamp.proto";
    message In { google.protobuf.Timestamp at = 1; }
    message T { google.protobuf.Timestamp at = 1; In in = 2; repeated In all = 3; repeated google.protobuf.Timestamp times = 4; })");
  const auto joined = [&](const std::vector<std::string>& parts) {
    std::string message;
    for (const std::string& part : parts) message += schema.bytes.message("t.T", part);
    return message;
  };
  EXPECT_EQ(
      *run(schema.definition, {select("at"), select("in.at")},
           joined({"at { seconds: 7 } in { at { nanos: 500000000 } }", "at { nanos: 250000000 } in { at { seconds: 3 } }"})),
      (Numbers{7.25, 3.5}));
  EXPECT_EQ(*run(schema.definition, {select("at")}, joined({"at { seconds: 7 nanos: 250000000 }", "at { seconds: 8 }"})),
            Numbers{8.25});
  // Elements of an array are messages of their own.
  EXPECT_EQ(*run(schema.definition, {select("all.at", 2), select("times", 2)},
                 joined({"all { at { seconds: 1 } } times { seconds: 3 }",
                         "all { at { nanos: 500000000 } } times { nanos: 500000000 }"})),
            (Numbers{1, 0.5, 3, 0.5}));
}

TEST(ProtobufNumbers, NamesOfElementsThatAreTakenByPlace) {
  const Schema schema(kJoints, "foxglove.JointStates");
  NumberSelection two = select("joints.position", 2);
  two.expected = {"a", "b"};
  two.expected_of = "the first message's";
  const std::string first = R"(joints { name: "a" position: 1 } )", second = R"(joints { name: "b" position: 2 } )";
  EXPECT_EQ(*schema.read({two, two}, first + second), (Numbers{1, 2, 1, 2}));
  EXPECT_EQ(
      schema.error(two, second + first).find("`joints.position`: its elements 0, 1 are named b, a; the first message's a, b"),
      0u);
  EXPECT_EQ(schema.error(two, "joints { position: 1 } joints { position: 2 }"), "none") << "a message without names";
  EXPECT_NE(schema.error(two, first + "joints { position: 2 }"), "none");
  EXPECT_NE(schema.error(two, R"(joints { name: "ab" position: 1 } joints { name: "" position: 2 })"), "none");
  // Of two names in one element the later one counts.
  const std::string b =
      "\x12\x0f\x0a\x01x\x0a\x01"
      "b\x11" +
      std::string("\0\0\0\0\0\0\0\x40", 8);
  EXPECT_EQ(*run(schema.definition, {two}, schema.bytes.message("foxglove.JointStates", first) + b), (Numbers{1, 2}));
  const Schema beside(R"(syntax = "proto3"; package t; message T { repeated double v = 1; repeated string names = 2; })");
  NumberSelection range = select("v[1:3]", 2);
  range.expected = {"b", "c"};
  EXPECT_EQ(beside.error(range, R"(v: [1, 2, 3] names: ["a", "b", "c"])"), "none");
  EXPECT_EQ(beside.error(range, R"(v: [1, 2, 3])"), "none");
  EXPECT_NE(beside.error(range, R"(v: [1, 2, 3] names: ["b", "c", "a"])"), "none");
  EXPECT_NE(beside.error(range, R"(v: [1, 2, 3] names: ["a", "b"])"), "none");
}

TEST(ProtobufNumbers, DamagedMessages) {
  const Schema schema(kJoints, "foxglove.JointStates");
  const std::string whole = schema.bytes.message(
      "foxglove.JointStates", R"(joints { name: "a" position: 1 effort: 1 } joints { name: "b" position: 2 })");
  const std::vector<NumberSelection> all{select("joints.position", 2)};
  ASSERT_TRUE(run(schema.definition, all, whole).ok());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(run(schema.definition, all, whole.substr(0, n)).ok()) << n;
  }
  // Unknown fields are passed over, groups among them; what is no field at all is not.
  EXPECT_TRUE(run(schema.definition, all, whole + std::string("\x7b\x08\x01\x7c", 4)).ok());
  EXPECT_FALSE(run(schema.definition, all, whole + std::string("\x7b\x08\x01", 3)).ok());
  EXPECT_FALSE(run(schema.definition, all, whole + std::string("\x7c", 1)).ok());
  EXPECT_FALSE(run(schema.definition, all, whole + std::string("\0", 1)).ok());
  EXPECT_FALSE(run(schema.definition, all, whole + std::string("\x12\xff\xff\xff\xff\x0f", 6)).ok());
  EXPECT_FALSE(run(schema.definition, all, whole + std::string(20000, '\x7b')).ok());
  // `joints` as a number.
  const auto number = run(schema.definition, all, std::string("\x10\x01", 2));
  EXPECT_EQ(number.error().text(), "`joints` is written as wire type 0, which its schema does not allow");
}

}  // namespace
}  // namespace bagloom::msg
