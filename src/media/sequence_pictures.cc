#include "media/sequence_pictures.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "media/nal_bits.h"
#include "media/nal_units.h"
#include "media/stream_packet.h"

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

constexpr SequencePictures kUnknown = {kMostPictures, kMostPictures};

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

/// H.264 7.3.2.1.1.
SequencePictures h264_pictures(Bytes unit) {
  NalBits bits(unit);
  const std::uint32_t profile = bits.take(8);
  bits.take(8);
  const std::uint32_t level = bits.take(8);
  bits.number();
  skip_chroma(bits, profile);
  bits.number();
  if (!skip_picture_order(bits)) return kUnknown;
  const std::uint32_t references = bits.number();
  bits.take(1);
  const std::uint64_t width = std::uint64_t{bits.number()} + 1;
  std::uint64_t height = std::uint64_t{bits.number()} + 1;
  if (bits.take(1) == 0) {
    height *= 2;
    bits.take(1);
  }
  bits.take(1);
  if (bits.take(1) != 0)
    for (int i = 0; i < 4; ++i) bits.number();
  if (!bits.good()) return kUnknown;
  std::optional<std::uint32_t> reordered;
  if (bits.take(1) != 0) reordered = reordered_pictures(bits);
  // Not said: the decoder waits for as many as the level allows, so that none comes too late.
  if (!reordered)
    reordered = static_cast<std::uint32_t>(dpb_macroblocks(level) / std::min<std::uint64_t>(width * height, 1u << 30));
  reordered = std::min(kMostPictures, *reordered);
  return {std::clamp(std::max(references, *reordered), 1u, kMostPictures), *reordered};
}

/// H.265 7.3.2.2.1: reads as far as log2_max_pic_order_cnt_lsb_minus4, and gives it.
std::uint32_t hevc_order_bits(NalBits& bits, std::uint32_t& layers) {
  hevc_video_set(bits, &layers);
  bits.number();
  if (bits.number() == 3) bits.take(1);
  bits.number();
  bits.number();
  if (bits.take(1) != 0)
    for (int i = 0; i < 4; ++i) bits.number();
  bits.number();
  bits.number();
  return bits.number();
}

/// H.265 7.3.2.2.1 and 7.3.3.
SequencePictures hevc_pictures(Bytes unit) {
  NalBits bits(unit);
  std::uint32_t layers = 0;
  hevc_order_bits(bits, layers);
  SequencePictures pictures;
  for (std::uint32_t i = bits.take(1) != 0 ? 0 : layers; i <= layers; ++i) {
    pictures.kept = std::max(pictures.kept, bits.number() + 1);
    pictures.reordered = std::max(pictures.reordered, bits.number());
    bits.number();
  }
  if (!bits.good()) return kUnknown;
  return {std::clamp(pictures.kept, 1u, kMostPictures), std::min(pictures.reordered, kMostPictures)};
}

}  // namespace

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

std::uint32_t hevc_video_set(NalBits& bits, std::uint32_t* sub_layers) {
  bits.take(8);
  const std::uint32_t video_set = bits.take(4);
  const std::uint32_t layers = bits.take(3);
  bits.take(1);
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
  if (sub_layers != nullptr) *sub_layers = layers;
  return video_set;
}

SequencePictures most_of(const SequencePictures& one, const SequencePictures& other) {
  return {std::max(one.kept, other.kept), std::max(one.reordered, other.reordered)};
}

SequencePictures sequence_pictures(StreamCodec codec, Bytes packet) {
  if (codec == StreamCodec::av1) return {8, 0};
  SequencePictures most;
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t header = as_u8(*unit)[0];
    const bool h264 = codec == StreamCodec::h264;
    if (h264 ? is_h264_slice(h264_type(header)) : is_hevc_slice(hevc_type(header))) break;
    if (h264 ? h264_type(header) != 7 : hevc_type(header) != 33) continue;
    const SequencePictures of_set = h264 ? h264_pictures(*unit) : hevc_pictures(*unit);
    most = most_of(most, of_set);
  }
  return most;
}

std::uint32_t hevc_order_count(Bytes packet) {
  std::uint32_t count = 0;
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const int type = hevc_type(as_u8(*unit)[0]);
    if (is_hevc_slice(type)) break;
    if (type != 33) continue;
    NalBits bits(*unit);
    std::uint32_t layers = 0;
    const std::uint32_t more = hevc_order_bits(bits, layers);
    if (bits.good() && more <= 12) count = 16u << more;
  }
  return count;
}

}  // namespace bagloom::media
