#include "msg/tagged_picture.h"

#include <array>
#include <limits>

#include "msg/base64.h"
#include "msg/tagged_reader.h"

namespace bagloom::msg {
namespace {

enum PicturePath : std::size_t { kData, kEncoding, kWidth, kHeight, kStep, kBigEndian, kPaths };

class PictureSink : public FieldSink {
 public:
  void number(std::uint32_t path, std::uint32_t, double value) override {
    numbers[which[path]] = value;
    data_is_number = data_is_number || which[path] == kData;
  }
  void text(std::uint32_t path, std::uint32_t, std::string_view value) override {
    texts[which[path]] = value;
    has_data = has_data || which[path] == kData;
  }
  bool takes_bytes() const override { return true; }
  /// JSON: the text goes with the call, and bytes are base64.
  void take_text(std::uint32_t path, std::uint32_t, std::string& value) override {
    if (!held) held = std::make_shared<std::array<std::string, kPaths>>();
    const PicturePath place = which[path];
    std::string& kept = (*held)[place];
    kept = std::move(value);
    if (place == kData && !decode_base64(kept)) damaged = true;
    texts[place] = kept;
    has_data = has_data || place == kData;
  }

  std::vector<PicturePath> which;  // by path
  std::array<double, kPaths> numbers{};
  std::array<std::string_view, kPaths> texts{};
  std::shared_ptr<std::array<std::string, kPaths>> held;
  bool damaged = false;
  bool has_data = false, data_is_number = false;
};

Status read_size(const char* name, double number, std::uint32_t& size) {
  if (!(number >= 0 && number <= std::numeric_limits<std::uint32_t>::max() && number == static_cast<std::uint32_t>(number)))
    return Error(ErrorKind::corrupt, "`" + std::string(name) + "` is no size");
  size = static_cast<std::uint32_t>(number);
  return {};
}

}  // namespace

Result<TaggedPicture> TaggedPicture::compile(std::shared_ptr<const Definition> definition, const PictureFields& fields) {
  TaggedPicture picture;
  std::vector<FieldPath> paths;
  const auto want = [&](const std::string& name) { paths.push_back({name, {PathStep{name}}}); };
  want(fields.data);
  if (!fields.encoding.empty()) want(fields.encoding);
  if (fields.raw) {
    for (const char* name : {"width", "height", "step"}) want(name);
    if (!fields.big_endian.empty()) want(fields.big_endian);
  }
  ASSIGN_OR_RETURN(picture.tree_, FieldTree::compile(*definition, paths));
  picture.definition_ = std::move(definition);
  picture.fields_ = fields;
  return picture;
}

Result<PictureMessage> TaggedPicture::run(Bytes message) const {
  PictureSink sink;
  sink.which = {kData};
  if (!fields_.encoding.empty()) sink.which.push_back(kEncoding);
  if (fields_.raw) sink.which.insert(sink.which.end(), {kWidth, kHeight, kStep, kBigEndian});
  FieldVisit visit(tree_, sink);
  RETURN_IF_ERROR(read_tagged(definition_->wire, tree_, message, visit));
  if (sink.damaged) return Error(ErrorKind::corrupt, "`" + fields_.data + "` is no base64");
  // Of protobuf, no bytes are empty bytes.
  if (!sink.has_data && definition_->wire == Wire::json) {
    return Error(ErrorKind::corrupt, "`" + fields_.data + "` is " + (sink.data_is_number ? "a number" : "missing or null") +
                                         ", where base64 text is wanted");
  }
  PictureMessage picture;
  picture.holds = std::move(sink.held);
  picture.compressed = !fields_.raw;
  picture.encoding = fields_.encoding.empty() ? "h264" : sink.texts[kEncoding];
  picture.data = as_bytes(sink.texts[kData]);
  if (!fields_.raw) return picture;
  RETURN_IF_ERROR(read_size("width", sink.numbers[kWidth], picture.width));
  RETURN_IF_ERROR(read_size("height", sink.numbers[kHeight], picture.height));
  RETURN_IF_ERROR(read_size("step", sink.numbers[kStep], picture.step));
  picture.big_endian = sink.numbers[kBigEndian] != 0;
  return picture;
}

}  // namespace bagloom::msg
