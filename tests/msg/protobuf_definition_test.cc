#include <algorithm>

#include "msg/extractor.h"
#include "proto_bytes.h"

namespace bagloom::msg {
namespace {

constexpr const char* kUser = R"(syntax = "proto3"; package u; import "other.proto"; message U { o.O o = 1; })";
constexpr const char* kOther = R"(syntax = "proto3"; package o; message O { double x = 1; })";

std::string error_of(const std::string& type, const std::string& set) {
  const auto parsed = protobuf_definition(type, set);
  return parsed.ok() ? "none" : parsed.error().text();
}

/// A field of bytes: tag, length, content.
std::string delimited(char tag, const std::string& content) {
  std::string out(1, tag);
  std::size_t n = content.size();
  for (; n > 0x7f; n >>= 7) out += static_cast<char>((n & 0x7f) | 0x80);
  return out + static_cast<char>(n) + content;
}

TEST(ProtobufDefinition, FieldsComeAsTheSchemaHasThem) {
  const ProtoBytes bytes(R"(syntax = "proto3"; package t; import "google/protobuf/timestamp.proto";
    message In { string name = 1; } message T { google.protobuf.Timestamp timestamp = 1; repeated In in = 5; bytes data = 2; fixed32 width = 3; repeated string s = 4; })");
  const auto definition = *protobuf_definition("t.T", bytes.set());
  EXPECT_EQ(definition->wire, Wire::protobuf);
  EXPECT_EQ(definition->root->name, "t.T");
  EXPECT_EQ(definition->outside, "");
  std::string text;
  for (const Field& field : definition->root->fields) {
    text += field.name + " " + (field.message != nullptr ? field.message->name : std::string(name_of(field.primitive))) +
            (field.array == ArrayKind::none ? "" : "[]") + "; ";
  }
  EXPECT_EQ(text, "timestamp time; in t.In[]; data uint8[]; width uint32; s string[]; ");
}

TEST(ProtobufDefinition, FilesMayStandInAnyOrderAndTwice) {
  ProtoBytes bytes({{"other.proto", kOther}, {"user.proto", kUser}});
  auto& files = *bytes.files().mutable_file();
  std::reverse(files.begin(), files.end());
  EXPECT_EQ(error_of("u.U", bytes.set()), "none");
  EXPECT_EQ(error_of(".u.U", bytes.set()), "none");
  EXPECT_EQ(error_of("u.U", bytes.set() + bytes.set()), "none");
}

TEST(ProtobufDefinition, WhatIsMissingIsNamed) {
  ProtoBytes bytes({{"other.proto", kOther}, {"user.proto", kUser}});
  const std::string remedy = "; record it with all files that it imports, or leave the topic out of the recipe";
  EXPECT_EQ(error_of("u.V", bytes.set()), "type u.V: its protobuf schema does not define u.V" + remedy);
  bytes.files().mutable_file()->DeleteSubrange(2, 1);
  EXPECT_EQ(error_of("u.U", bytes.set()), "type u.U: its protobuf schema lacks the type o.O, which `o` of u.U has" + remedy);
  EXPECT_NE(error_of("u.U", "").find("its protobuf schema is missing"), std::string::npos);
}

TEST(ProtobufDefinition, WhatIsNotReadIsSaid) {
  const ProtoBytes bytes(R"(syntax = "proto3"; package t; message Node { double x = 1; Node left = 2; repeated Node all = 3; }
    message T { map<string, double> m = 1; Node node = 2; repeated bytes b = 3; double y = 4; })");
  const auto definition = *protobuf_definition("t.T", bytes.set());
  const auto error = [&](const std::string& path) {
    return NumberExtractor::compile(definition, {{*parse_field_path(path), {}, {}, 0}}).error().text();
  };
  EXPECT_EQ(error("m"), "field path `m`: `m` of t.T is a map, whose entries have no order: it cannot be read");
  EXPECT_EQ(error("b"), "field path `b`: `b` of t.T is an array of bytes: it cannot be read");
  EXPECT_EQ(error("node.left.x"), "field path `node.left.x`: `left` of t.Node is of a type that holds itself: it cannot be read");
  EXPECT_TRUE(NumberExtractor::compile(definition, {{*parse_field_path("node.x"), {}, {}, 0}}).ok());
}

TEST(ProtobufDefinition, HostileSets) {
  const std::string set = ProtoBytes(kOther).set();
  for (std::size_t n = 1; n < set.size(); ++n) EXPECT_NE(error_of("o.O", set.substr(0, n)), "none");
  EXPECT_NE(error_of("o.O", std::string(2u << 20, '\n')).find("more than 1048576 bytes"), std::string::npos);
  EXPECT_NE(error_of("o.O", "\x08\x01").find("holds no file"), std::string::npos);
  EXPECT_NE(error_of("o.O", "syntax = proto3").find("is no FileDescriptorSet"), std::string::npos);
  EXPECT_NE(error_of(std::string(2000, 'T'), set).find("too long a name"), std::string::npos);
  // Names that would be compared again and again.
  const std::string package = delimited('\x12', std::string(2000, 'p')), name = delimited('\x0a', std::string(2000, 'T'));
  EXPECT_NE(error_of("T", delimited('\x0a', package)).find("cannot be read"), std::string::npos);
  EXPECT_NE(error_of("T", delimited('\x0a', delimited('\x22', name))).find("cannot be read"), std::string::npos);
  EXPECT_NE(error_of("o.O", std::string("\x0a\xff\xff\x7f", 4)).find("is cut off"), std::string::npos);
}

TEST(ProtobufDefinition, NamesCountFromTheInnermostScope) {
  // Compilers resolve them; these are written by hand.
  google::protobuf::FileDescriptorSet set;
  auto& file = *set.add_file();
  file.set_package("a.b");
  file.set_syntax("proto3");
  const auto add = [](google::protobuf::DescriptorProto& message, const std::string& name, const std::string& type) {
    auto& field = *message.add_field();
    field.set_name(name);
    field.set_number(message.field_size());
    field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    if (type.empty()) return field.set_type(google::protobuf::FieldDescriptorProto::TYPE_DOUBLE);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
    field.set_type_name(type);
  };
  auto& inner = *file.add_message_type();
  inner.set_name("In");
  add(inner, "outer", "");
  auto& root = *file.add_message_type();
  root.set_name("T");
  add(root, "one", "In");
  add(root, "two", "b.In");
  add(root, "three", ".a.b.In");
  auto& nested = *root.add_nested_type();
  nested.set_name("In");
  add(nested, "inner", "");
  const auto definition = *protobuf_definition("a.b.T", set.SerializeAsString());
  ASSERT_EQ(definition->root->fields.size(), 3u);
  EXPECT_EQ(definition->root->fields[0].message->name, "a.b.T.In");
  EXPECT_EQ(definition->root->fields[0].message->fields[0].name, "inner");
  EXPECT_EQ(definition->root->fields[1].message->name, "a.b.In");
  EXPECT_EQ(definition->root->fields[2].message, definition->root->fields[1].message);
  EXPECT_EQ((*protobuf_definition("a.b.T.In", set.SerializeAsString()))->root->fields[0].name, "inner");
}

TEST(ProtobufDefinition, EditionsAreNamed) {
  google::protobuf::FileDescriptorSet set;
  auto& file = *set.add_file();
  file.set_syntax("editions");
  file.add_message_type()->set_name("T");
  EXPECT_EQ(error_of("T", set.SerializeAsString()),
            "type T: its protobuf schema has syntax `editions`; proto2 and proto3 are read");
}

TEST(ProtobufDefinition, ManyTypesEnd) {
  std::string text = R"(syntax = "proto3"; package t; message T { A0 a = 1; } )";
  for (int i = 0; i < 1000; ++i)
    text += "message A" + std::to_string(i) + " { A" + std::to_string(i + 1) + " a = 1; double x = 2; } ";
  text += "message A1000 { double x = 1; }";
  const auto deep = protobuf_definition("t.T", ProtoBytes(text).set());
  ASSERT_TRUE(deep.ok()) << deep.error().text();
  EXPECT_EQ((*deep)->types.size(), 64u);
  EXPECT_EQ((*deep)->types.back()->not_read[0].second, "nests deeper than 64 types");

  // Each of many fields is of another of many nested types: to find them all would take their product.
  google::protobuf::FileDescriptorSet set;
  auto& root = *set.add_file()->add_message_type();
  root.set_name("T");
  for (int i = 0; i < 8000; ++i) {
    root.add_nested_type()->set_name("N" + std::to_string(i));
    auto& field = *root.add_field();
    field.set_name("f");
    field.set_number(i + 1);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
    field.set_type_name(".T.N" + std::to_string(i));
  }
  EXPECT_EQ(error_of("T", set.SerializeAsString()), "type T: its protobuf schema has too many types");

  std::string nested;
  for (int i = 0; i < 5000; ++i) nested = std::string("\x0a\x01N", 3) + (nested.empty() ? "" : delimited('\x1a', nested));
  EXPECT_EQ(error_of("N", delimited('\x0a', delimited('\x22', nested))), "none");
}

}  // namespace
}  // namespace bagloom::msg
