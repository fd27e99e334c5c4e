// Notices temporal units that are missing from an AV1 stream, or stand in it twice (AV1 specification 5.9.2, order_hint). dav1d
// decodes what follows from whatever pictures it has.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace bagloom::media {

/// Looks at the packets of one stream in order. Pictures are numbered in the order of display, and encoders count them one by one
/// (libaom, SVT-AV1, rav1e), so that in a stream which shows each picture when it comes the next packet has the next number.
class Av1OrderHints {
 public:
  /// False where the number does not follow. True where that cannot be told: hidden frames (alternate references), frames that
  /// are shown again, several in a packet, a stream without numbers, or one that was not seen to count one by one. As many
  /// missing as order_hint counts (128 with many encoders), or a multiple, do not show.
  bool follows(Bytes packet);
  /// Numbers after which order_hint begins anew; 0: not known.
  std::uint32_t counts_to() const { return sequence_ && sequence_->hint_bits > 0 ? 1u << sequence_->hint_bits : 0; }

 private:
  struct Sequence {
    int hint_bits = 0;          ///< 0: no numbers
    int frame_id_bits = 0;      ///< 0: no ids
    int presentation_bits = 0;  ///< of frame_presentation_time; 0: none
    bool choose_screen_content = false, screen_content = false;
    bool choose_integer_motion = false;
  };
  static std::optional<Sequence> read_sequence(Bytes payload);
  struct Frame {
    bool key = false;
    std::uint32_t number = 0;
  };
  /// Nothing for a frame that is not shown at once, or that makes no sense.
  std::optional<Frame> read_frame(Bytes payload) const;

  std::optional<Sequence> sequence_;
  std::optional<std::uint32_t> last_;  ///< of the packet before
  std::uint64_t steady_ = 0;           ///< packets whose number was the next one
  std::uint64_t odd_ = 0;              ///< packets whose number was another, before that was enough to go by
};

}  // namespace bagloom::media
