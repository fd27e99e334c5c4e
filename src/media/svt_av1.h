// The SVT-AV1 that libavcodec has loaded. For this folder's sources.
#pragma once

#include <string>

namespace bagloom::media {

/// "v1.4.1"; empty where there is none. Asked of the loaded library and not linked, so that an FFmpeg without it does as well.
std::string svt_av1_version();

}  // namespace bagloom::media
