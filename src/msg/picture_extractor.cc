#include <algorithm>
#include <array>
#include <optional>

#include "base/cursor.h"
#include "msg/extractor.h"
#include "msg/json_reader.h"
#include "msg/tagged_picture.h"
#include "msg/walk.h"

namespace bagloom::msg {
namespace {

enum ImageSlot { kHeight, kWidth, kEncoding, kStep, kImageData, kBigEndian, kImageSlots };
enum CompressedSlot { kFormat, kCompressedData, kCompressedSlots };

const Field* find_root_field(const Definition& definition, const char* name) {
  for (const Field& field : definition.root->fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool is(const Definition& definition, const char* name, ArrayKind array, std::initializer_list<Primitive> primitives) {
  const Field* field = find_root_field(definition, name);
  if (field == nullptr || field->message != nullptr || field->array != array) return false;
  for (const Primitive primitive : primitives) {
    if (field->primitive == primitive) return true;
  }
  return false;
}

/// A size. Schemas of tagged messages name whole numbers of any width for it.
bool is_size(const Definition& definition, const char* name) {
  if (!is_tagged(definition.wire)) return is(definition, name, ArrayKind::none, {Primitive::uint32});
  return is(definition, name, ArrayKind::none,
            {Primitive::uint32, Primitive::int32, Primitive::uint64, Primitive::int64, Primitive::float64});
}

Wanted whole(const char* name) { return {FieldPath{name, {PathStep{name}}}, 0}; }

/// bag-formats.md 7.5: ffmpeg_image_transport_msgs/FFMPEGPacket.
bool is_ffmpeg_packet(const Definition& definition) {
  return is(definition, "data", ArrayKind::variable, {Primitive::uint8}) &&
         is(definition, "encoding", ArrayKind::none, {Primitive::string}) &&
         is(definition, "pts", ArrayKind::none, {Primitive::uint64}) &&
         is(definition, "flags", ArrayKind::none, {Primitive::uint8});
}

/// h264_msgs/Packet has bytes and nothing that says of what but the type's name.
bool is_h264_packet(const Definition& definition) {
  return definition.root->name.find("264") != std::string::npos && definition.root->fields.size() <= 3 &&
         is(definition, "data", ArrayKind::variable, {Primitive::uint8});
}

/// JSON without a schema: only the type's name says what its messages hold.
bool is_named_picture(const Definition& definition, std::initializer_list<std::string_view> names) {
  if (!definition.root->open || !definition.root->fields.empty()) return false;
  const std::string_view name = std::string_view(definition.root->name).substr(definition.root->name.find_last_of("./") + 1);
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

struct PictureExtractor::Program {
  std::shared_ptr<const Definition> definition;  // the walk points into it
  bool compressed = false;
  bool has_order = false;      // is_bigendian
  bool names_encoding = true;  // h264_msgs/Packet: `data` alone
  Walk walk;
  std::optional<TaggedPicture> tagged;  // for tagged messages this alone

  Bytes bytes_at(Bytes message, const Found* found, std::size_t target) const {
    const Found& place = found[walk.targets()[target].slots[0]];
    return message.subspan(static_cast<std::size_t>(place.at), place.count);
  }
  template <class T>
  T number_at(Bytes message, WireForm form, const Found* found, std::size_t target) const {
    const Found& place = found[walk.targets()[target].slots[0]];
    return Cursor::load<T>(message.subspan(static_cast<std::size_t>(place.at)), form.order);
  }
};

PictureExtractor::PictureExtractor(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
PictureExtractor::~PictureExtractor() = default;
PictureExtractor::PictureExtractor(PictureExtractor&&) noexcept = default;
PictureExtractor& PictureExtractor::operator=(PictureExtractor&&) noexcept = default;

std::uint64_t reading_bytes_per_byte(std::string_view encoding) { return encoding == "json" ? kJsonBytesPerByte : 0; }

Result<PictureExtractor> PictureExtractor::compile(std::shared_ptr<const Definition> definition) {
  // By fields, not by name: the same messages occur under several packages (bag-formats.md 8.2).
  const auto bytes = {Primitive::uint8, Primitive::int8};
  const bool has_data = is(*definition, "data", ArrayKind::variable, bytes);
  const bool compressed = is_named_picture(*definition, {"CompressedImage", "CompressedVideo"}) ||
                          (has_data && is(*definition, "format", ArrayKind::none, {Primitive::string}));
  const bool raw = is_named_picture(*definition, {"RawImage"}) ||
                   (has_data && is_size(*definition, "height") && is_size(*definition, "width") &&
                    is(*definition, "encoding", ArrayKind::none, {Primitive::string}) && is_size(*definition, "step"));
  const bool ffmpeg = !raw && !compressed && is_ffmpeg_packet(*definition);
  const bool h264 = !raw && !compressed && !ffmpeg && is_h264_packet(*definition);
  if (!compressed && !raw && !ffmpeg && !h264) {
    return Error(ErrorKind::invalid,
                 definition->root->name + " is no picture: it has not the fields of sensor_msgs/CompressedImage " +
                     "(format, data) or sensor_msgs/Image (height, width, encoding, step, data), nor of a packet " + "of video");
  }
  // Foxglove's RawImage has none.
  const bool order = is(*definition, "is_bigendian", ArrayKind::none, {Primitive::uint8, Primitive::int8, Primitive::boolean});
  auto program = std::make_unique<Program>();
  if (is_tagged(definition->wire)) {
    PictureFields fields;
    fields.raw = raw;
    fields.encoding = compressed ? "format" : h264 ? "" : "encoding";
    if (order) fields.big_endian = "is_bigendian";
    ASSIGN_OR_RETURN(program->tagged, TaggedPicture::compile(std::move(definition), fields));
    return PictureExtractor(std::move(program));
  }
  program->compressed = !raw;
  program->has_order = order;
  program->names_encoding = !h264;
  std::vector<Wanted> wanted{whole("data")};
  if (compressed || ffmpeg) wanted = {whole(ffmpeg ? "encoding" : "format"), whole("data")};
  if (raw) wanted = {whole("height"), whole("width"), whole("encoding"), whole("step"), whole("data")};
  if (raw && order) wanted.push_back(whole("is_bigendian"));
  ASSIGN_OR_RETURN(program->walk, Walk::compile(*definition, wanted));
  program->definition = std::move(definition);
  return PictureExtractor(std::move(program));
}

Result<PictureMessage> PictureExtractor::run(Bytes message) const {
  if (program_->tagged) return program_->tagged->run(message);
  std::array<Found, kImageSlots> found;
  WireForm form;
  RETURN_IF_ERROR(program_->walk.run(message, found, form));
  PictureMessage picture;
  picture.compressed = program_->compressed;
  if (!program_->names_encoding) {
    picture.encoding = "h264";
    picture.data = program_->bytes_at(message, found.data(), 0);
    return picture;
  }
  if (program_->compressed) {
    picture.encoding = as_text(program_->bytes_at(message, found.data(), kFormat));
    picture.data = program_->bytes_at(message, found.data(), kCompressedData);
    return picture;
  }
  picture.height = program_->number_at<std::uint32_t>(message, form, found.data(), kHeight);
  picture.width = program_->number_at<std::uint32_t>(message, form, found.data(), kWidth);
  picture.encoding = as_text(program_->bytes_at(message, found.data(), kEncoding));
  picture.big_endian = program_->has_order && program_->number_at<std::uint8_t>(message, form, found.data(), kBigEndian) != 0;
  picture.step = program_->number_at<std::uint32_t>(message, form, found.data(), kStep);
  picture.data = program_->bytes_at(message, found.data(), kImageData);
  return picture;
}

}  // namespace bagloom::msg
