#include <algorithm>
#include <array>
#include <optional>

#include "base/cursor.h"
#include "msg/extractor.h"
#include "recipe/survey.h"

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

bool begins_with(Bytes data, std::initializer_list<int> magic) {
  if (data.size() < magic.size()) return false;
  return std::equal(magic.begin(), magic.end(), data.begin(), [](int a, std::byte b) { return a == std::to_integer<int>(b); });
}

Result<std::uint32_t> big_endian_u16(Cursor& cursor) {
  ASSIGN_OR_RETURN(const std::uint8_t high, cursor.u8());
  ASSIGN_OR_RETURN(const std::uint8_t low, cursor.u8());
  return static_cast<std::uint32_t>(high << 8 | low);
}

/// Walks a JPEG's markers up to its frame header, which has the size (ITU-T T.81, B.2.2).
Status read_jpeg_size(Bytes jpeg, CameraFacts& facts) {
  Cursor cursor(jpeg);
  RETURN_IF_ERROR(cursor.skip(2));
  while (true) {
    ASSIGN_OR_RETURN(std::uint8_t byte, cursor.u8());
    if (byte != 0xff) return Error(ErrorKind::corrupt, "no marker where one is expected");
    while (byte == 0xff) {
      ASSIGN_OR_RETURN(byte, cursor.u8());
    }
    if (byte == 0x01 || (byte >= 0xd0 && byte <= 0xd8)) continue;  // markers without a length
    ASSIGN_OR_RETURN(const std::uint32_t length, big_endian_u16(cursor));
    if (length < 2) return Error(ErrorKind::corrupt, "a marker of no length");
    const bool frame = byte >= 0xc0 && byte <= 0xcf && byte != 0xc4 && byte != 0xc8 && byte != 0xcc;
    if (!frame) {
      RETURN_IF_ERROR(cursor.skip(length - 2));
      continue;
    }
    RETURN_IF_ERROR(cursor.skip(1));  // sample precision
    ASSIGN_OR_RETURN(facts.height, big_endian_u16(cursor));
    ASSIGN_OR_RETURN(facts.width, big_endian_u16(cursor));
    return {};
  }
}

CameraFacts left_out(std::string reason) {
  CameraFacts facts;
  facts.reason = std::move(reason);
  return facts;
}

/// bag-formats.md 7.2: the magic bytes decide; the format string only says what the bytes cannot.
CameraFacts probe_compressed(const msg::PictureMessage& picture) {
  const std::string format = lower(picture.encoding);
  const std::string shown = quoted(picture.encoding);
  if (format.find("compresseddepth") != std::string::npos) return left_out(shown + " (depth)");
  if (begins_with(picture.data, {0x89, 'P', 'N', 'G'})) return left_out(shown + " (PNG)");
  if (begins_with(picture.data, {'R', 'I', 'F', 'F'})) return left_out(shown + " (WebP)");
  if (!begins_with(picture.data, {0xff, 0xd8, 0xff})) {
    if (format == "h264" || format == "h265" || format == "hevc") return left_out(shown + " (a video stream)");
    return left_out(shown + " (its first message is no JPEG)");
  }
  if (format.starts_with("bayer_")) return left_out(shown + " (a raw Bayer mosaic)");
  CameraFacts facts;
  if (auto size = read_jpeg_size(picture.data, facts); !size.ok()) {
    return left_out(shown + " (the first JPEG's size cannot be read: " + size.error().message() + ")");
  }
  facts.taken = true;
  return facts;
}

CameraFacts probe_raw(const msg::PictureMessage& picture) {
  static constexpr std::array<std::string_view, 5> kTaken{"rgb8", "bgr8", "8uc3", "mono8", "8uc1"};
  const std::string encoding = lower(picture.encoding);
  if (std::find(kTaken.begin(), kTaken.end(), encoding) == kTaken.end()) {
    static constexpr std::array<std::string_view, 5> kDepth{"16uc1", "mono16", "16sc1", "32fc1", "64fc1"};
    const bool depth = std::find(kDepth.begin(), kDepth.end(), encoding) != kDepth.end();
    return left_out("encoding " + quoted(picture.encoding) + (depth ? " (depth)" : ""));
  }
  CameraFacts facts;
  facts.taken = true;
  facts.width = picture.width;
  facts.height = picture.height;
  return facts;
}

}  // namespace

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
  if (facts.taken && !sane) {
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
