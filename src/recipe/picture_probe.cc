#include <algorithm>
#include <array>
#include <optional>

#include "msg/extractor.h"
#include "recipe/picture_header.h"
#include "recipe/survey.h"
#include "recipe/topic_words.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

constexpr std::uint32_t kSmallestSide = 16;
constexpr std::uint32_t kLargestSide = 16384;

std::string lower(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string quoted(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (char& c : out) c = c < 0x20 || c > 0x7e ? '?' : c;
  return "`" + out + "`";
}

CameraFacts left_out(std::string reason) {
  CameraFacts facts;
  facts.reason = std::move(reason);
  return facts;
}

/// What a topic of depth is left out with: LeRobot's policies take no pictures of one channel, so that it is the user's choice.
CameraFacts depth(const std::string& shown) {
  CameraFacts facts = left_out(shown + " (depth)");
  facts.depth = true;
  return facts;
}

/// A packet of a video topic: a start code (H.264, H.265), or a name where the bytes say nothing (AV1). Its pictures' size stands
/// in a keyframe, which need not be near; it is even.
bool is_video(Bytes data, const std::string& format) {
  if (data.size() <= 4) return false;
  const bool zeros = data[0] == std::byte{0} && data[1] == std::byte{0};
  const bool start_code = zeros && (data[2] == std::byte{1} || (data[2] == std::byte{0} && data[3] == std::byte{1}));
  return start_code || format.find("av1") != std::string::npos;
}

/// bag-formats.md 7.2: the magic bytes decide; the format string only says what the bytes cannot.
CameraFacts probe_compressed(const msg::PictureMessage& picture) {
  const std::string format = lower(picture.encoding);
  const std::string shown = quoted(picture.encoding);
  if (format.find("compresseddepth") != std::string::npos) return depth(shown);
  auto header = read_file_header(picture.data);
  if (!header.ok()) return left_out(shown + " (the first picture's header cannot be read: " + header.error().message() + ")");
  if (header->kind.empty()) {
    if (is_video(picture.data, format)) {
      CameraFacts facts;
      facts.taken = true;
      facts.video = true;
      return facts;
    }
    if (format == "h264" || format == "h265" || format == "hevc") return left_out(shown + " (a video stream)");
    return left_out(shown + " (its first message is no JPEG, PNG, WebP or TIFF)");
  }
  const bool mosaic = format.starts_with("bayer_") && format.find("compressed bgr") == std::string::npos &&
                      format.find("compressed rgb") == std::string::npos;
  if (header->wide_grey && !mosaic) return depth(shown);
  CameraFacts facts;
  facts.taken = true;
  facts.width = header->width;
  facts.height = header->height;
  return facts;
}

CameraFacts probe_raw(const msg::PictureMessage& picture) {
  static constexpr std::array<std::string_view, 5> kDepth{"16uc1", "mono16", "16sc1", "32fc1", "64fc1"};
  static constexpr std::array<std::string_view, 20> kTaken{"rgb8", "bgr8",   "8uc3",  "mono8",  "8uc1",   "rgba8",       "bgra8",
                                                           "8uc4", "rgb16",  "bgr16", "rgba16", "bgra16", "yuv422_yuy2", "uyvy",
                                                           "yuyv", "yuv422", "nv12",  "nv21",   "nv24",   "i420"};
  static constexpr std::array<std::string_view, 8> kMosaics{"bayer_rggb8",  "bayer_bggr8",  "bayer_gbrg8",  "bayer_grbg8",
                                                            "bayer_rggb16", "bayer_bggr16", "bayer_gbrg16", "bayer_grbg16"};
  const std::string encoding = lower(picture.encoding);
  const auto is_one_of = [&](const auto& names) { return std::find(names.begin(), names.end(), encoding) != names.end(); };
  if (is_one_of(kDepth)) return depth("encoding " + quoted(picture.encoding));
  if (!is_one_of(kTaken) && !is_one_of(kMosaics)) return left_out("encoding " + quoted(picture.encoding));
  CameraFacts facts;
  facts.taken = true;
  facts.width = picture.width;
  facts.height = picture.height;
  return facts;
}

}  // namespace

std::string CameraFacts::size_text() const { return video ? "video" : std::to_string(width) + "x" + std::to_string(height); }

bool is_camera(const Topic& topic) {
  return topic.definition != nullptr && msg::PictureExtractor::compile(topic.definition).ok();
}

namespace {

CameraFacts probe_message(const msg::PictureExtractor& extractor, const bag::Payload& payload) {
  auto picture = extractor.run(payload.bytes);
  if (!picture.ok()) return left_out("its first message cannot be read: " + picture.error().message());
  CameraFacts facts = picture->compressed ? probe_compressed(*picture) : probe_raw(*picture);
  const bool sane = facts.width >= kSmallestSide && facts.height >= kSmallestSide && facts.width <= kLargestSide &&
                    facts.height <= kLargestSide;
  if (facts.taken && !facts.video && !sane) {
    return left_out("pictures of " + std::to_string(facts.width) + "x" + std::to_string(facts.height));
  }
  return facts;
}

}  // namespace

CameraFacts probe_camera(const Survey& survey, const Topic& topic) {
  auto extractor = msg::PictureExtractor::compile(topic.definition);
  if (!extractor.ok()) return left_out(extractor.error().message());
  // One bad picture at the start does not make a camera unusable; the reason given is the first message's.
  std::optional<CameraFacts> first;
  const std::string unreadable = survey.read_early(topic, [&](const bag::Payload& payload) {
    CameraFacts facts = probe_message(*extractor, payload);
    if (facts.taken || !first) first = std::move(facts);
    return first->taken;
  });
  if (!unreadable.empty()) return left_out("its first messages cannot be read: " + unreadable);
  return first ? *first : left_out("no message can be read");
}

std::string left_out_line(const Topic& topic, const CameraFacts& facts) {
  std::string line = topic.name + ": " + facts.reason;
  if (!facts.depth) return line;
  constexpr std::string_view kSuffix = "/compressedDepth";
  std::string base = topic.name;
  if (base.ends_with(kSuffix)) base.resize(base.size() - kSuffix.size());
  std::string name = camera_names({base}).front();
  if (name.find("depth") == std::string::npos) name += "_depth";
  return line + "; to have it, add to the features: observation.images." + name + ": {depth: " + yaml_scalar(topic.name) + "}";
}

Feature camera_feature(const std::string& name, const Topic& topic, const CameraFacts& facts) {
  Feature feature;
  feature.name = "observation.images." + name;
  CameraFeature camera;
  camera.topic = topic.name;
  if (facts.width % 2 != 0 || facts.height % 2 != 0) {
    camera.width = facts.width & ~1u;
    camera.height = facts.height & ~1u;
    camera.fit = Fit::crop;
  }
  feature.camera = std::move(camera);
  return feature;
}

VectorPart plain_part(const std::string& topic, const std::string& field, std::vector<std::string> names, bool command) {
  VectorPart part;
  part.topic = topic;
  part.field = *msg::parse_field_path(field);  // a text of ours
  part.width = static_cast<std::uint32_t>(names.size());
  part.names = std::move(names);
  part.match = command ? Match::hold : Match::nearest;
  part.tolerance.kind = command ? Tolerance::Kind::none : Tolerance::Kind::state;
  return part;
}

}  // namespace bagloom::recipe
