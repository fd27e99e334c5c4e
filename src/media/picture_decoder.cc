#include "media/picture_decoder.h"

#include <bit>
#include <string>
#include <utility>

#include "media/bayer.h"
#include "media/depth_picture.h"
#include "media/encoding_text.h"
#include "media/jpeg_decoder.h"
#include "media/jpeg_header.h"
#include "media/png_decoder.h"
#include "media/raw_picture.h"
#include "media/still_decoder.h"
#include "media/stream_packet.h"

namespace bagloom::media {
namespace {

std::string quoted(std::string_view encoding) { return "'" + std::string(encoding.substr(0, 64)) + "'"; }

/// A compressed colour picture: its bytes decide what it is, its text only what they cannot tell.
struct Compressed {
  std::string_view kind;  ///< jpeg, png, webp, tiff
  bool swapped = false;   ///< red and blue: very old image_transport wrote what it had
  RawEncoding mosaic;     ///< of a grey file that is still to be demosaiced; else unknown
  bool is_mosaic() const { return mosaic.layout != RawLayout::unknown; }
};

Error is_depth(std::string_view encoding) {
  return Error(ErrorKind::unsupported,
               "pictures of " + quoted(encoding) + " are depth, or grey of 16 bits, which no camera feature takes")
      .fix("use `depth:` for the topic");
}

/// The string says video, and the bytes are none that stream_packet.h knows.
Error no_packets(const std::string& codec, const EncodedPicture& encoded) {
  const std::string says = "`format` says " + quoted(encoded.encoding) + ", and the message ";
  if (codec == "vp9") return Error(ErrorKind::unsupported, "video of VP9").fix("record h264, h265 or av1");
  if (codec == "av1") return Error(ErrorKind::unsupported, says + "holds no OBUs of AV1");
  if (is_length_prefixed(encoded.data))
    return Error(ErrorKind::unsupported,
                 says + "holds NAL units behind their lengths (AVCC, as in mp4), without start codes and parameter sets")
        .fix(
            "have the driver send annex B with parameter sets at keyframes, or convert the packets with FFmpeg's "
            "h264_mp4toannexb or hevc_mp4toannexb");
  return Error(ErrorKind::unsupported, says + "does not begin with a start code (annex B)");
}

Result<Compressed> look_at(const EncodedPicture& encoded) {
  const EncodingText text = read_encoding_text(encoded.encoding);
  if (text.compressed_depth) return is_depth(encoded.encoding);
  Compressed found;
  found.kind = kind_of_bytes(encoded.data);
  if (found.kind.empty()) {
    if (encoded.data.empty()) return Error(ErrorKind::corrupt, "an empty picture");
    if (text.codec == "h264" || text.codec == "h265" || text.codec == "hevc" || text.codec == "av1" || text.codec == "vp9") {
      return no_packets(text.codec, encoded);
    }
    return Error(ErrorKind::corrupt, quoted(encoded.encoding) + " picture begins with no known picture format");
  }
  found.swapped = text.target.starts_with("rgb");
  // `bayer_rggb8; jpeg compressed bgr8` was demosaiced before; without a target the grey file is the mosaic itself.
  const RawEncoding original = raw_encoding(text.original);
  const bool bayer = original.layout == RawLayout::bayer8 || original.layout == RawLayout::bayer16;
  if (bayer && !text.target.starts_with("bgr") && !text.target.starts_with("rgb")) found.mosaic = original;
  return found;
}

class ColourDecoder : public PictureDecoder {
 public:
  explicit ColourDecoder(const DecoderOptions& options) : options_(options) {}

  Status decode(const EncodedPicture& encoded, Picture& out) override {
    if (!encoded.compressed) return copy_raw(encoded, demosaicer(), out);
    ASSIGN_OR_RETURN(const Compressed file, look_at(encoded));
    Picture& decoded = file.is_mosaic() ? mosaic_ : out;
    RETURN_IF_ERROR(decode_file(file, encoded, decoded));
    if (!file.is_mosaic()) return {};
    const bool wide = mosaic_.format() == PixelFormat::gray16;
    if (wide || mosaic_.format() == PixelFormat::gray8_full) {
      return demosaicer().run({mosaic_.plane(0), mosaic_.width(), mosaic_.height(), static_cast<std::uint64_t>(mosaic_.stride(0)),
                               file.mosaic.bayer, wide, std::endian::native == std::endian::big},
                              out);
    }
    // Whatever the text says: a file in colours has been demosaiced.
    std::swap(mosaic_, out);
    return {};
  }

 private:
  Demosaicer& demosaicer() {
    if (demosaicer_ == nullptr) demosaicer_ = make_demosaicer();
    return *demosaicer_;
  }

  Status decode_file(const Compressed& file, const EncodedPicture& encoded, Picture& out) {
    // libav's decoders keep a picture's memory for the next one: not while another kind of file takes its own.
    if (file.kind != "webp") webp_ = nullptr;
    if (file.kind != "tiff") tiff_ = nullptr;
    if (file.kind == "jpeg") {
      if (jpeg_ == nullptr) jpeg_ = make_jpeg_decoder();
      return jpeg_->decode(encoded.data, file.swapped, options_.tolerate_warnings, out);
    }
    if (file.kind == "png") {
      ASSIGN_OR_RETURN(const PngHeader header, read_png_header(encoded.data));
      if (png_format(header) == PixelFormat::gray16 && !file.is_mosaic()) return is_depth(encoded.encoding);
      return decode_png(encoded.data, file.swapped, out);
    }
    auto& still = file.kind == "webp" ? webp_ : tiff_;
    if (still == nullptr) still = make_still_decoder(file.kind == "webp" ? StillKind::webp : StillKind::tiff);
    RETURN_IF_ERROR(still->decode(encoded.data, out));
    if (out.format() == PixelFormat::gray16 && !file.is_mosaic()) return is_depth(encoded.encoding);
    return {};
  }

  DecoderOptions options_;
  std::unique_ptr<JpegDecoder> jpeg_;
  std::unique_ptr<StillDecoder> webp_, tiff_;
  std::unique_ptr<Demosaicer> demosaicer_;
  Picture mosaic_;
};

Result<PictureShape> jpeg_shape(const Compressed& file, Bytes data) {
  ASSIGN_OR_RETURN(const JpegHeader header, read_jpeg_header(data));
  if (header.components == 4)
    return Error(ErrorKind::unsupported, "JPEG in four colours (CMYK): cameras that send YCbCr or RGB are read");
  PictureShape shape{header.width, header.height, plane_format(header), true, 0};
  if (file.swapped) shape.format = PixelFormat::bgr24;
  if (shape.format == PixelFormat::none) shape.format = PixelFormat::rgb24;
  // A progressive file is held as coefficients of 16 bits until its last scan.
  if (header.frame_marker == 0xc2) shape.decoding_bytes = 2 * picture_bytes(shape.format, shape.width, shape.height);
  return shape;
}

}  // namespace

std::unique_ptr<PictureDecoder> make_picture_decoder(const DecoderOptions& options) {
  if (options.depth) return make_depth_decoder();
  return std::make_unique<ColourDecoder>(options);
}

Result<PictureShape> probe_picture(const EncodedPicture& encoded, bool depth) {
  if (depth) return depth_shape(encoded);
  if (!encoded.compressed) return raw_shape(encoded, false);
  ASSIGN_OR_RETURN(const Compressed file, look_at(encoded));
  PictureShape shape;
  if (file.kind == "jpeg") {
    ASSIGN_OR_RETURN(shape, jpeg_shape(file, encoded.data));
  } else if (file.kind == "png") {
    ASSIGN_OR_RETURN(const PngHeader header, read_png_header(encoded.data));
    shape = {header.width, header.height, png_format(header), false, png_working_bytes(header)};
    if (shape.format == PixelFormat::gray16 && !file.is_mosaic()) return is_depth(encoded.encoding);
    if (shape.format == PixelFormat::rgb24 && file.swapped) shape.format = PixelFormat::bgr24;
  } else {
    ASSIGN_OR_RETURN(const StillHeader header,
                     read_still_header(file.kind == "webp" ? StillKind::webp : StillKind::tiff, encoded.data));
    shape = {header.width, header.height, header.format, false,
             still_working_bytes(header.width, header.height, encoded.data.size())};
    if (shape.format == PixelFormat::gray16 && !file.is_mosaic()) return is_depth(encoded.encoding);
  }
  if (!file.is_mosaic()) return shape;
  shape.jpeg = false;  // not one to be copied
  shape.decoding_bytes += picture_bytes(shape.format, shape.width, shape.height);
  if (shape.format == PixelFormat::gray8_full || shape.format == PixelFormat::gray16) shape.format = PixelFormat::rgb24;
  return shape;
}

Bytes file_as_recorded(const EncodedPicture& encoded, bool depth) {
  if (!encoded.compressed) return {};
  if (depth) return depth_file_as_recorded(encoded);
  const auto file = look_at(encoded);
  if (!file.ok() || file->swapped || file->is_mosaic()) return {};
  if (file->kind == "jpeg") {
    // Readers of tables turn a picture as its Exif or XMP says, decoders of video do not; one without is the same to both.
    const auto header = read_jpeg_header(encoded.data);
    return header.ok() && header->components == 3 && !header->may_be_turned ? encoded.data : Bytes();
  }
  if (file->kind != "png") return {};
  const auto header = read_png_header(encoded.data);
  return header.ok() && header->colour == 2 && header->bits == 8 && !png_may_be_turned(encoded.data) ? encoded.data : Bytes();
}

std::string format_mismatch(const EncodedPicture& encoded) {
  if (!encoded.compressed) return "";
  const EncodingText text = read_encoding_text(encoded.encoding);
  if (text.codec.empty() || text.compressed_depth) return "";
  const std::string_view kind = kind_of_bytes(encoded.data);
  if (kind.empty() || kind == text.codec) return "";
  return "says " + text.codec + ", is " + std::string(kind);
}

}  // namespace bagloom::media
