// How many pictures a stream's decoder holds, and of what kind, as its parameter sets say: what its memory is laid out for.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bagloom::media {

enum class StreamCodec : std::uint8_t;

/// The most that H.264 and H.265 allow.
inline constexpr std::uint32_t kMostPictures = 16;

struct SequencePictures {
  std::uint32_t kept = 0;       ///< for reference, or until they are shown; 0: not known
  std::uint32_t reordered = 0;  ///< that may be shown before one that was sent before them
  /// That one pixel of a decoded picture takes in memory: 12 for 4:2:0 of 8 bits, 24 of 10, up to 48; 0: not known.
  std::uint32_t pixel_bits = 0;
  /// Slices are arithmetic codes (CABAC: H.264 where its picture parameter set says so, H.265 always), which do not show where
  /// their data ends: whole_slices.h, a second decoder.
  bool arithmetic = false;
  /// Pictures that are shown before one that was sent before them, the most so far (not of parameter sets): whoever takes
  /// pictures in the order in which they are sent holds so many.
  std::uint32_t overtaken = 0;

  bool operator==(const SequencePictures&) const = default;
};

/// Nothing is known: all that may be.
inline constexpr SequencePictures kMostOfAll = {kMostPictures, kMostPictures, 0, true};

/// Enough for both.
SequencePictures most_of(const SequencePictures& one, const SequencePictures& other);

/// What the packet's sequence and picture parameter sets say, the most of them; kMostPictures where one makes no sense. AV1: 8
/// that are kept, whatever the packet.
SequencePictures sequence_pictures(StreamCodec codec, Bytes packet);

/// H.265: pictures after which pic_order_cnt_lsb begins anew, as the packet's (last) sequence parameter set says; 0: it has none.
std::uint32_t hevc_order_count(Bytes packet);

}  // namespace bagloom::media
