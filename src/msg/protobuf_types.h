// Where the types of a protobuf schema stand in its bytes. Internal to msg/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::msg {

/// Of packages, types and fields.
inline constexpr std::size_t kLongestProtobufName = 1024;

/// "its protobuf schema ..."
Error wrong_schema(std::string what);
/// The same of a type that is not there, with the remedy.
Error lacking_schema(const std::string& what);
/// A name as errors show it.
std::string shown_name(std::string_view text);

/// A message type where it stands in the set. Views into the set.
struct TypePlace {
  std::string_view package, name;  ///< of a top-level type
  Bytes body;
  bool proto3 = false;
};

/// All top-level types of all files of a FileDescriptorSet, by name. Memory is bounded by the set's bytes. One thread at a time.
class ProtobufTypes {
 public:
  /// Errors (corrupt): no descriptor set, a file or type that cannot be read; unsupported: neither proto2 nor proto3.
  Status add(Bytes set);

  /// "pkg.sub.Outer.Inner"; where the package ends only the set can say.
  std::optional<TypePlace> find(std::string_view full_name) const;

  /// More nested types were looked at than a sane set makes necessary: nothing more is found.
  bool exhausted() const;

 private:
  Status add_file(Bytes file);
  std::optional<TypePlace> find_in(std::string_view package, std::string_view rest) const;

  std::vector<TypePlace> types_;
  mutable std::uint64_t work_ = 0;
};

}  // namespace bagloom::msg
