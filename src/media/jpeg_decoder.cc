#include "media/jpeg_decoder.h"

#include <turbojpeg.h>

#include <string>

#include "media/jpeg_header.h"
#include "media/raw_picture.h"

namespace bagloom::media {
namespace {

struct HandleDeleter {
  void operator()(void* handle) const { tjDestroy(handle); }
};

// TJFLAG_FASTDCT is not set: the default (islow) transform gives the same bits with and without SIMD, the fast one need not.
// TJFLAG_LIMITSCANS ends progressive files made of thousands of empty scans.
constexpr int kFlags = TJFLAG_LIMITSCANS;

PixelFormat planes_of(int subsampling) {
  switch (subsampling) {
    case TJSAMP_444: return PixelFormat::yuv444p_full;
    case TJSAMP_422: return PixelFormat::yuv422p_full;
    case TJSAMP_420: return PixelFormat::yuv420p_full;
    case TJSAMP_440: return PixelFormat::yuv440p_full;
    case TJSAMP_411: return PixelFormat::yuv411p_full;
    case TJSAMP_GRAY: return PixelFormat::gray8_full;
    default: return PixelFormat::none;
  }
}

class TurboDecoder : public JpegDecoder {
 public:
  Status decode(Bytes jpeg, bool swap_red_blue, bool tolerate_warnings, Picture& out) override {
    if (handle_ == nullptr) handle_.reset(tjInitDecompress());
    if (handle_ == nullptr) return Error(ErrorKind::over_limit, "no memory for a JPEG decoder");
    // Our own reading of the header first: its caps hold before turbojpeg allocates anything.
    ASSIGN_OR_RETURN(const JpegHeader header, read_jpeg_header(jpeg));
    if (header.components == 4)
      return Error(ErrorKind::unsupported, "JPEG in four colours (CMYK): cameras that send YCbCr or RGB are read");
    int width = 0, height = 0, subsampling = -1, colorspace = -1;
    const auto size = static_cast<unsigned long>(jpeg.size());
    // An unusual sampling is an error of this call; the way through RGB takes it all the same. A warning is none: all is known
    // then.
    const bool read = tjDecompressHeader3(handle_.get(), as_u8(jpeg), size, &width, &height, &subsampling, &colorspace) == 0;
    const bool known = read || (tjGetErrorCode(handle_.get()) == TJERR_WARNING && width > 0 && height > 0 && subsampling >= 0);
    if (!known) {
      width = static_cast<int>(header.width);
      height = static_cast<int>(header.height);
    }
    RETURN_IF_ERROR(check_size(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)));
    const PixelFormat planes = known && !swap_red_blue && (colorspace == TJCS_YCbCr || colorspace == TJCS_GRAY)
                                   ? planes_of(subsampling)
                                   : PixelFormat::none;
    const int flags = tolerate_warnings ? kFlags : kFlags | TJFLAG_STOPONWARNING;
    int code = 0;
    if (planes == PixelFormat::none) {
      // Swapping channels is naming them the other way round.
      RETURN_IF_ERROR(out.reshape(swap_red_blue ? PixelFormat::bgr24 : PixelFormat::rgb24, static_cast<std::uint32_t>(width),
                                  static_cast<std::uint32_t>(height)));
      code = tjDecompress2(handle_.get(), as_u8(jpeg), size, out.plane(0), width, out.stride(0), height, TJPF_RGB, flags);
    } else {
      RETURN_IF_ERROR(out.reshape(planes, static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)));
      unsigned char* to[3] = {out.plane(0), out.plane(1), out.plane(2)};
      int strides[3] = {out.stride(0), out.stride(1), out.stride(2)};
      code = tjDecompressToYUVPlanes(handle_.get(), as_u8(jpeg), size, to, width, strides, height, flags);
    }
    if (code == 0) return {};
    const std::string text = tjGetErrorStr2(handle_.get());
    if (tjGetErrorCode(handle_.get()) == TJERR_WARNING) {
      if (tolerate_warnings) return {};
      return Error(ErrorKind::corrupt, "JPEG: " + text).fix("tolerate: warnings takes such pictures as they come out");
    }
    return Error(ErrorKind::corrupt, "JPEG: " + text);
  }

 private:
  std::unique_ptr<void, HandleDeleter> handle_;
};

}  // namespace

std::unique_ptr<JpegDecoder> make_jpeg_decoder() { return std::make_unique<TurboDecoder>(); }

}  // namespace bagloom::media
