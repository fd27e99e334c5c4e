// Notices reference pictures that are missing from an H.264 stream, or stand in it twice (ITU-T H.264, 7.4.3, frame_num). libav's
// decoder makes them up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "media/sequence_set.h"

namespace bagloom::media {

/// Looks at the packets of one stream in order, from a keyframe on.
class H264FrameNumbers {
 public:
  /// False where a reference picture between this packet and the one before it is missing, or this is that one again. True where
  /// that cannot be told: no slice, or one whose parameter sets are not known. As many missing as frame_num counts (16 with many
  /// encoders), or a multiple, do not show.
  bool follows(Bytes packet);
  /// Numbers after which frame_num begins anew, by the set of the picture that was looked at last; 0: not known.
  std::uint32_t counts_to() const { return counts_to_; }

 private:
  void read_picture_set(Bytes unit);

  std::array<H264SequenceSet, 32> sequence_sets_{};
  std::array<std::uint8_t, 256> sequence_of_{};  ///< by picture parameter set; 255: not known
  bool any_picture_set_ = false;
  std::uint32_t counts_to_ = 0;
  std::optional<std::uint32_t> reference_;  ///< frame_num of the last reference picture
};

}  // namespace bagloom::media
