// mp4 files with an exact grid: frame n at pts n/fps, nothing else. lerobot-format.md sections 6.2 to 6.5.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/segment_encoder.h"

namespace bagloom::media {

/// Writes one video stream; pts are computed from the packet's number. Not thread-safe. The destructor abandons.
/// Same packets, same bytes: no creation time, no library version in the file.
class Mp4Writer {
 public:
  static Result<std::unique_ptr<Mp4Writer>> create(const std::string& path, const StreamParameters& stream);
  virtual ~Mp4Writer() = default;
  virtual Status write(const Packet& packet) = 0;
  /// Writes the header tables and syncs the file.
  virtual Status finish() = 0;
};

/// What a validator wants to know of an mp4, without decoding.
struct Mp4Facts {
  std::string codec, pix_fmt;
  std::uint32_t width = 0, height = 0;
  std::uint64_t frames = 0;  ///< packets with pts
  std::int64_t start_pts = 0;
  std::int64_t timescale = 0;           ///< ticks a second
  std::int64_t first_wrong_frame = -1;  ///< first n whose pts is not n * timescale / fps; -1: none
  bool constant_duration = true;        ///< one stts entry
  bool b_frames = false;                ///< some pts != dts
  bool fragmented = false;
  int video_streams = 0, other_streams = 0;
  double rotation = 0;
  std::int64_t rate_num = 0, rate_den = 0;        ///< r_frame_rate
  std::int64_t average_num = 0, average_den = 0;  ///< avg_frame_rate
  double duration_s = 0;
  std::vector<std::uint32_t> keyframes;  ///< frame numbers
};
Result<Mp4Facts> inspect_mp4(const std::string& path, std::uint32_t fps);

/// The video stream's packets in the order of the file, without decoding. An Error from `visit` ends it and is returned.
/// Errors besides: io, corrupt.
Status visit_mp4_packets(const std::string& path, const std::function<Status(const Packet&)>& visit);

/// Random access by frame number, as a training run reads: seeks to the keyframe at or before and decodes forward.
class Mp4Reader {
 public:
  static Result<std::unique_ptr<Mp4Reader>> open(const std::string& path, std::uint32_t fps);
  virtual ~Mp4Reader() = default;
  virtual std::uint64_t frames() const = 0;
  /// Error: corrupt where no picture of exactly this pts comes out.
  virtual Status decode(std::uint64_t frame, Picture& out) = 0;
};

}  // namespace bagloom::media
