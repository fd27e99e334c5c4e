// The streams of pictures, and what can be wrong with them on purpose.
#include <algorithm>
#include <map>
#include <memory>

#include "media/picture_decoder.h"
#include "synth/random.h"
#include "synth/scene.h"
#include "synth/stream.h"
#include "synth/video.h"

namespace bagloom::synth {
namespace {

/// What all cameras of a recording share: they take turns with one picture.
struct Studio {
  explicit Studio(const SynthOptions& options) : scene(options.width, options.height, options.seed) {}
  Scene scene;
  media::Picture picture;
  std::map<std::uint32_t, std::unique_ptr<VideoCamera>> video;  ///< by camera
};

/// foxglove_msgs/CompressedVideo: timestamp, frame_id, data, format.
Status serialise_packet(const SynthOptions& options, Studio& studio, std::uint32_t camera, const CameraName& name,
                        const Moment& at, bool cut, MessageBytes& out) {
  std::unique_ptr<VideoCamera>& video = studio.video[camera];
  if (video == nullptr) {
    ASSIGN_OR_RETURN(video, VideoCamera::open(options));
  }
  ASSIGN_OR_RETURN(const Bytes packet, video->encode(studio.picture));
  const bool hevc = options.video == media::StreamCodec::hevc;
  out.time(at.stamp()).string(name.frame_id).counted(packet.first(cut ? packet.size() / 2 : packet.size()));
  out.string(hevc ? "h265" : media::name_of(options.video));
  return {};
}

bool is_present(const SynthOptions& options, std::uint32_t camera, const Moment& at) {
  if (camera == 0) {
    for (const auto& [from, to] : options.gaps)
      if (seconds(at.nominal) >= from && seconds(at.nominal) < to) return false;
  }
  // 53 bits of the draw as a number in 0..1.
  const double chance = static_cast<double>(synth::draw(options.seed, 40 + camera, at.index) >> 11) * 0x1p-53;
  return chance >= options.drop;
}

Status serialise_picture(const SynthOptions& options, Studio& studio, std::uint32_t camera, const CameraName& name,
                         const std::string& format, const Moment& at, MessageBytes& out) {
  media::Picture& picture = studio.picture;
  RETURN_IF_ERROR(picture.reshape(media::PixelFormat::rgb24, options.width, options.height));
  studio.scene.draw(camera, at.index, at.nominal, picture.plane(0), picture.stride(0));
  const bool cut = camera == 0 && std::find(options.corrupt.begin(), options.corrupt.end(), at.index) != options.corrupt.end();
  if (options.video != media::StreamCodec::none) return serialise_packet(options, studio, camera, name, at, cut, out);
  out.header(at.index, at.stamp(), name.frame_id);
  if (!options.raw) {
    ASSIGN_OR_RETURN(const std::vector<std::byte> jpeg, media::encode_jpeg(picture, options.quality));
    out.string(format).counted(Bytes(jpeg).first(cut ? jpeg.size() / 2 : jpeg.size()));
    return {};
  }
  const std::uint32_t step = options.width * 3;
  const std::uint32_t rows = cut ? options.height / 2 : options.height;
  out.u32(options.height).u32(options.width).string("rgb8").u8(0).u32(step).u32(step * rows);
  for (std::uint32_t y = 0; y < rows; ++y)
    out.raw({reinterpret_cast<const std::byte*>(picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0)), step});
  return {};
}

}  // namespace

std::vector<Stream> camera_streams(const SynthOptions& options, const std::vector<CameraName>& names, const std::string& format) {
  std::vector<Stream> streams;
  if (names.empty()) return streams;
  const auto studio = std::make_shared<Studio>(options);
  for (std::uint32_t k = 0; k < names.size(); ++k) {
    Stream stream;
    stream.topic = names[k].topic;
    stream.type = options.raw ? image_type() : compressed_image_type();
    if (options.video != media::StreamCodec::none) stream.type = compressed_video_type();
    stream.hz = options.camera_hz;
    stream.offset = 3'000'000 * static_cast<TimeNs>(k);
    stream.jitter_ms = options.jitter_ms;
    stream.present = [&options, k](const Moment& at) { return is_present(options, k, at); };
    stream.serialise = [&options, studio, k, name = names[k], format](const Moment& at, MessageBytes& out) {
      return serialise_picture(options, *studio, k, name, format, at, out);
    };
    streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace bagloom::synth
