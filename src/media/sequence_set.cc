#include "media/sequence_set.h"

#include <algorithm>
#include <array>
#include <utility>

#include "media/nal_bits.h"

namespace bagloom::media {
namespace {

bool has_chroma_format(std::uint32_t profile) {
  for (const std::uint32_t high : {100u, 110u, 122u, 244u, 44u, 83u, 86u, 118u, 128u, 138u, 139u, 134u, 135u})
    if (profile == high) return true;
  return false;
}

/// 7.3.2.1.1.1.
void skip_scaling_list(NalBits& bits, int size) {
  std::int32_t last = 8, next = 8;
  for (int i = 0; i < size && bits.good(); ++i) {
    if (next != 0) next = (last + bits.signed_number() + 256) & 255;
    last = next == 0 ? last : next;
  }
}

/// What stands behind the id for some profiles; gives separate_colour_plane_flag.
bool skip_chroma(NalBits& bits, std::uint32_t profile) {
  if (!has_chroma_format(profile)) return false;
  const std::uint32_t chroma = bits.number();
  const bool separate = chroma == 3 && bits.take(1) != 0;
  bits.number();
  bits.number();
  bits.take(1);
  if (bits.take(1) != 0)
    for (int i = 0; i < (chroma == 3 ? 12 : 8); ++i)
      if (bits.take(1) != 0) skip_scaling_list(bits, i < 6 ? 16 : 64);
  return separate;
}

/// pic_order_cnt_type and what it brings. False: more than there can be.
bool skip_picture_order(NalBits& bits) {
  const std::uint32_t order = bits.number();
  if (order == 0) bits.number();
  if (order == 1) {
    bits.take(1);
    bits.number();
    bits.number();
    const std::uint32_t cycle = bits.number();
    if (cycle > 255) return false;
    for (std::uint32_t i = 0; i < cycle; ++i) bits.number();
  }
  return true;
}

/// H.264 table A-1: MaxDpbMbs by level_idc.
std::uint32_t dpb_macroblocks(std::uint32_t level) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 19> kLevels = {{{10, 396},
                                                                                {11, 900},
                                                                                {12, 2376},
                                                                                {13, 2376},
                                                                                {20, 2376},
                                                                                {21, 4752},
                                                                                {22, 8100},
                                                                                {30, 8100},
                                                                                {31, 18000},
                                                                                {32, 20480},
                                                                                {40, 32768},
                                                                                {41, 32768},
                                                                                {42, 34816},
                                                                                {50, 110400},
                                                                                {51, 184320},
                                                                                {52, 184320},
                                                                                {60, 696320},
                                                                                {61, 696320},
                                                                                {62, 696320}}};
  for (const auto& [known, macroblocks] : kLevels)
    if (level <= known) return macroblocks;
  return kLevels.back().second;
}

void skip_hrd(NalBits& bits) {
  const std::uint32_t more = bits.number();
  bits.take(8);
  for (std::uint32_t i = 0; i <= more && bits.good(); ++i) {
    bits.number();
    bits.number();
    bits.take(1);
  }
  bits.take(20);
}

/// H.264 E.1.1: max_num_reorder_frames where it is said.
std::optional<std::uint32_t> reordered_pictures(NalBits& bits) {
  if (bits.take(1) != 0 && bits.take(8) == 255) bits.take(32);
  if (bits.take(1) != 0) bits.take(1);
  if (bits.take(1) != 0) {
    bits.take(4);
    if (bits.take(1) != 0) bits.take(24);
  }
  if (bits.take(1) != 0) {
    bits.number();
    bits.number();
  }
  if (bits.take(1) != 0) {
    bits.take(32);
    bits.take(32);
    bits.take(1);
  }
  const bool nal = bits.take(1) != 0;
  if (nal) skip_hrd(bits);
  const bool vcl = bits.take(1) != 0;
  if (vcl) skip_hrd(bits);
  if (nal || vcl) bits.take(1);
  bits.take(1);
  if (bits.take(1) == 0) return std::nullopt;
  bits.take(1);
  for (int i = 0; i < 4; ++i) bits.number();
  const std::uint32_t pictures = bits.number();
  return bits.good() ? std::optional(pictures) : std::nullopt;
}

/// H.265 7.3.3, profile_tier_level().
void skip_profile_tier_level(NalBits& bits, std::uint32_t layers) {
  const auto skip_profile = [&] {
    for (int i = 0; i < 11; ++i) bits.take(8);
  };
  skip_profile();
  bits.take(8);
  std::array<bool, 8> profile{}, level{};
  for (std::uint32_t i = 0; i < layers; ++i) {
    profile[i] = bits.take(1) != 0;
    level[i] = bits.take(1) != 0;
  }
  for (std::uint32_t i = layers; layers > 0 && i < 8; ++i) bits.take(2);
  for (std::uint32_t i = 0; i < layers; ++i) {
    if (profile[i]) skip_profile();
    if (level[i]) bits.take(8);
  }
}

}  // namespace

H264SequenceSet read_h264_sequence_set(Bytes unit) {
  H264SequenceSet set;
  NalBits bits(unit);
  const std::uint32_t profile = bits.take(8);
  bits.take(8);
  const std::uint32_t level = bits.take(8);
  const std::uint32_t id = bits.number();
  if (!bits.good()) return set;
  set.id = id;
  set.separate_planes = skip_chroma(bits, profile);
  const std::uint32_t more_bits = bits.number();
  if (!skip_picture_order(bits)) return set;
  const std::uint32_t references = bits.number();
  bits.take(1);  // gaps in frame_num
  const std::uint64_t width = std::uint64_t{bits.number()} + 1;
  std::uint64_t height = std::uint64_t{bits.number()} + 1;
  set.fields = bits.take(1) == 0;  // frame_mbs_only_flag
  if (bits.good() && more_bits <= 12) set.frame_number_bits = static_cast<int>(more_bits) + 4;
  if (set.fields) {
    height *= 2;
    bits.take(1);
  }
  bits.take(1);
  if (bits.take(1) != 0)
    for (int i = 0; i < 4; ++i) bits.number();
  if (!bits.good()) return set;
  std::optional<std::uint32_t> reordered;
  if (bits.take(1) != 0) reordered = reordered_pictures(bits);
  // Not said: the decoder waits for as many as the level allows, so that none comes too late.
  if (!reordered)
    reordered = static_cast<std::uint32_t>(dpb_macroblocks(level) / std::min<std::uint64_t>(width * height, 1u << 30));
  reordered = std::min(kMostPictures, *reordered);
  set.pictures = {std::clamp(std::max(references, *reordered), 1u, kMostPictures), *reordered};
  return set;
}

H264PictureSet read_h264_picture_set(Bytes unit) {
  H264PictureSet set;
  NalBits bits(unit);
  const std::uint32_t id = bits.number();
  set.sequence_set = bits.number();
  if (!bits.good()) return set;
  set.id = id;
  set.arithmetic = bits.take(1) != 0;
  return set;
}

HevcSequenceSet read_hevc_sequence_set(Bytes unit) {
  HevcSequenceSet set;
  NalBits bits(unit);
  bits.take(8);
  set.video_set = bits.take(4);
  const std::uint32_t layers = bits.take(3);
  bits.take(1);
  skip_profile_tier_level(bits, layers);
  const std::uint32_t id = bits.number();
  if (!bits.good()) return set;
  set.id = id;
  if (bits.number() == 3) bits.take(1);
  bits.number();
  bits.number();
  if (bits.take(1) != 0)
    for (int i = 0; i < 4; ++i) bits.number();
  bits.number();
  bits.number();
  const std::uint32_t more_bits = bits.number();
  if (bits.good() && more_bits <= 12) set.order_count = 16u << more_bits;
  SequencePictures pictures;
  for (std::uint32_t i = bits.take(1) != 0 ? 0 : layers; i <= layers; ++i) {
    pictures.kept = std::max(pictures.kept, bits.number() + 1);
    pictures.reordered = std::max(pictures.reordered, bits.number());
    bits.number();
  }
  if (bits.good()) set.pictures = {std::clamp(pictures.kept, 1u, kMostPictures), std::min(pictures.reordered, kMostPictures)};
  return set;
}

}  // namespace bagloom::media
