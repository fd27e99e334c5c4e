// Inside media/: what sequence (and of H.264 picture) parameter sets say that anyone here needs.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "media/sequence_pictures.h"

namespace bagloom::media {

/// Of a set that is cut short, or makes no sense further on, what stands before that.
struct H264SequenceSet {
  std::optional<std::uint32_t> id;
  int frame_number_bits = 0;  ///< of frame_num; 0: not known
  bool separate_planes = false;
  bool fields = true;  ///< a picture may come as two fields of one frame_num
  SequencePictures pictures = {kMostPictures, kMostPictures};
};
/// ITU-T H.264, 7.3.2.1.1. The unit with its header, without start code; it may reach beyond its own end.
H264SequenceSet read_h264_sequence_set(Bytes unit);

struct H264PictureSet {
  std::optional<std::uint32_t> id;
  std::uint32_t sequence_set = 0;  ///< id of the sequence parameter set that it builds upon
  bool arithmetic = false;         ///< entropy_coding_mode_flag
};
/// ITU-T H.264, 7.3.2.2.
H264PictureSet read_h264_picture_set(Bytes unit);

struct HevcSequenceSet {
  std::optional<std::uint32_t> id;
  std::uint32_t video_set = 0;    ///< id of the video parameter set that it builds upon
  std::uint32_t order_count = 0;  ///< pictures after which pic_order_cnt_lsb begins anew; 0: not known
  SequencePictures pictures = {kMostPictures, kMostPictures};
};
/// ITU-T H.265, 7.3.2.2.1.
HevcSequenceSet read_hevc_sequence_set(Bytes unit);

}  // namespace bagloom::media
