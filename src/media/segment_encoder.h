// A run of pictures into packets that can be joined with other runs by copying.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

/// Settings of one camera's stream. All segments of a camera use the same.
struct EncoderSettings {
  std::string codec = "h264";  ///< h264, av1; hevc (depth, without loss); png (files, one a picture)
  std::uint32_t width = 0, height = 0;
  std::uint32_t fps = 10;
  std::int32_t crf = 24;
  PixelFormat format = PixelFormat::yuv420p;
};

/// What an mp4 needs to know about a stream. `extradata` is the same for every segment of a camera.
struct StreamParameters {
  std::string codec;  ///< h264, hevc, av1, mjpeg, png
  std::uint32_t width = 0, height = 0;
  std::uint32_t fps = 0;
  std::string pix_fmt;  ///< ffmpeg's name
  std::vector<std::byte> extradata;
};

struct Packet {
  Bytes bytes;  ///< valid during the call
  bool keyframe = false;
};

/// png: each packet is a file, and stands alone. The others: encodes with one thread: keyframe every 2 pictures, no B-frames,
/// closed GOP; the first packet is a keyframe (IDR); one packet a picture, in order. Not thread-safe; memory as encoder_bytes
/// says.
class SegmentEncoder {
 public:
  using Sink = std::function<Status(const Packet&)>;
  /// Errors: unsupported (this FFmpeg lacks the codec: lists those it has), invalid (odd sizes, AV1 below 64 high).
  static Result<std::unique_ptr<SegmentEncoder>> open(const EncoderSettings& settings, Sink sink);
  virtual ~SegmentEncoder() = default;

  virtual Status push(const Picture& picture) = 0;
  /// Drains the encoder; the sink has had as many packets as pictures, or it is an Error.
  virtual Status finish() = 0;
  virtual const StreamParameters& stream() const = 0;
};

/// Which of h264 and av1 this FFmpeg can encode; hevc is for depth, and asked for by check_encoder.
std::vector<std::string> available_encoders();
/// Whether `settings` can be encoded here, without opening an encoder for long: same errors as open.
Status check_encoder(const EncoderSettings& settings);
/// "libavcodec 59.37.100; libx264 164; libswscale ...; turbojpeg 2.1.5": the dataset depends on them, jobs record them.
std::string codec_versions();

/// Calibrated: resident bytes that one encoder and the picture given to it take while a segment of 64 pictures is encoded
/// (the table is in encoder_memory.cc; benchmarks/calibrate_encoder.cc measures it). 0 for an unknown codec.
std::uint64_t encoder_bytes(const std::string& codec, std::uint32_t width, std::uint32_t height,
                            PixelFormat format = PixelFormat::yuv420p);
/// The same for a decoder, its picture of this layout (what probe_picture gives), and the scaler with its picture.
/// What an encoding takes besides stands in PictureShape::decoding_bytes.
std::uint64_t decoder_bytes(std::uint32_t width, std::uint32_t height, std::uint32_t out_width, std::uint32_t out_height,
                            PixelFormat in = PixelFormat::yuv420p_full, PixelFormat out = PixelFormat::yuv420p);

}  // namespace bagloom::media
