#include "msg/protobuf_reader.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>
#include <bit>
#include <limits>
#include <map>

namespace bagloom::msg {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

WireFormatLite::FieldType type_of(const Field& field) { return static_cast<WireFormatLite::FieldType>(field.protobuf_type); }

/// One value in the form that the field's type has. False where the bytes end.
bool read_value(CodedInputStream& in, WireFormatLite::FieldType type, double& value) {
  std::uint64_t wide = 0;
  std::uint32_t narrow = 0;
  switch (type) {
    case WireFormatLite::TYPE_DOUBLE:
      if (!in.ReadLittleEndian64(&wide)) return false;
      value = std::bit_cast<double>(wide);
      return true;
    case WireFormatLite::TYPE_FLOAT:
      if (!in.ReadLittleEndian32(&narrow)) return false;
      value = static_cast<double>(std::bit_cast<float>(narrow));
      return true;
    case WireFormatLite::TYPE_FIXED64:
      if (!in.ReadLittleEndian64(&wide)) return false;
      value = static_cast<double>(wide);
      return true;
    case WireFormatLite::TYPE_SFIXED64:
      if (!in.ReadLittleEndian64(&wide)) return false;
      value = static_cast<double>(static_cast<std::int64_t>(wide));
      return true;
    case WireFormatLite::TYPE_FIXED32:
      if (!in.ReadLittleEndian32(&narrow)) return false;
      value = narrow;
      return true;
    case WireFormatLite::TYPE_SFIXED32:
      if (!in.ReadLittleEndian32(&narrow)) return false;
      value = static_cast<std::int32_t>(narrow);
      return true;
    default: break;
  }
  // The other types are varints; those of 32 bits may be written as 64.
  if (!in.ReadVarint64(&wide)) return false;
  narrow = static_cast<std::uint32_t>(wide);
  switch (type) {
    case WireFormatLite::TYPE_INT64: value = static_cast<double>(static_cast<std::int64_t>(wide)); break;
    case WireFormatLite::TYPE_SINT64: value = static_cast<double>(WireFormatLite::ZigZagDecode64(wide)); break;
    case WireFormatLite::TYPE_UINT32: value = narrow; break;
    case WireFormatLite::TYPE_SINT32: value = WireFormatLite::ZigZagDecode32(narrow); break;
    case WireFormatLite::TYPE_BOOL: value = wide != 0 ? 1 : 0; break;
    case WireFormatLite::TYPE_INT32:
    case WireFormatLite::TYPE_ENUM: value = static_cast<std::int32_t>(narrow); break;
    default: value = static_cast<double>(wide);
  }
  return true;
}

class Reader {
 public:
  Reader(Bytes message, FieldVisit& visit)
      : message_(message), in_(as_u8(message), static_cast<int>(message.size())), visit_(visit) {}

  Status read(const FieldNode& root) {
    in_.PushLimit(static_cast<int>(message_.size()));
    visit_.begin(root);
    return read_fields(root);
  }

 private:
  /// Up to the limit.
  Status read_fields(const FieldNode& node) {
    while (const std::uint32_t tag = in_.ReadTag()) {
      const auto number = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(tag));
      const FieldNode* child = node.child(number);
      if (child == nullptr) {
        if (!WireFormatLite::SkipField(&in_, tag)) return no_message();
      } else {
        RETURN_IF_ERROR(read_field(*child, WireFormatLite::GetTagWireType(tag)));
      }
    }
    if (!in_.ConsumedEntireMessage()) return no_message();
    return {};
  }

  Status read_field(const FieldNode& node, WireFormatLite::WireType wire) {
    const Field& field = *node.field;
    const bool time = field.primitive == Primitive::time || field.primitive == Primitive::duration;
    const bool string = field.protobuf_type == WireFormatLite::TYPE_STRING || field.protobuf_type == WireFormatLite::TYPE_BYTES;
    const bool delimited = wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (field.message != nullptr || string || time) {
      if (!delimited) return otherwise(field, wire);
      ASSIGN_OR_RETURN(const Bytes inside, take());
      if (string) {
        in_.Skip(static_cast<int>(inside.size()));
        give_text(node, as_text(inside));
        return {};
      }
      return in_limit(inside, [&] { return field.message != nullptr ? read_message(node) : read_time(node); });
    }
    if (delimited && field.array != ArrayKind::none) {
      ASSIGN_OR_RETURN(const Bytes inside, take());
      return in_limit(inside, [&]() -> Status {
        while (in_.BytesUntilLimit() > 0) RETURN_IF_ERROR(read_number(node));
        return {};
      });
    }
    if (wire != WireFormatLite::WireTypeForFieldType(type_of(field))) return otherwise(field, wire);
    return read_number(node);
  }

  Status read_number(const FieldNode& node) {
    double value = 0;
    if (!read_value(in_, type_of(*node.field), value)) return no_message();
    visit_.number(node, index_of(node), value);
    return {};
  }

  void give_text(const FieldNode& node, std::string_view text) {
    if (node.field->protobuf_type == WireFormatLite::TYPE_STRING)
      visit_.text(node, index_of(node), text);
    else
      visit_.bytes(node, text);
  }

  Status read_message(const FieldNode& node) {
    const bool array = node.field->array != ArrayKind::none;
    const std::uint32_t seen = visit_.next(node);
    const std::uint32_t index = array ? seen : kSingle;
    visit_.enter(node, index);
    if (array || seen == 0) visit_.begin(node);
    Status status = read_fields(node);
    visit_.leave(node, index);
    return status;
  }

  /// google.protobuf.Timestamp and Duration: int64 seconds = 1, int32 nanos = 2. Where a field that is no array stands there
  /// again, it goes on with what it was: protobuf merges messages.
  Status read_time(const FieldNode& node) {
    const bool array = node.field->array != ArrayKind::none;
    const std::uint32_t seen = visit_.next(node);
    std::array<std::int64_t, 2>& parts = times_[&node];
    if (array || seen == 0) parts = {0, 0};
    while (const std::uint32_t tag = in_.ReadTag()) {
      const int number = WireFormatLite::GetTagFieldNumber(tag);
      if ((number != 1 && number != 2) || WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_VARINT) {
        if (!WireFormatLite::SkipField(&in_, tag)) return no_message();
        continue;
      }
      std::uint64_t value = 0;
      if (!in_.ReadVarint64(&value)) return no_message();
      parts[number - 1] = number == 1 ? static_cast<std::int64_t>(value) : static_cast<std::int32_t>(value);
    }
    if (!in_.ConsumedEntireMessage()) return no_message();
    visit_.number(node, array ? seen : kSingle, static_cast<double>(parts[0]) + static_cast<double>(parts[1]) / 1e9);
    return {};
  }

  std::uint32_t index_of(const FieldNode& node) {
    const std::uint32_t seen = visit_.next(node);
    return node.field->array == ArrayKind::none ? kSingle : seen;
  }

  /// The bytes behind a length, which the stream has not passed yet.
  Result<Bytes> take() {
    std::uint32_t bytes = 0;
    if (!in_.ReadVarint32(&bytes) || std::int64_t{bytes} > in_.BytesUntilLimit()) return no_message();
    return message_.subspan(static_cast<std::size_t>(in_.CurrentPosition()), bytes);
  }

  template <class Read>
  Status in_limit(Bytes inside, const Read& read) {
    const auto outer = in_.PushLimit(static_cast<int>(inside.size()));
    Status status = read();
    in_.PopLimit(outer);
    return status;
  }

  Error no_message() const {
    return Error(ErrorKind::corrupt, "no protobuf message, or one that ends early (at offset " +
                                         std::to_string(in_.CurrentPosition()) + " of " + std::to_string(message_.size()) + ")");
  }
  static Error otherwise(const Field& field, WireFormatLite::WireType wire) {
    return Error(ErrorKind::corrupt, "`" + field.name + "` is written as wire type " + std::to_string(static_cast<int>(wire)) +
                                         ", which its schema does not allow");
  }

  Bytes message_;
  CodedInputStream in_;
  FieldVisit& visit_;
  std::map<const FieldNode*, std::array<std::int64_t, 2>> times_;  ///< what was read of each last
};

}  // namespace

Status read_protobuf(const FieldTree& tree, Bytes message, FieldVisit& visit) {
  if (message.size() > std::numeric_limits<std::int32_t>::max())
    return Error(ErrorKind::corrupt, "a message of more than 2 GiB, which is no protobuf");
  return Reader(message, visit).read(tree.root());
}

}  // namespace bagloom::msg
