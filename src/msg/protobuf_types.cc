#include "msg/protobuf_types.h"

#include <algorithm>

#include "msg/protobuf_fields.h"

namespace bagloom::msg {
namespace {

// Nested types that are looked at while names are looked up: their order says nothing.
constexpr std::uint64_t kMostWork = 4u << 20;

// descriptor.proto's numbers of fields.
constexpr std::uint32_t kSetFile = 1;
constexpr std::uint32_t kFilePackage = 2, kFileMessage = 4, kFileSyntax = 12;
constexpr std::uint32_t kMessageName = 1, kMessageNested = 3;

bool before(const TypePlace& a, const TypePlace& b) { return a.package != b.package ? a.package < b.package : a.name < b.name; }

bool read_name(TypePlace& place) {
  return each_field(place.body, [&](const RawField& field) {
    if (field.number == kMessageName && field.has_length) place.name = as_text(field.bytes);
    return true;
  });
}

}  // namespace

Error wrong_schema(std::string what) { return Error(ErrorKind::corrupt, "its protobuf schema " + std::move(what)); }

Error lacking_schema(const std::string& what) {
  return wrong_schema(what).fix("record it with all files that it imports, or leave the topic out of the recipe");
}

std::string shown_name(std::string_view text) {
  std::string out(text.substr(0, 120));
  for (char& c : out) c = c < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

Status ProtobufTypes::add(Bytes set) {
  std::size_t files = 0;
  Status failed;
  const bool good = each_field(set, [&](const RawField& field) {
    if (field.number != kSetFile || !field.has_length) return true;
    ++files;
    failed = add_file(field.bytes);
    return failed.ok();
  });
  if (!failed.ok()) return failed;
  if (!good) return wrong_schema("is no FileDescriptorSet, or is cut off");
  if (files == 0) return wrong_schema("holds no file");
  std::stable_sort(types_.begin(), types_.end(), before);
  return {};
}

std::optional<TypePlace> ProtobufTypes::find(std::string_view full_name) const {
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    const std::string_view package = full_name.substr(0, dot);
    const std::string_view rest = full_name.substr(dot == 0 ? 0 : dot + 1);
    if (auto found = find_in(package, rest)) return found;
    dot = full_name.find('.', dot + 1);
  }
  return std::nullopt;
}

bool ProtobufTypes::exhausted() const { return work_ > kMostWork; }

Status ProtobufTypes::add_file(Bytes file) {
  std::string_view package, syntax;
  const bool good = each_field(file, [&](const RawField& field) {
    if (field.has_length && field.number == kFilePackage) package = as_text(field.bytes);
    if (field.has_length && field.number == kFileSyntax) syntax = as_text(field.bytes);
    return true;
  });
  if (!good || package.size() > kLongestProtobufName) return wrong_schema("holds a file that cannot be read");
  if (!syntax.empty() && syntax != "proto2" && syntax != "proto3")
    return Error(ErrorKind::unsupported,
                 "its protobuf schema has syntax `" + shown_name(syntax) + "`; proto2 and proto3 are read");
  bool named = true;
  const bool readable = each_field(file, [&](const RawField& field) {
    if (field.number != kFileMessage || !field.has_length) return true;
    TypePlace place{package, {}, field.bytes, syntax == "proto3"};
    named = read_name(place) && !place.name.empty() && place.name.size() <= kLongestProtobufName;
    types_.push_back(place);
    return named;
  });
  if (!readable || !named) return wrong_schema("holds a type that cannot be read");
  return {};
}

std::optional<TypePlace> ProtobufTypes::find_in(std::string_view package, std::string_view rest) const {
  const std::string_view first = rest.substr(0, rest.find('.'));
  const TypePlace wanted{package, first, {}, false};
  const auto found = std::lower_bound(types_.begin(), types_.end(), wanted, before);
  if (found == types_.end() || found->package != package || found->name != first) return std::nullopt;
  TypePlace place = *found;
  while (rest.find('.') != std::string_view::npos) {
    rest.remove_prefix(rest.find('.') + 1);
    const std::string_view name = rest.substr(0, rest.find('.'));
    std::optional<Bytes> inner;
    (void)each_field(place.body, [&](const RawField& field) {
      if (field.number != kMessageNested || !field.has_length) return true;
      if (++work_ > kMostWork) return false;
      TypePlace nested{{}, {}, field.bytes, false};
      if (read_name(nested) && nested.name == name) inner = field.bytes;
      return !inner.has_value();
    });
    if (!inner) return std::nullopt;
    place.body = *inner;
  }
  return place;
}

}  // namespace bagloom::msg
