// JPEGs of every sampling, made with turbojpeg itself, for the tests of the decoder.
#pragma once

#include <turbojpeg.h>

#include <vector>

#include "pictures.h"

namespace bagloom::media {

inline std::vector<std::byte> make_jpeg(const Picture& rgb, int sampling, int quality = 90, int flags = 0) {
  tjhandle handle = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, rgb.plane(0), static_cast<int>(rgb.width()), rgb.stride(0), static_cast<int>(rgb.height()),
                        TJPF_RGB, &data, &size, sampling, quality, flags),
            0);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> jpeg(bytes, bytes + size);
  tjFree(data);
  tjDestroy(handle);
  return jpeg;
}

inline EncodedPicture as_compressed(Bytes data, std::string_view format = "jpeg") {
  EncodedPicture encoded;
  encoded.compressed = true;
  encoded.encoding = format;
  encoded.data = data;
  return encoded;
}

/// A picture's JPEG of the scene, 4:2:0.
inline std::vector<std::byte> scene_jpeg(std::uint32_t width, std::uint32_t height, int n, int sampling = TJSAMP_420) {
  Picture rgb;
  EXPECT_OK(rgb.reshape(PixelFormat::rgb24, width, height));
  paint_scene(rgb, n);
  return make_jpeg(rgb, sampling);
}

/// Offset of the segment with this marker; -1 where there is none before the scan.
inline std::ptrdiff_t find_segment(Bytes jpeg, std::uint8_t marker) {
  const std::uint8_t* data = as_u8(jpeg);
  for (std::size_t i = 2; i + 4 < jpeg.size() && data[i] == 0xff;) {
    if (data[i + 1] == marker) return static_cast<std::ptrdiff_t>(i);
    if (data[i + 1] == 0xda) return -1;
    i += 2 + (static_cast<std::size_t>(data[i + 2]) << 8 | data[i + 3]);
  }
  return -1;
}

}  // namespace bagloom::media
