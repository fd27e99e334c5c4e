#include "media/raw_encoding.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace bagloom::media {
namespace {

struct Row {
  std::string_view name;
  RawEncoding encoding;
};

constexpr Row kTable[] = {
    {"rgb8", {RawLayout::packed, 3, PixelFormat::rgb24}},
    {"bgr8", {RawLayout::packed, 3, PixelFormat::bgr24}},
    {"8uc3", {RawLayout::packed, 3, PixelFormat::bgr24}},
    {"mono8", {RawLayout::packed, 1, PixelFormat::gray8_full}},
    {"8uc1", {RawLayout::packed, 1, PixelFormat::gray8_full}},
    {"rgba8", {RawLayout::packed_alpha, 4, PixelFormat::rgb24}},
    {"bgra8", {RawLayout::packed_alpha, 4, PixelFormat::bgr24}},
    {"8uc4", {RawLayout::packed_alpha, 4, PixelFormat::bgr24}},
    {"rgb16", {RawLayout::wide, 6, PixelFormat::rgb24}},
    {"bgr16", {RawLayout::wide, 6, PixelFormat::bgr24}},
    {"rgba16", {RawLayout::wide, 8, PixelFormat::rgb24}},
    {"bgra16", {RawLayout::wide, 8, PixelFormat::bgr24}},
    {"yuv422", {RawLayout::uyvy, 2, PixelFormat::yuv422p}},
    {"uyvy", {RawLayout::uyvy, 2, PixelFormat::yuv422p}},
    {"yuv422_yuy2", {RawLayout::yuyv, 2, PixelFormat::yuv422p}},
    {"yuyv", {RawLayout::yuyv, 2, PixelFormat::yuv422p}},
    {"nv12", {RawLayout::nv12, 1, PixelFormat::yuv420p}},
    {"nv21", {RawLayout::nv21, 1, PixelFormat::yuv420p}},
    {"nv24", {RawLayout::nv24, 1, PixelFormat::yuv444p}},
    {"i420", {RawLayout::i420, 1, PixelFormat::yuv420p}},
    {"bayer_rggb8", {RawLayout::bayer8, 1, PixelFormat::rgb24, 0}},
    {"bayer_bggr8", {RawLayout::bayer8, 1, PixelFormat::rgb24, 1}},
    {"bayer_gbrg8", {RawLayout::bayer8, 1, PixelFormat::rgb24, 2}},
    {"bayer_grbg8", {RawLayout::bayer8, 1, PixelFormat::rgb24, 3}},
    {"bayer_rggb16", {RawLayout::bayer16, 2, PixelFormat::rgb24, 0}},
    {"bayer_bggr16", {RawLayout::bayer16, 2, PixelFormat::rgb24, 1}},
    {"bayer_gbrg16", {RawLayout::bayer16, 2, PixelFormat::rgb24, 2}},
    {"bayer_grbg16", {RawLayout::bayer16, 2, PixelFormat::rgb24, 3}},
    {"16uc1", {RawLayout::depth16, 2, PixelFormat::gray16}},
    {"mono16", {RawLayout::depth16, 2, PixelFormat::gray16}},
    {"16sc1", {RawLayout::depth16s, 2, PixelFormat::gray16}},
    {"32fc1", {RawLayout::depth32f, 4, PixelFormat::grayf32}},
    {"64fc1", {RawLayout::depth64f, 8, PixelFormat::grayf32}},
};

}  // namespace

RawEncoding raw_encoding(std::string_view name) {
  if (name.size() > 16) return {};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const Row& row : kTable) {
    if (row.name == lower) return row.encoding;
  }
  return {};
}

std::string_view raw_colour_names() {
  return "rgb8, bgr8, rgba8, bgra8, their 16-bit kin, 8UC1, 8UC3, 8UC4, mono8, yuv422, yuv422_yuy2, uyvy, yuyv, nv12, nv21, "
         "nv24, "
         "i420 and bayer_* of 8 and 16 bits";
}

}  // namespace bagloom::media
