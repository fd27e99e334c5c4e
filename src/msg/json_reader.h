// Through a JSON message beside the fields that are wanted; everything else is stepped over. Internal to msg/.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "msg/field_tree.h"

namespace bagloom::msg {

/// Nothing is built from the message but one text at a time. Numbers are doubles (whole ones up to 64 bits are read exactly
/// first), true and false 1 and 0, an object of seconds and nanoseconds where a number is wanted a time; null is nothing. Errors
/// (corrupt): no JSON, anything behind it, a key of a wanted field twice, arrays of arrays or objects where a value is wanted,
/// more than 256 levels.
Status read_json(const FieldTree& tree, Bytes message, FieldVisit& visit);

/// Bytes that reading a message may take beside it, for each of its own: the parser keeps the text of the longest value twice as
/// it grows, and an error's text holds it again (measured by tests/msg/json_memory_test.cc).
inline constexpr std::uint64_t kJsonBytesPerByte = 11;

}  // namespace bagloom::msg
