#include "media/raw_picture.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>

namespace bagloom::media {
namespace {

constexpr std::uint32_t kMaxSide = 16384;
constexpr std::uint64_t kMaxPixels = 64ull << 20;

PixelFormat format_of(std::string_view encoding) {
  std::string lower(encoding);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "rgb8") return PixelFormat::rgb24;
  if (lower == "bgr8" || lower == "8uc3") return PixelFormat::bgr24;
  if (lower == "mono8" || lower == "8uc1") return PixelFormat::gray8_full;
  return PixelFormat::none;
}

std::uint64_t row_bytes(PixelFormat format, std::uint32_t width) {
  return format == PixelFormat::gray8_full ? width : 3ull * width;
}

}  // namespace

Status check_size(std::uint32_t width, std::uint32_t height) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width == 0 || height == 0) return Error(ErrorKind::corrupt, "a picture of " + size);
  if (width > kMaxSide || height > kMaxSide || static_cast<std::uint64_t>(width) * height > kMaxPixels) {
    return Error(ErrorKind::corrupt, "a picture of " + size + ": more than 16384 a side or 64 megapixels are not taken");
  }
  return {};
}

Result<PictureShape> raw_shape(const EncodedPicture& encoded) {
  const PixelFormat format = format_of(encoded.encoding);
  if (format == PixelFormat::none) {
    return Error(ErrorKind::unsupported, "pictures of encoding '" + std::string(encoded.encoding) +
                                             "' (rgb8, bgr8, 8UC3, mono8, 8UC1 and JPEG are taken)");
  }
  RETURN_IF_ERROR(check_size(encoded.width, encoded.height));
  const std::uint64_t row = row_bytes(format, encoded.width);
  if (encoded.step < row) {
    return Error(ErrorKind::corrupt,
                 "step " + std::to_string(encoded.step) + " is less than a row's " + std::to_string(row) + " bytes");
  }
  // The last row may be short by its padding (bag-formats.md 7.1).
  const std::uint64_t needed = static_cast<std::uint64_t>(encoded.step) * (encoded.height - 1) + row;
  if (encoded.data.size() < needed) {
    return Error(ErrorKind::corrupt, std::to_string(encoded.width) + "x" + std::to_string(encoded.height) + " " +
                                         std::string(encoded.encoding) + " wants " + std::to_string(needed) + " bytes, got " +
                                         std::to_string(encoded.data.size()));
  }
  return PictureShape{encoded.width, encoded.height, format, false};
}

Status copy_raw(const EncodedPicture& encoded, Picture& out) {
  ASSIGN_OR_RETURN(const PictureShape shape, raw_shape(encoded));
  RETURN_IF_ERROR(out.reshape(shape.format, shape.width, shape.height));
  const std::size_t row = row_bytes(shape.format, shape.width);
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    std::memcpy(out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0),
                encoded.data.data() + static_cast<std::size_t>(y) * encoded.step, row);
  }
  return {};
}

}  // namespace bagloom::media
