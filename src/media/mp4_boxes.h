// What libavformat does not tell about an mp4: read from its boxes (ISO/IEC 14496-12).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/source.h"

namespace bagloom::media {

struct Mp4Boxes {
  bool moov = false;
  bool moof = false;               ///< fragmented
  std::uint32_t stts_entries = 0;  ///< of the first video track
  bool stts_constant = true;       ///< all its entries have one duration
  double rotation = 0;             ///< degrees clockwise, of the first video track
};

/// Error: corrupt, with the offset; io.
Result<Mp4Boxes> read_mp4_boxes(const Source& file);

}  // namespace bagloom::media
