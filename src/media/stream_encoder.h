// For synth and tests: pictures to the packets that a robot's video topic carries. bag-formats.md 7.5.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "media/picture.h"
#include "media/stream_packet.h"

namespace bagloom::media {

struct StreamEncoderSettings {
  StreamCodec codec = StreamCodec::h264;
  std::uint32_t width = 0, height = 0, fps = 30;
  std::uint32_t gop = 30;      ///< pictures from keyframe to keyframe
  std::uint32_t b_frames = 0;  ///< between two others; av1: any make hidden frames (alternate references)
  std::uint32_t slices = 1;    ///< of a picture; h264 and hevc
  bool arithmetic = false;     ///< CABAC in place of CAVLC; h264
};

/// Parameter sets stand in each keyframe's packet; one packet a picture, and where there are no B-frames at once. Deterministic.
/// Not thread-safe.
class StreamEncoder {
 public:
  /// `picture`: the number of the picture that the packet holds, counted from 0. The bytes live until it returns.
  using Sink = std::function<Status(Bytes packet, std::uint64_t picture, bool keyframe)>;

  /// Errors: unsupported (this FFmpeg cannot), invalid (size).
  static Result<StreamEncoder> open(const StreamEncoderSettings& settings, Sink sink);
  /// A picture of the given size in yuv420p.
  Status push(const Picture& picture);
  Status finish();

  ~StreamEncoder();
  StreamEncoder(StreamEncoder&&) noexcept;
  StreamEncoder& operator=(StreamEncoder&&) noexcept;

 private:
  struct State;
  explicit StreamEncoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bagloom::media
