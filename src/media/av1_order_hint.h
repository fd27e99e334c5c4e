// Notices temporal units that are missing from an AV1 stream, or stand in it twice (AV1 specification 5.9.2, order_hint). dav1d
// decodes what follows from whatever pictures it has.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace bagloom::media {

/// Looks at the packets of one stream in order. Pictures are numbered in the order of display, and encoders count them one by one
/// (libaom, SVT-AV1, rav1e), so that the next packet shows the next number: that of a frame of its own, or of one that stood
/// hidden in a packet before and was kept.
class Av1OrderHints {
 public:
  /// False where the number does not follow. True where that cannot be told: no picture or several in a packet, a stream without
  /// numbers, or one that was not seen to count one by one. As many missing as order_hint counts (128 with many encoders), or a
  /// multiple, do not show.
  bool follows(Bytes packet);
  /// Numbers after which order_hint begins anew; 0: not known.
  std::uint32_t counts_to() const { return sequence_ && sequence_->hint_bits > 0 ? 1u << sequence_->hint_bits : 0; }

 private:
  struct Sequence {
    int hint_bits = 0;          ///< 0: no numbers
    int frame_id_bits = 0;      ///< 0: no ids
    int presentation_bits = 0;  ///< of frame_presentation_time; 0: none
    bool decoder_model = false;
    bool choose_screen_content = false, screen_content = false;
    bool choose_integer_motion = false;
  };
  struct Frame {
    bool key = false;
    std::uint32_t number = 0;
  };
  static std::optional<Sequence> read_sequence(Bytes payload);
  /// The frame that is shown at once, if one is, and makes sense. Keeps what later ones may show.
  std::optional<Frame> read_frame(Bytes payload, bool& shown);

  std::optional<Sequence> sequence_;
  std::array<std::optional<Frame>, 8> kept_{};  ///< the decoder's reference frames
  std::optional<std::uint32_t> last_;           ///< of the packet before
  std::uint64_t steady_ = 0;                    ///< packets whose number was the next one
  std::uint64_t odd_ = 0;                       ///< packets whose number was another, before that was enough to go by
};

}  // namespace bagloom::media
