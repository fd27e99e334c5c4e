// An mp4 opened by libavformat, for the inspector and the reader.
#pragma once

#include <string>

#include "media/av.h"

namespace bagloom::media {

struct Mp4Input {
  InputPtr demuxer;
  AVStream* video = nullptr;  ///< the first video stream
  int video_streams = 0, other_streams = 0;
};

/// Only the mp4 demuxer and only local files: other demuxers, and references to elsewhere, are not opened.
/// Errors: io, corrupt (also where no video stream is found).
Result<Mp4Input> open_mp4(const std::string& path);

}  // namespace bagloom::media
