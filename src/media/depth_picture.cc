#include "media/depth_picture.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/cursor.h"
#include "media/encoding_text.h"
#include "media/png_decoder.h"
#include "media/raw_picture.h"
#include "media/rvl.h"
#include "media/still_decoder.h"

namespace bagloom::media {
namespace {

constexpr std::size_t kDepthHeader = 12;

/// A compressed depth message, taken apart.
struct DepthFile {
  enum class Kind { png, rvl, tiff } kind = Kind::png;
  Bytes file;            ///< without the 12 bytes
  bool inverse = false;  ///< 32FC1: v stands for A / (v - B) metres
  float a = 0, b = 0;
};

Result<DepthFile> take_apart(const EncodedPicture& encoded) {
  const EncodingText text = read_encoding_text(encoded.encoding);
  DepthFile depth;
  depth.file = encoded.data;
  if (!text.compressed_depth) {
    if (is_png(encoded.data)) return depth;
    if (is_tiff(encoded.data)) {
      depth.kind = DepthFile::Kind::tiff;
      return depth;
    }
    return Error(ErrorKind::unsupported, "'" + std::string(encoded.encoding.substr(0, 64)) + "' pictures are no depth")
        .fix("use `camera:` for the topic");
  }
  depth.inverse = text.original == "32fc1";
  // RVL has nothing to be known by, so that the text decides where the bytes are no PNG. Some drivers leave the 12 bytes out.
  const Bytes behind = encoded.data.subspan(std::min(kDepthHeader, encoded.data.size()));
  const bool rvl = text.codec == "rvl" && !is_png(encoded.data) && !is_png(behind);
  const bool bare = is_png(encoded.data) && !is_png(behind);
  if (bare && depth.inverse) return Error(ErrorKind::corrupt, "compressedDepth of 32FC1 without its header");
  if (bare) return depth;
  Cursor at(encoded.data);
  RETURN_IF_ERROR(at.skip(4));  // the kind of coding, which nobody sets
  ASSIGN_OR_RETURN(depth.a, at.number<float>());
  ASSIGN_OR_RETURN(depth.b, at.number<float>());
  if (depth.inverse && (!std::isfinite(depth.a) || !std::isfinite(depth.b) || depth.a <= 0)) {
    return Error(ErrorKind::corrupt, "compressedDepth of 32FC1: A " + std::to_string(depth.a) + ", B " + std::to_string(depth.b));
  }
  depth.file = encoded.data.subspan(kDepthHeader);
  if (rvl) {
    depth.kind = DepthFile::Kind::rvl;
  } else if (!is_png(depth.file)) {
    return Error(ErrorKind::corrupt, "compressedDepth: no PNG after its 12 bytes");
  }
  return depth;
}

Error not_sixteen(const PngHeader& header) {
  return Error(ErrorKind::unsupported, "a PNG of " + std::to_string(header.bits) + " bits" + (header.grey() ? "" : " in colour") +
                                           " is no depth (grey of 16 bits is)");
}

Error not_grey() { return Error(ErrorKind::unsupported, "a TIFF that is not grey of 16 bits is no depth"); }

/// v to metres, in place of what a 32FC1 camera measured; float as its writer calculated.
Status to_metres(const Picture& inverse, float a, float b, Picture& out) {
  RETURN_IF_ERROR(out.reshape(PixelFormat::grayf32, inverse.width(), inverse.height()));
  for (std::uint32_t y = 0; y < inverse.height(); ++y) {
    const auto* from =
        reinterpret_cast<const std::uint16_t*>(inverse.plane(0) + static_cast<std::ptrdiff_t>(y) * inverse.stride(0));
    auto* to = reinterpret_cast<float*>(out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0));
    for (std::uint32_t x = 0; x < inverse.width(); ++x) {
      const float metres = a / (static_cast<float>(from[x]) - b);
      to[x] = from[x] == 0 || !(metres > 0) ? std::numeric_limits<float>::quiet_NaN() : metres;
    }
  }
  return {};
}

template <class Number>
Number sample(const std::uint8_t* at, bool big_endian) {
  std::uint8_t bytes[sizeof(Number)];
  const bool swap = big_endian == (std::endian::native == std::endian::little);
  for (std::size_t i = 0; i < sizeof(Number); ++i) bytes[i] = at[swap ? sizeof(Number) - 1 - i : i];
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

Status copy_depth(const EncodedPicture& encoded, Picture& out) {
  ASSIGN_OR_RETURN(const PictureShape shape, raw_shape(encoded, true));
  const RawEncoding encoding = raw_encoding(encoded.encoding);
  RETURN_IF_ERROR(out.reshape(shape.format, shape.width, shape.height));
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    const std::uint8_t* from = as_u8(encoded.data) + static_cast<std::uint64_t>(y) * encoded.step;
    std::uint8_t* const row = out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0);
    for (std::uint32_t x = 0; x < shape.width; ++x, from += encoding.pixel_bytes) {
      switch (encoding.layout) {
        case RawLayout::depth16:
          reinterpret_cast<std::uint16_t*>(row)[x] = sample<std::uint16_t>(from, encoded.big_endian);
          break;
        case RawLayout::depth16s:
          reinterpret_cast<std::uint16_t*>(row)[x] =
              static_cast<std::uint16_t>(std::max<std::int16_t>(0, sample<std::int16_t>(from, encoded.big_endian)));
          break;
        case RawLayout::depth32f: reinterpret_cast<float*>(row)[x] = sample<float>(from, encoded.big_endian); break;
        case RawLayout::depth64f:
          reinterpret_cast<float*>(row)[x] = static_cast<float>(sample<double>(from, encoded.big_endian));
          break;
        default: return Error(ErrorKind::internal, "a layout that is no depth");
      }
    }
  }
  return {};
}

class DepthDecoder : public PictureDecoder {
 public:
  Status decode(const EncodedPicture& encoded, Picture& out) override {
    if (!encoded.compressed) return copy_depth(encoded, out);
    ASSIGN_OR_RETURN(const DepthFile depth, take_apart(encoded));
    Picture& numbers = depth.inverse ? inverse_ : out;
    RETURN_IF_ERROR(decode_file(depth, numbers));
    return depth.inverse ? to_metres(inverse_, depth.a, depth.b, out) : Status();
  }

 private:
  Status decode_file(const DepthFile& depth, Picture& numbers) {
    switch (depth.kind) {
      case DepthFile::Kind::png: {
        ASSIGN_OR_RETURN(const PngHeader header, read_png_header(depth.file));
        if (png_format(header) != PixelFormat::gray16) return not_sixteen(header);
        return decode_png(depth.file, false, numbers);
      }
      case DepthFile::Kind::rvl: return decode_rvl(depth.file, numbers);
      case DepthFile::Kind::tiff: {
        if (tiff_ == nullptr) tiff_ = make_still_decoder(StillKind::tiff);
        RETURN_IF_ERROR(tiff_->decode(depth.file, numbers));
        if (numbers.format() == PixelFormat::gray16) return {};
        return not_grey();
      }
    }
    return {};
  }

  Picture inverse_;
  std::unique_ptr<StillDecoder> tiff_;
};

}  // namespace

Result<PictureShape> depth_shape(const EncodedPicture& encoded) {
  if (!encoded.compressed) return raw_shape(encoded, true);
  ASSIGN_OR_RETURN(const DepthFile depth, take_apart(encoded));
  PictureShape shape;
  shape.format = depth.inverse ? PixelFormat::grayf32 : PixelFormat::gray16;
  if (depth.kind == DepthFile::Kind::rvl) {
    ASSIGN_OR_RETURN(const RvlHeader header, read_rvl_header(depth.file));
    shape.width = header.width;
    shape.height = header.height;
  } else if (depth.kind == DepthFile::Kind::png) {
    ASSIGN_OR_RETURN(const PngHeader header, read_png_header(depth.file));
    if (png_format(header) != PixelFormat::gray16) return not_sixteen(header);
    shape.width = header.width;
    shape.height = header.height;
    shape.decoding_bytes = png_working_bytes(header);
  } else {
    ASSIGN_OR_RETURN(const StillHeader header, read_still_header(StillKind::tiff, depth.file));
    if (header.format != PixelFormat::gray16) return not_grey();
    shape.width = header.width;
    shape.height = header.height;
    shape.decoding_bytes = still_working_bytes(shape.width, shape.height, encoded.data.size());
  }
  if (depth.inverse) shape.decoding_bytes += picture_bytes(PixelFormat::gray16, shape.width, shape.height);
  return shape;
}

Bytes depth_file_as_recorded(const EncodedPicture& encoded) {
  const auto depth = encoded.compressed ? take_apart(encoded) : Result<DepthFile>(DepthFile{});
  if (!encoded.compressed || !depth.ok() || depth->kind != DepthFile::Kind::png || depth->inverse) return {};
  const auto header = read_png_header(depth->file);
  return header.ok() && header->colour == 0 && header->bits == 16 && !png_may_be_turned(depth->file) ? depth->file : Bytes();
}

std::unique_ptr<PictureDecoder> make_depth_decoder() { return std::make_unique<DepthDecoder>(); }

}  // namespace bagloom::media
