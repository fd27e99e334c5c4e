#include "msg/wire_form.h"

#include <algorithm>
#include <string>

namespace bagloom::msg {
namespace {

// bag-formats.md 5.1.
const char* name_of_representation(unsigned id) {
  switch (id) {
    case 0x02:
    case 0x03: return "parameter-list CDR";
    case 0x0a:
    case 0x0b: return "XCDR2 parameter-list CDR";
    default: return nullptr;
  }
}

}  // namespace

std::uint8_t alignment_of(Primitive primitive, Packing packing) {
  if (packing == Packing::ros1) return 1;
  switch (primitive) {
    case Primitive::string:
    case Primitive::wstring:
    case Primitive::time:
    case Primitive::duration: return 4;
    default: break;
  }
  const std::uint32_t most = packing == Packing::cdr ? 8 : 4;
  return static_cast<std::uint8_t>(std::min(most, wire_bytes(primitive)));
}

Result<WireForm> read_cdr_header(Bytes message) {
  if (message.size() < kCdrHeaderBytes) {
    return Error(ErrorKind::corrupt, "a message of " + std::to_string(message.size()) + " bytes has no CDR header");
  }
  const unsigned id = std::to_integer<unsigned>(message[0]) << 8 | std::to_integer<unsigned>(message[1]);
  const std::endian order = (id & 1) != 0 ? std::endian::little : std::endian::big;
  switch (id) {
    case 0x00:
    case 0x01: return WireForm{Packing::cdr, order};
    case 0x06:
    case 0x07: return WireForm{Packing::cdr2, order};
    case 0x08:
    case 0x09: return WireForm{Packing::cdr2_delimited, order};
    default: break;
  }
  const char* name = name_of_representation(id);
  if (name == nullptr) return Error(ErrorKind::corrupt, "begins with " + hex(id) + ", which is no CDR header");
  return Error(ErrorKind::corrupt, std::string("is in ") + name + " (" + hex(id) + "), which this version does not read");
}

}  // namespace bagloom::msg
