#include "media/picture_decoder.h"

#include <string>

#include "media/jpeg_decoder.h"
#include "media/jpeg_header.h"
#include "media/raw_picture.h"

namespace bagloom::media {
namespace {

/// What the magic bytes say (bag-formats.md 7.2); empty where they say nothing.
std::string_view kind_of(Bytes data) {
  const std::string_view text = as_text(data);
  if (is_jpeg(data)) return "jpeg";
  if (text.substr(0, 4) == "\x89PNG") return "png";
  if (text.substr(0, 4) == "RIFF" && text.size() >= 12 && text.substr(8, 4) == "WEBP") return "webp";
  if (text.substr(0, 4) == std::string_view("II*\0", 4) || text.substr(0, 4) == std::string_view("MM\0*", 4)) return "tiff";
  return {};
}

/// The string decides only what the bytes cannot tell: refusals, and channels swapped by very old image_transport.
Status check_compressed(const EncodedPicture& encoded) {
  const std::string_view encoding = encoded.encoding;
  const auto unsupported = [&](std::string_view what) {
    return Error(ErrorKind::unsupported,
                 std::string(what) + " pictures ('" + std::string(encoding) + "'); JPEG is taken of compressed ones");
  };
  if (encoding.find("compressedDepth") != std::string_view::npos) return unsupported("compressedDepth");
  // `bayer_rggb8; jpeg compressed bgr8` was demosaiced before; without a target the grey JPEG is the mosaic itself.
  if (encoding.substr(0, 6) == "bayer_" && encoding.find("compressed bgr") == std::string_view::npos &&
      encoding.find("compressed rgb") == std::string_view::npos) {
    return unsupported("bayer");
  }
  const std::string_view kind = kind_of(encoded.data);
  if (kind == "jpeg") return {};
  if (!kind.empty()) return unsupported(kind);
  for (const std::string_view stream : {"h264", "h265", "hevc"}) {
    if (encoding.substr(0, 4) == stream) return unsupported(stream);
  }
  if (encoded.data.empty()) return Error(ErrorKind::corrupt, "an empty picture");
  if (encoding.find("png") != std::string_view::npos) return unsupported("png");
  return Error(ErrorKind::corrupt, "'" + std::string(encoding) + "' picture begins with no known picture format");
}

bool swapped(std::string_view encoding) { return encoding.find("compressed rgb") != std::string_view::npos; }

class AnyDecoder : public PictureDecoder {
 public:
  explicit AnyDecoder(const DecoderOptions& options) : options_(options) {}

  Status decode(const EncodedPicture& encoded, Picture& out) override {
    if (!encoded.compressed) return copy_raw(encoded, out);
    RETURN_IF_ERROR(check_compressed(encoded));
    if (jpeg_ == nullptr) jpeg_ = make_jpeg_decoder();
    return jpeg_->decode(encoded.data, swapped(encoded.encoding), options_.tolerate_warnings, out);
  }

 private:
  DecoderOptions options_;
  std::unique_ptr<JpegDecoder> jpeg_;
};

}  // namespace

std::unique_ptr<PictureDecoder> make_picture_decoder(const DecoderOptions& options) {
  return std::make_unique<AnyDecoder>(options);
}

Result<PictureShape> probe_picture(const EncodedPicture& encoded) {
  if (!encoded.compressed) return raw_shape(encoded);
  RETURN_IF_ERROR(check_compressed(encoded));
  ASSIGN_OR_RETURN(const JpegHeader header, read_jpeg_header(encoded.data));
  if (header.components == 4) return Error(ErrorKind::unsupported, "JPEG in four colours (CMYK)");
  PixelFormat format = plane_format(header);
  if (swapped(encoded.encoding)) format = PixelFormat::bgr24;
  if (format == PixelFormat::none) format = PixelFormat::rgb24;
  return PictureShape{header.width, header.height, format, true};
}

}  // namespace bagloom::media
