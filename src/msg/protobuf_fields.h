// The fields of a protobuf message one after another, whatever they mean: schemas are messages too. Internal to msg/.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

#include "base/bytes.h"

namespace bagloom::msg {

struct RawField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  ///< of a varint
  Bytes bytes;              ///< of what has a length
  bool has_length = false;
};

/// `message` has at most 2 GiB. Ends where `visit` gives false. False where these are no fields.
template <class Visit>
bool each_field(Bytes message, const Visit& visit) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(as_u8(message), static_cast<int>(message.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    RawField field;
    field.number = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(tag));
    const auto wire = WireFormatLite::GetTagWireType(tag);
    if (field.number == 0) return false;
    if (wire == WireFormatLite::WIRETYPE_VARINT) {
      if (!in.ReadVarint64(&field.value)) return false;
    } else if (wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      std::uint32_t length = 0;
      if (!in.ReadVarint32(&length)) return false;
      const auto at = static_cast<std::size_t>(in.CurrentPosition());
      if (length > message.size() - at) return false;
      field.bytes = message.subspan(at, length);
      field.has_length = true;
      if (!in.Skip(static_cast<int>(length))) return false;
    } else {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
      continue;
    }
    if (!visit(field)) return true;
  }
  return in.ConsumedEntireMessage();
}

}  // namespace bagloom::msg
