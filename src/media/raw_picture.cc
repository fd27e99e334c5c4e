#include "media/raw_picture.h"

#include <cstring>
#include <string>

namespace bagloom::media {
namespace {

constexpr std::uint32_t kMaxSide = 16384;
constexpr std::uint64_t kMaxPixels = 64ull << 20;

/// Where the planes of a raw picture lie in its bytes. The first one's rows are `step` bytes apart.
struct Planes {
  std::uint64_t row = 0;            ///< bytes of a row of the first plane that count
  std::uint64_t chroma = 0;         ///< offset of the second plane; 0: none
  std::uint64_t chroma_step = 0;    ///< bytes from row to row of it
  std::uint64_t chroma_row = 0;     ///< bytes of a row that count
  std::uint32_t chroma_rows = 0;    ///< of one plane
  std::uint32_t chroma_planes = 0;  ///< 1: pairs; 2: one after the other
  std::uint64_t needed = 0;         ///< bytes of the whole; the last row may lack its padding
  std::uint64_t whole = 0;          ///< the same with its padding
};

/// `step` is at most 32 bits and so are the sides: nothing below overflows 64.
Planes planes_of(const RawEncoding& encoding, std::uint32_t width, std::uint32_t height, std::uint64_t step) {
  Planes planes;
  // A pair of pixels shares its colours: an odd last one brings a whole pair's bytes.
  const bool pairs = encoding.layout == RawLayout::uyvy || encoding.layout == RawLayout::yuyv;
  const std::uint64_t pixels = pairs ? (width + 1ull) / 2 * 2 : width;
  planes.row = pixels * encoding.pixel_bytes;
  const std::uint64_t half = (width + 1ull) / 2;
  switch (encoding.layout) {
    case RawLayout::nv12:
    case RawLayout::nv21: planes = {planes.row, step * height, step, 2 * half, (height + 1) / 2, 1, 0, 0}; break;
    case RawLayout::nv24: planes = {planes.row, step * height, 2 * step, 2ull * width, height, 1, 0, 0}; break;
    case RawLayout::i420: planes = {planes.row, step * height, (step + 1) / 2, half, (height + 1) / 2, 2, 0, 0}; break;
    default: break;
  }
  planes.needed = step * (height - 1) + planes.row;
  planes.whole = step * height;
  if (planes.chroma_planes > 0) {
    const std::uint64_t rows = static_cast<std::uint64_t>(planes.chroma_rows) * planes.chroma_planes;
    planes.needed = planes.chroma + planes.chroma_step * (rows - 1) + planes.chroma_row;
    planes.whole = planes.chroma + planes.chroma_step * rows;
  }
  return planes;
}

std::uint8_t* row_of(Picture& picture, int plane, std::uint32_t y) {
  return picture.plane(plane) + static_cast<std::ptrdiff_t>(y) * picture.stride(plane);
}

/// Two channels that alternate in `from` go to two planes.
void split_pairs(const std::uint8_t* from, std::uint32_t pairs, std::uint8_t* first, std::uint8_t* second) {
  for (std::uint32_t x = 0; x < pairs; ++x) {
    first[x] = from[2 * x];
    second[x] = from[2 * x + 1];
  }
}

/// 16 bits to 8, to the nearest: 65535 is 255.
std::uint8_t eight_bits(const std::uint8_t* sample, bool big_endian) {
  const std::uint32_t value = big_endian ? sample[0] << 8 | sample[1] : sample[1] << 8 | sample[0];
  return static_cast<std::uint8_t>((value * 255 + 32767) / 65535);
}

void copy_row(const RawEncoding& encoding, bool big_endian, const std::uint8_t* from, std::uint64_t bytes, std::uint32_t y,
              Picture& out) {
  const std::uint32_t width = out.width();
  std::uint8_t* to = row_of(out, 0, y);
  switch (encoding.layout) {
    case RawLayout::packed_alpha:
      for (std::uint32_t x = 0; x < width; ++x) {
        for (std::uint32_t c = 0; c < 3; ++c) to[3 * x + c] = from[4 * x + c];
      }
      return;
    case RawLayout::wide:
      for (std::uint32_t x = 0; x < width; ++x) {
        for (std::uint32_t c = 0; c < 3; ++c) to[3 * x + c] = eight_bits(from + encoding.pixel_bytes * x + 2 * c, big_endian);
      }
      return;
    case RawLayout::uyvy:
    case RawLayout::yuyv: {
      const std::uint32_t luma = encoding.layout == RawLayout::uyvy ? 1 : 0, chroma = 1 - luma;
      for (std::uint32_t x = 0; x < width; ++x) to[x] = from[2 * x + luma];
      std::uint8_t *u = row_of(out, 1, y), *v = row_of(out, 2, y);
      for (std::uint32_t x = 0; x < (width + 1) / 2; ++x) {
        u[x] = from[4 * x + chroma];
        v[x] = from[4 * x + 2 + chroma];
      }
      return;
    }
    default: std::memcpy(to, from, bytes); return;
  }
}

void copy_chroma(const RawEncoding& encoding, const Planes& planes, const std::uint8_t* data, Picture& out) {
  for (std::uint32_t y = 0; y < planes.chroma_rows; ++y) {
    const std::uint8_t* from = data + planes.chroma + y * planes.chroma_step;
    if (planes.chroma_planes == 1) {
      const bool swapped = encoding.layout == RawLayout::nv21;
      split_pairs(from, static_cast<std::uint32_t>(planes.chroma_row / 2), row_of(out, swapped ? 2 : 1, y),
                  row_of(out, swapped ? 1 : 2, y));
      continue;
    }
    std::memcpy(row_of(out, 1, y), from, planes.chroma_row);
    std::memcpy(row_of(out, 2, y), from + planes.chroma_step * planes.chroma_rows, planes.chroma_row);
  }
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

Result<PictureShape> raw_shape(const EncodedPicture& encoded, bool depth) {
  const RawEncoding encoding = raw_encoding(encoded.encoding);
  const std::string name = "'" + std::string(encoded.encoding.substr(0, 64)) + "'";
  if (encoding.layout == RawLayout::unknown) {
    return Error(ErrorKind::unsupported, "pictures of encoding " + name +
                                             (depth ? " (of depth 16UC1, mono16, 16SC1, 32FC1 and "
                                                      "64FC1 are taken)"
                                                    : " (" + std::string(raw_colour_names()) + " are taken)"));
  }
  if (encoding.is_depth() != depth) {
    return depth ? Error(ErrorKind::unsupported, "pictures of encoding " + name + " are no depth")
                       .fix("use `camera:` for the topic")
                 : Error(ErrorKind::unsupported, "pictures of encoding " + name +
                                                     " are depth, or grey of 16 bits, which no camera "
                                                     "feature takes")
                       .fix("use `depth:` for the topic");
  }
  RETURN_IF_ERROR(check_size(encoded.width, encoded.height));
  const Planes planes = planes_of(encoding, encoded.width, encoded.height, encoded.step);
  if (encoded.step < planes.row) {
    return Error(ErrorKind::corrupt,
                 "step " + std::to_string(encoded.step) + " is less than a row's " + std::to_string(planes.row) + " bytes");
  }
  if (encoded.data.size() < planes.needed) {
    return Error(ErrorKind::corrupt, std::to_string(encoded.width) + "x" + std::to_string(encoded.height) + " " +
                                         std::string(encoded.encoding) + " wants " + std::to_string(planes.needed) +
                                         " bytes, got " + std::to_string(encoded.data.size()));
  }
  // Bytes behind the last row are padding of a buffer; where they make all rows longer, the step is wrong, and the picture would
  // be sheared.
  const std::uint64_t rows = planes.whole / encoded.step;
  if (encoded.data.size() > planes.whole && planes.whole % encoded.step == 0 && encoded.data.size() % rows == 0) {
    return Error(ErrorKind::corrupt, "step " + std::to_string(encoded.step) +
                                         " contradicts the data: " + std::to_string(encoded.data.size()) + " bytes are " +
                                         std::to_string(rows) + " rows of " + std::to_string(encoded.data.size() / rows));
  }
  return PictureShape{encoded.width, encoded.height, encoding.format, false};
}

Status copy_raw(const EncodedPicture& encoded, Demosaicer& demosaicer, Picture& out) {
  ASSIGN_OR_RETURN(const PictureShape shape, raw_shape(encoded, false));
  const RawEncoding encoding = raw_encoding(encoded.encoding);
  const std::uint8_t* const data = as_u8(encoded.data);
  if (encoding.layout == RawLayout::bayer8 || encoding.layout == RawLayout::bayer16) {
    return demosaicer.run({data, shape.width, shape.height, encoded.step, encoding.bayer, encoding.layout == RawLayout::bayer16,
                           encoded.big_endian},
                          out);
  }
  RETURN_IF_ERROR(out.reshape(shape.format, shape.width, shape.height));
  const Planes planes = planes_of(encoding, shape.width, shape.height, encoded.step);
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    copy_row(encoding, encoded.big_endian, data + static_cast<std::uint64_t>(y) * encoded.step, planes.row, y, out);
  }
  copy_chroma(encoding, planes, data, out);
  return {};
}

}  // namespace bagloom::media
