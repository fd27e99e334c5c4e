// Protobuf's schemas (FileDescriptorSet) as definitions. Internal to msg/.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::msg {

/// `type` is the message's full name, `set` the encoded FileDescriptorSet with all that it imports, in any order.
/// google.protobuf.Timestamp and Duration are the primitives `time` and `duration`, enums int32, bytes arrays of uint8. Maps,
/// groups, arrays of bytes and types that hold themselves are listed as not read. Presence: a field that protobuf tracks (a
/// message, `optional`, in a oneof, proto2) is missing where a message lacks it, unless the schema declares a default; any other
/// is 0 then, as proto3 has it. Errors (corrupt): no descriptor set, a set beyond limits, no such type, an import that is not
/// there, libprotobuf's own findings.
Result<std::shared_ptr<const Definition>> parse_protobuf_schema(std::string_view type, std::string_view set);

}  // namespace bagloom::msg
