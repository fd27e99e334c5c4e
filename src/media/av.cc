#include "media/av.h"

#include <cstdlib>

#include "media/quiet_libav.h"

namespace bagloom::media {

void quiet_libav() {
  av_log_set_level(AV_LOG_QUIET);
  setenv("SVT_LOG", "0", 0);
}

std::string av_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

Error av_error(ErrorKind kind, const std::string& what, int code) {
  if (code == AVERROR(ENOMEM)) kind = ErrorKind::over_limit;
  return Error(kind, what + ": " + av_text(code));
}

AVPixelFormat av_format(PixelFormat format) {
  switch (format) {
    case PixelFormat::none: return AV_PIX_FMT_NONE;
    case PixelFormat::gray8_full: return AV_PIX_FMT_GRAY8;
    case PixelFormat::yuv420p_full: return AV_PIX_FMT_YUV420P;
    case PixelFormat::yuv422p_full: return AV_PIX_FMT_YUV422P;
    case PixelFormat::yuv444p_full: return AV_PIX_FMT_YUV444P;
    case PixelFormat::yuv440p_full: return AV_PIX_FMT_YUV440P;
    case PixelFormat::yuv411p_full: return AV_PIX_FMT_YUV411P;
    case PixelFormat::yuv420p: return AV_PIX_FMT_YUV420P;
    case PixelFormat::yuv422p: return AV_PIX_FMT_YUV422P;
    case PixelFormat::yuv444p: return AV_PIX_FMT_YUV444P;
    case PixelFormat::rgb24: return AV_PIX_FMT_RGB24;
    case PixelFormat::bgr24: return AV_PIX_FMT_BGR24;
    case PixelFormat::gray16: return AV_PIX_FMT_GRAY16;
    case PixelFormat::grayf32: return AV_PIX_FMT_GRAYF32;
    case PixelFormat::gray12: return AV_PIX_FMT_GRAY12;
  }
  return AV_PIX_FMT_NONE;
}

bool full_range(PixelFormat format) {
  return format != PixelFormat::yuv420p && format != PixelFormat::yuv422p && format != PixelFormat::yuv444p;
}

}  // namespace bagloom::media
