// One picture in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

struct AVFrame;

namespace bagloom::media {

/// Pixel layouts that pass between decoder, scaler and encoder. The *_full ones are JPEG's full range, the other YUV ones
/// BT.601's studio range.
enum class PixelFormat {
  none,
  gray8_full,
  yuv420p_full,
  yuv422p_full,
  yuv444p_full,
  yuv440p_full,
  yuv411p_full,
  yuv420p,
  yuv422p,
  yuv444p,
  rgb24,
  bgr24,
  gray16,   ///< depth as recorded, in the machine's byte order; 0: no value
  grayf32,  ///< depth in metres; NaN, infinity and 0: no value
  gray12,   ///< LeRobot's codes of depth, 0 to 4095, in 16 bits each
};
std::string_view name_of(PixelFormat format);

/// Owns its pixels (an AVFrame inside). Movable; reused from row to row by decoders and scalers.
class Picture {
 public:
  Picture();
  ~Picture();
  Picture(Picture&&) noexcept;
  Picture& operator=(Picture&&) noexcept;

  /// Makes room for this shape; keeps the memory where it already fits. Error: sizes beyond 16384 or zero (corrupt).
  Status reshape(PixelFormat format, std::uint32_t width, std::uint32_t height);

  PixelFormat format() const;
  std::uint32_t width() const;
  std::uint32_t height() const;
  std::uint8_t* plane(int index);
  const std::uint8_t* plane(int index) const;
  int stride(int index) const;  ///< bytes

  AVFrame* frame();  ///< for media/ only
  const AVFrame* frame() const;

 private:
  AVFrame* frame_ = nullptr;
  PixelFormat format_ = PixelFormat::none;
};

/// Bytes that a Picture of this shape takes.
std::uint64_t picture_bytes(PixelFormat format, std::uint32_t width, std::uint32_t height);

}  // namespace bagloom::media
