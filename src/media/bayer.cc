#include "media/bayer.h"

#include <limits>
#include <string>

#include "media/av.h"

namespace bagloom::media {
namespace {

AVPixelFormat format_of(const Mosaic& mosaic) {
  constexpr AVPixelFormat kEight[] = {AV_PIX_FMT_BAYER_RGGB8, AV_PIX_FMT_BAYER_BGGR8, AV_PIX_FMT_BAYER_GBRG8,
                                      AV_PIX_FMT_BAYER_GRBG8};
  constexpr AVPixelFormat kLittle[] = {AV_PIX_FMT_BAYER_RGGB16LE, AV_PIX_FMT_BAYER_BGGR16LE, AV_PIX_FMT_BAYER_GBRG16LE,
                                       AV_PIX_FMT_BAYER_GRBG16LE};
  constexpr AVPixelFormat kBig[] = {AV_PIX_FMT_BAYER_RGGB16BE, AV_PIX_FMT_BAYER_BGGR16BE, AV_PIX_FMT_BAYER_GBRG16BE,
                                    AV_PIX_FMT_BAYER_GRBG16BE};
  if (!mosaic.wide) return kEight[mosaic.pattern];
  return mosaic.big_endian ? kBig[mosaic.pattern] : kLittle[mosaic.pattern];
}

class SwscaleDemosaicer : public Demosaicer {
 public:
  Status run(const Mosaic& mosaic, Picture& rgb) override {
    if (mosaic.width % 2 != 0 || mosaic.height % 2 != 0 || mosaic.width == 0 || mosaic.height == 0) {
      return Error(ErrorKind::corrupt, "a Bayer mosaic of " + std::to_string(mosaic.width) + "x" + std::to_string(mosaic.height) +
                                           ": its sides are even");
    }
    if (mosaic.step > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
      return Error(ErrorKind::corrupt, "step " + std::to_string(mosaic.step));
    }
    RETURN_IF_ERROR(rgb.reshape(PixelFormat::rgb24, mosaic.width, mosaic.height));
    RETURN_IF_ERROR(prepare(mosaic));
    const std::uint8_t* from[4] = {mosaic.samples, nullptr, nullptr, nullptr};
    const int from_strides[4] = {static_cast<int>(mosaic.step), 0, 0, 0};
    std::uint8_t* to[4] = {rgb.plane(0), nullptr, nullptr, nullptr};
    const int to_strides[4] = {rgb.stride(0), 0, 0, 0};
    const int rows = sws_scale(context_.get(), from, from_strides, 0, static_cast<int>(mosaic.height), to, to_strides);
    if (rows != static_cast<int>(mosaic.height)) return Error(ErrorKind::internal, "swscale gave too few rows of a mosaic");
    return {};
  }

 private:
  Status prepare(const Mosaic& mosaic) {
    const AVPixelFormat format = format_of(mosaic);
    if (context_ != nullptr && format == format_ && mosaic.width == width_ && mosaic.height == height_) return {};
    context_.reset(sws_getContext(static_cast<int>(mosaic.width), static_cast<int>(mosaic.height), format,
                                  static_cast<int>(mosaic.width), static_cast<int>(mosaic.height), AV_PIX_FMT_RGB24,
                                  SWS_BILINEAR | SWS_BITEXACT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
    if (context_ == nullptr) return Error(ErrorKind::internal, "swscale takes no Bayer mosaic");
    format_ = format;
    width_ = mosaic.width;
    height_ = mosaic.height;
    return {};
  }

  SwsContextPtr context_;
  AVPixelFormat format_ = AV_PIX_FMT_NONE;
  std::uint32_t width_ = 0, height_ = 0;
};

}  // namespace

std::unique_ptr<Demosaicer> make_demosaicer() { return std::make_unique<SwscaleDemosaicer>(); }

}  // namespace bagloom::media
