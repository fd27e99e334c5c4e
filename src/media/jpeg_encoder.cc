#include <turbojpeg.h>

#include "media/picture_decoder.h"

namespace bagloom::media {

Result<std::vector<std::byte>> encode_jpeg(const Picture& rgb, int quality, bool subsample) {
  if (rgb.format() != PixelFormat::rgb24 && rgb.format() != PixelFormat::bgr24) {
    return Error(ErrorKind::internal, "encode_jpeg takes rgb24 or bgr24");
  }
  if (quality < 1 || quality > 100) return Error(ErrorKind::invalid, "JPEG quality " + std::to_string(quality) + " (1 to 100)");
  std::unique_ptr<void, int (*)(void*)> handle(tjInitCompress(), tjDestroy);
  if (handle == nullptr) return Error(ErrorKind::over_limit, "no memory for a JPEG encoder");
  const int width = static_cast<int>(rgb.width()), height = static_cast<int>(rgb.height());
  const int sampling = subsample ? TJSAMP_420 : TJSAMP_444;
  std::vector<std::byte> jpeg(tjBufSize(width, height, sampling));
  auto* to = reinterpret_cast<unsigned char*>(jpeg.data());
  auto size = static_cast<unsigned long>(jpeg.size());
  const int order = rgb.format() == PixelFormat::rgb24 ? TJPF_RGB : TJPF_BGR;
  if (tjCompress2(handle.get(), rgb.plane(0), width, rgb.stride(0), height, order, &to, &size, sampling, quality,
                  TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0) {
    return Error(ErrorKind::internal, std::string("JPEG encoder: ") + tjGetErrorStr2(handle.get()));
  }
  jpeg.resize(size);
  return jpeg;
}

}  // namespace bagloom::media
