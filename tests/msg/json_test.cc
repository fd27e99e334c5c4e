#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "msg/base64.h"
#include "msg/definition_set.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

constexpr const char* kJoints = R"({"title": "foxglove.JointStates", "type": "object", "properties": {
  "timestamp": {"type": "object", "title": "time", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}},
  "joints": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "position": {"type": "number"}, "velocity": {"anyOf": [{"type": "null"}, {"type": "number"}]}}}}}})";
constexpr const char* kImage =
    R"({"type": "object", "properties": {"timestamp": {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}},
  "data": {"type": "string", "contentEncoding": "base64"}, "format": {"type": "string"}}})";
constexpr const char* kRaw =
    R"({"type": "object", "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}, "step": {"type": "integer"},
  "encoding": {"type": "string"}, "data": {"type": "string", "contentEncoding": "base64"}}})";

std::shared_ptr<const Definition> definition(const std::string& schema, const std::string& type = "t.T") {
  auto parsed = parse_definition({type, schema, "jsonschema", "json"}, builtin_definitions());
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().text());
  return *parsed;
}

NumberSelection select(const std::string& path, std::uint32_t width = 0, std::vector<std::string> names = {}) {
  return {*parse_field_path(path), std::move(names), {}, width};
}

Result<std::vector<double>> read(const std::string& schema, std::vector<NumberSelection> selections, const std::string& message) {
  ASSIGN_OR_RETURN(const NumberExtractor extractor, NumberExtractor::compile(definition(schema), std::move(selections)));
  std::vector<double> out(extractor.width(), -77);
  const std::vector<std::byte> bytes(as_bytes(message).begin(), as_bytes(message).end());
  RETURN_IF_ERROR(extractor.run(bytes, out));
  return out;
}

std::string error_of(const std::string& schema, NumberSelection selection, const std::string& message) {
  const auto numbers = read(schema, {std::move(selection)}, message);
  return numbers.ok() ? "none" : numbers.error().text();
}

using Numbers = std::vector<double>;

Numbers numbers_of(const std::string& schema, std::vector<NumberSelection> selections, const std::string& message) {
  auto numbers = read(schema, std::move(selections), message);
  if (numbers.ok()) return *numbers;
  ADD_FAILURE() << numbers.error().text();
  return {};
}

TEST(JsonNumbers, WithoutASchemaTheMessageSays) {
  const std::string message =
      R"({"a": 1.5, "b": [1, -2, 3e2], "c": {"d": [{"e": 1}, {"e": 2}]}, "t": {"sec": 5, "nsec": 500000000}, "yes": true, "no": false,
    "big": 18446744073709551615, "whole": -9007199254740993, "huge": 123456789012345678901234567890, "\u0061\"x": 4, "esc\u0061pe": 7})";
  EXPECT_EQ(
      numbers_of("",
                 {select("a"), select("b", 3), select("c.d.e", 2), select("c.d[1].e"), select("t"), select("yes"), select("no")},
                 message),
      (Numbers{1.5, 1, -2, 300, 1, 2, 2, 5.5, 1, 0}));
  EXPECT_EQ(
      *read("",
            {select("b[1:3]"), select("b[0]"), select("t.sec"), select("big"), select("whole"), select("huge"), select("escape")},
            message),
      (Numbers{-2, 300, 1, 5, 18446744073709551615.0, -9007199254740993.0, 123456789012345678901234567890.0, 7}));
  EXPECT_EQ(error_of("", select("b", 2), message), "`b`: the array has 3 elements, 2 are expected");
  EXPECT_EQ(error_of("", select("b"), message), "`b`: the array has 3 elements, 1 are expected");
  EXPECT_EQ(error_of("", select("a", 2), message), "`a`: the array has 0 elements, 2 are expected");
  EXPECT_EQ(error_of("", select("b[2:5]"), message), "`b[2:5]`: the array has 3 elements, at least 5 are expected");
  EXPECT_EQ(error_of("", select("a[0]"), message), "`a[0]`: the message has no such value");
  EXPECT_EQ(error_of("", select("nothing"), message), "`nothing`: the message has no such value");
  EXPECT_EQ(error_of("", select("c"), message), "`c` is an object, not a value");
}

TEST(JsonNumbers, ASchemaFindsTypingMistakesAndLengths) {
  EXPECT_NE(
      error_of(kJoints, select("joints.postion", 2), "{}").find("no field `postion` in t.T.joints; did you mean `position`?"),
      std::string::npos);
  EXPECT_NE(error_of(kJoints, select("joints.position"), "{}").find("is an array of any length"), std::string::npos);
  EXPECT_NE(error_of(kJoints, select("joints.name", 2), "{}").find("is a string, not a number"), std::string::npos);
  EXPECT_NE(error_of(kJoints, select("timestamp.sec"), "{}").find("it has no fields"), std::string::npos);
  EXPECT_EQ(numbers_of(kJoints, {select("timestamp")}, R"({"timestamp": {"nsec": 250000000, "sec": 7}})"), (Numbers{7.25}));
  EXPECT_EQ(error_of(kJoints, select("timestamp"), R"({"timestamp": {"sec": 7}})"), "`timestamp` is an object, not a value");
  EXPECT_EQ(error_of(kJoints, select("timestamp"), R"({"timestamp": {"sec": 7, "nsec": 1, "x": 2}})"),
            "`timestamp` is an object, not a value");
  EXPECT_EQ(error_of(kJoints, select("timestamp"), R"({"timestamp": {"sec": 7, "nsec": [1]}})"),
            "`timestamp` is an object, not a value");
  EXPECT_EQ(numbers_of(kJoints, {select("timestamp")}, R"({"timestamp": 7.5})"), (Numbers{7.5}));
}

TEST(JsonNumbers, NamesOfJoints) {
  const std::string message =
      R"({"joints": [{"name": "b", "position": 2}, {"position": 1, "name": "a", "velocity": null}, {"name": "c", "position": 3, "velocity": 30}]})";
  for (const std::string& schema : {std::string(kJoints), std::string()}) {
    EXPECT_EQ(numbers_of(schema, {select("joints.position", 3), select("joints[1:3].position")}, message),
              (Numbers{2, 1, 3, 1, 3}));
    NumberSelection named = select("joints.position", 0, {"a", "b"});
    EXPECT_EQ(find_names_beside(*definition(schema), named.path)->text, "joints.name");
    EXPECT_EQ(numbers_of(schema, {named}, message), (Numbers{1, 2}));
    named.path = *parse_field_path("joints.velocity");
    EXPECT_EQ(error_of(schema, named, message), "`joints.velocity`: the element that is named `a` has no such value");
    EXPECT_EQ(error_of(schema, select("joints.velocity", 3), message),
              "`joints.velocity`: the message has no value for element 0");
    EXPECT_EQ(*array_length(*definition(schema), *parse_field_path("joints.position"), as_bytes(message)), 3u);
    EXPECT_EQ(*string_array(*definition(schema), *parse_field_path("joints.name"), as_bytes(message)),
              (std::vector<std::string>{"b", "a", "c"}));
  }
  EXPECT_EQ(find_names_beside(*definition(kJoints), *parse_field_path("joints.position"))->text, "joints.name");
  EXPECT_EQ(numbers_of(kJoints, {select("joints.position", 3, {"a", "b", "c"})}, message), (Numbers{1, 2, 3}));
}

TEST(JsonNumbers, NamesOfElementsThatAreTakenByPlace) {
  const auto expecting = [](const std::string& path, std::vector<std::string> names) {
    NumberSelection selection = select(path, static_cast<std::uint32_t>(names.size()));
    selection.expected = std::move(names);
    selection.expected_of = "the recipe's";
    return selection;
  };
  const std::string right =
      R"({"joints": [{"name": "a", "position": 1}, {"position": 2, "name": "b"}, {"name": "c", "position": 3}]})";
  const std::string swapped =
      R"({"joints": [{"name": "a", "position": 1}, {"name": "c", "position": 3}, {"name": "b", "position": 2}]})";
  const std::string unnamed = R"({"joints": [{"position": 1}, {"position": 2}, {"position": 3}]})";
  for (const std::string& schema : {std::string(kJoints), std::string()}) {
    EXPECT_EQ(numbers_of(schema, {expecting("joints.position", {"a", "b", "c"}), select("joints[0].position")}, right),
              (Numbers{1, 2, 3, 1}));
    EXPECT_EQ(error_of(schema, expecting("joints.position", {"a", "b", "c"}), right), "none");
    EXPECT_EQ(error_of(schema, expecting("joints.position", {"a", "b", "c"}), unnamed), "none");
    EXPECT_EQ(error_of(schema, expecting("joints[1:3].position", {"b", "c"}), right), "none");
    EXPECT_EQ(error_of(schema, expecting("joints[2].position", {"c"}), right), "none");
    EXPECT_NE(error_of(schema, expecting("joints[2].position", {"c"}), swapped), "none");
    EXPECT_EQ(error_of(schema, expecting("joints.position", {"a", "b", "c"}), swapped)
                  .find("`joints.position`: its elements 1, 2 are named c, b; the recipe's b, c"),
              0u);
    EXPECT_EQ(*element_names(*definition(schema), select("joints[1:3].position", 2), as_bytes(swapped)),
              (std::vector<std::string>{"c", "b"}));
  }
  // An array of names beside one of numbers, in any order; and what names no elements.
  EXPECT_EQ(error_of("", expecting("position", {"a", "b"}), R"({"position": [1, 2], "name": ["a", "b"]})"), "none");
  EXPECT_NE(error_of("", expecting("position", {"a", "b"}), R"({"position": [1, 2], "name": ["a", "x"]})"), "none");
  EXPECT_NE(error_of("", expecting("position", {"a", "b"}), R"({"name": ["a"], "position": [1, 2]})"), "none");
  for (const char* nothing :
       {R"({"position": [1, 2]})", R"({"position": [1, 2], "name": "x"})", R"({"position": [1, 2], "name": []})",
        R"({"position": [1, 2], "name": [1, 2]})", R"({"position": [1, 2], "name": ["", ""]})"})
    EXPECT_EQ(error_of("", expecting("position", {"a", "b"}), nothing), "none") << nothing;
}

TEST(JsonNumbers, WhatJsonHasNoNumberFor) {
  const auto numbers = read("", {select("a", 4)}, R"({"a": ["NaN", "Infinity", "-Infinity", 1]})");
  ASSERT_TRUE(numbers.ok());
  EXPECT_TRUE(std::isnan((*numbers)[0]));
  EXPECT_EQ((*numbers)[1], std::numeric_limits<double>::infinity());
  EXPECT_EQ((*numbers)[2], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of("", select("a", 2), R"({"a": [1, null]})"), "`a`: the array has 1 element, 2 are expected");
  EXPECT_EQ(error_of("", select("a", 2), R"({"a": [null, 1]})"), "`a`: the message has no value for element 0");
  EXPECT_EQ(error_of("", select("a"), R"({"a": "1"})"), "`a`: the message has text there, not a number");
  EXPECT_EQ(error_of("", select("a"), R"({"a": null})"), "`a`: the message has no such value");
  EXPECT_EQ(error_of("", select("a"), R"({"a": 1e999})"), "a number that no double can hold");
}

TEST(JsonNumbers, WordsThatPythonWritesForNumbersAreNamed) {
  const auto reason = [](const std::string& word) {
    return "`" + word + "` stands in it, which JSON does not have; Python's json.dumps writes it: record the text \"" + word +
           "\" in its place";
  };
  for (const char* word : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(error_of("", select("a"), std::string("{\"a\": ") + word + "}"), reason(word));
    EXPECT_EQ(error_of("", select("a", 2), std::string("{\"a\": [1,") + word + "]}"), reason(word));
  }
  // Of a field that nobody wants too: what stands behind it cannot be told.
  EXPECT_EQ(error_of("", select("a"), R"({"b": {"c": [0, NaN]}, "a": 1})"), reason("NaN"));
  // In texts and names they are what they are.
  EXPECT_EQ(numbers_of("", {select("a")}, R"({"b": "NaN Infinity", "NaN": 2, "a": 1})"), (Numbers{1}));
  for (const char* other : {R"({"a": Na})", R"({"a": nan})", R"({"a": Inf})", R"({"a": N)", R"({"a": -)", "NaN"})
    EXPECT_EQ(error_of("", select("a"), other).find("which JSON does not have") != std::string::npos,
              std::string_view(other) == "NaN")
        << other;
}

TEST(JsonNumbers, DamagedMessages) {
  const std::string whole = R"({"a": [1, 2], "b": {"c": "\u00e4\n"}, "d": 3})";
  ASSERT_TRUE(read("", {select("a", 2)}, whole).ok());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(read("", {select("a", 2)}, whole.substr(0, n)).ok()) << n;
  for (const char* wrong : {"{\"a\": NaN}", "{\"a\": 1} x", "{\"a\": 1}{\"a\": 1}", "{'a': 1}", "\xff\xfe", "{\"a\": \"\xff\"}",
                            "{\"a\": 01}", "[1]", "1", "\"a\"", "null", "true"})
    EXPECT_NE(error_of("", select("a"), wrong), "none") << wrong;
  EXPECT_EQ(error_of("", select("a"), "{\"a\": 1, \"b\": \"" + std::string(100000, 'x')),
            "no JSON, or cut off (at offset 100015)");
  EXPECT_EQ(error_of("", select("a"), R"({"a": 1, "a": 2})"), "`a` stands there twice");
  EXPECT_EQ(numbers_of("", {select("a")}, R"({"b": 1, "a": 2, "b": 3})"), (Numbers{2}));
  EXPECT_EQ(error_of("", select("a", 2), R"({"a": [[1, 2]]})"), "`a` holds arrays of arrays");
  EXPECT_EQ(error_of("", select("a.b", 2), R"({"a": [{"b": [1, 2]}]})"), "`a.b`: arrays inside arrays: give an index or a range");
  EXPECT_EQ(numbers_of("", {select("a[0].b", 2)}, R"({"a": [{"b": [1, 2]}, {"b": [3]}]})"), (Numbers{1, 2}));
  const std::string deep(100000, '[');
  EXPECT_EQ(error_of("", select("a"), "{\"b\": " + deep), "nests deeper than 256 levels");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_EQ(error_of("", select("b"), objects), "nests deeper than 256 levels");
}

TEST(JsonPicture, Base64AndFields) {
  const auto extractor = PictureExtractor::compile(definition(kImage, "foxglove.CompressedImage"));
  ASSERT_TRUE(extractor.ok());
  const auto picture =
      *extractor->run(as_bytes(R"({"format": "jp\u0065g", "data": "\/9j/AAE=", "timestamp": {"sec": 1, "nsec": 2}})"));
  EXPECT_TRUE(picture.compressed);
  EXPECT_EQ(picture.encoding, "jpeg");
  EXPECT_EQ(as_text(picture.data), std::string_view("\xff\xd8\xff\x00\x01", 5));
  EXPECT_EQ(extractor->run(as_bytes(R"({"data": "a?b=", "format": "jpeg"})")).error().text(), "`data` is no base64");
  for (const char* nothing : {R"({"format": "jpeg"})", R"({"data": null, "format": "jpeg"})"})
    EXPECT_EQ(extractor->run(as_bytes(nothing)).error().text(), "`data` is missing or null, where base64 text is wanted");
  EXPECT_EQ(extractor->run(as_bytes(R"({"data": 5, "format": "jpeg"})")).error().text(),
            "`data` is a number, where base64 text is wanted");
  EXPECT_TRUE(extractor->run(as_bytes(R"({"data": "", "format": "jpeg"})"))->data.empty());
  EXPECT_EQ(extractor->run(as_bytes(R"({"data": "AA==", "data": "AA=="})")).error().text(), "`data` stands there twice");

  const auto raw = PictureExtractor::compile(definition(kRaw, "foxglove.RawImage"));
  ASSERT_TRUE(raw.ok());
  const auto image = *raw->run(as_bytes(R"({"width": 2, "height": 1, "step": 4, "encoding": "16UC1", "data": "YWJjZA=="})"));
  EXPECT_FALSE(image.compressed);
  EXPECT_EQ(image.width, 2u);
  EXPECT_EQ(image.step, 4u);
  EXPECT_EQ(image.encoding, "16UC1");
  EXPECT_EQ(as_text(image.data), "abcd");
  for (const std::string size : {"-1", "1.5", "1e12", "\"2\""}) {
    const std::string message = "{\"width\": " + size + R"(, "height": 1, "step": 4, "encoding": "16UC1", "data": "YWJjZA=="})";
    const auto odd = raw->run(as_bytes(message));
    EXPECT_TRUE(!odd.ok() || odd->width == 0) << size;  // text is no number: as if it were not there
  }
}

TEST(JsonPicture, ATypesNameIsEnoughWhereThereIsNoSchema) {
  EXPECT_TRUE(PictureExtractor::compile(definition("", "foxglove.CompressedImage")).ok());
  EXPECT_TRUE(PictureExtractor::compile(definition("{}", "foxglove.RawImage")).ok());
  EXPECT_FALSE(PictureExtractor::compile(definition("", "foxglove.JointStates")).ok());
  EXPECT_FALSE(PictureExtractor::compile(definition(kJoints, "foxglove.CompressedImage")).ok());
}

TEST(JsonDefinition, Fields) {
  const auto parsed = definition(
      R"({"type": "object", "properties": {"n": {"type": ["null", "number"]}, "i": {"type": "integer"}, "b": {"type": "boolean"},
    "s": {"type": "array", "items": {"type": "string"}}, "p": {"$ref": "#/$defs/P"}, "q": {"type": "array", "items": {"$ref": "#/$defs/P"}},
    "d": {"type": "string", "contentEncoding": "base64"}}, "$defs": {"P": {"type": "object", "properties": {"x": {"type": "number"}}}}})");
  std::string text;
  for (const Field& field : parsed->root->fields) {
    text += field.name + " " + (field.message != nullptr ? field.message->name : std::string(name_of(field.primitive))) +
            (field.array == ArrayKind::none ? "" : "[]") + "; ";
  }
  EXPECT_EQ(text, "b bool; d uint8[]; i int64; n float64; p t.T.p; q t.T.p[]; s string[]; ");
  EXPECT_FALSE(parsed->root->open);
  EXPECT_EQ(parsed->types.size(), 2u);
}

TEST(JsonDefinition, SchemasThatSayLittleOrTooMuch) {
  for (const char* schema :
       {"", "{}", "no JSON", "[]", R"({"type": "object"})", R"({"properties": {}})", R"({"properties": 3})"}) {
    EXPECT_TRUE(definition(schema)->root->open) << schema;
    EXPECT_EQ(numbers_of(schema, {select("a")}, R"({"a": 1})"), (Numbers{1})) << schema;
  }
  // A schema that says less than all: what it lists stays known.
  const auto some = definition(
      R"({"properties": {"a": {"type": "number"}, "b": {"enum": [1, 2]}, "c": {"type": "array", "items": {"type": "array"}}}})");
  EXPECT_TRUE(some->root->open);
  EXPECT_EQ(some->root->fields.size(), 1u);
  // Types that hold themselves, references in circles, and definitions that double at each level.
  EXPECT_TRUE(definition(R"({"properties": {"a": {"$ref": "#"}}})")->root->open);
  EXPECT_TRUE(definition(R"({"properties": {"a": {"$ref": "#/x"}}, "x": {"$ref": "#/x"}})")->root->open);
  EXPECT_TRUE(definition(R"({"properties": {"a": {"$ref": "#/~2"}}})")->wire == Wire::json);
  std::string doubling = R"({"properties": {"a": {"$ref": "#/d/0"}}, "d": [)";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "{\"$ref\": \"#/d/" + std::to_string(i + 1) + "\"}";
    doubling += R"({"type": "object", "properties": {"l": )" + next + R"(, "r": )" + next + "}}, ";
  }
  EXPECT_LE(definition(doubling + R"({"type": "number"}]})")->types.size(), 64u);
  EXPECT_TRUE(definition(std::string(100000, '['))->root->open);
  EXPECT_FALSE(parse_definition({"t", std::string(2u << 20, ' '), "jsonschema", "json"}, builtin_definitions()).ok());
}

TEST(Base64, Rfc4648) {
  const std::vector<std::pair<std::string, std::string>> known{{"", ""},
                                                               {"Zg==", "f"},
                                                               {"Zm8=", "fo"},
                                                               {"Zm9v", "foo"},
                                                               {"Zm9vYg==", "foob"},
                                                               {"Zm9vYmE=", "fooba"},
                                                               {"Zm9vYmFy", "foobar"},
                                                               {"Zm8", "fo"},
                                                               {"-_-_", "\xfb\xff\xbf"},
                                                               {"+/+/", "\xfb\xff\xbf"}};
  for (const auto& [text, want] : known) {
    std::string decoded = text;
    EXPECT_TRUE(decode_base64(decoded)) << text;
    EXPECT_EQ(decoded, want);
  }
  for (const std::string wrong : {"Z", "Zg=", "Zg= =", "Z===", "====", "=", "Zm 9", "Zm9v\n", "Zm9vZ", "Zg==Zg=="}) {
    std::string text = wrong;
    EXPECT_FALSE(decode_base64(text)) << wrong;
  }
}

}  // namespace
}  // namespace bagloom::msg
