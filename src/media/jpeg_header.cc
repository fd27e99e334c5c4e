#include "media/jpeg_header.h"

#include <cstring>
#include <string>

#include "base/cursor.h"
#include "media/raw_picture.h"

namespace bagloom::media {
namespace {

Error bad(const std::string& what, std::size_t offset) {
  return Error(ErrorKind::corrupt, what + " at byte " + std::to_string(offset));
}

// JPEG is big-endian.
Result<std::uint16_t> be16(Cursor& at) {
  ASSIGN_OR_RETURN(const std::uint8_t high, at.u8());
  ASSIGN_OR_RETURN(const std::uint8_t low, at.u8());
  return static_cast<std::uint16_t>(high << 8 | low);
}

/// The next marker's second byte; fill bytes (B.1.1.2) are passed over.
Result<std::uint8_t> next_marker(Cursor& at) {
  const std::size_t offset = at.offset();
  ASSIGN_OR_RETURN(std::uint8_t byte, at.u8());
  if (byte != 0xff) return bad("no marker", offset);
  while (byte == 0xff) {
    ASSIGN_OR_RETURN(byte, at.u8());
  }
  if (byte == 0) return bad("no marker", offset);
  return byte;
}

bool is_frame(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}
bool stands_alone(std::uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9); }

Status read_frame(Bytes segment, std::size_t offset, JpegHeader& header) {
  Cursor at(segment);
  ASSIGN_OR_RETURN(header.bits, at.u8());
  ASSIGN_OR_RETURN(header.height, be16(at));
  ASSIGN_OR_RETURN(header.width, be16(at));
  ASSIGN_OR_RETURN(const std::uint8_t components, at.u8());
  if (components < 1 || components > 4) return bad(std::to_string(components) + " components", offset);
  header.components = components;
  for (int i = 0; i < components; ++i) {
    ASSIGN_OR_RETURN(header.ids[i], at.u8());
    ASSIGN_OR_RETURN(const std::uint8_t factors, at.u8());
    RETURN_IF_ERROR(at.skip(1));  // quantisation table
    header.horizontal[i] = factors >> 4;
    header.vertical[i] = factors & 15;
    if (header.horizontal[i] < 1 || header.horizontal[i] > 4 || header.vertical[i] < 1 || header.vertical[i] > 4) {
      return bad("sampling factors " + std::to_string(factors >> 4) + "x" + std::to_string(factors & 15), offset);
    }
  }
  return check_size(header.width, header.height);
}

Result<JpegHeader> read_segments(Bytes jpeg) {
  if (!is_jpeg(jpeg)) return bad("no start of image", 0);
  JpegHeader header;
  Cursor at(jpeg);
  RETURN_IF_ERROR(at.skip(2));
  for (;;) {
    const std::size_t offset = at.offset();
    ASSIGN_OR_RETURN(const std::uint8_t marker, next_marker(at));
    if (marker == 0xd9) return bad("the image ends before its data", offset);
    if (marker == 0xd8) return bad("a second start of image", offset);
    if (stands_alone(marker)) continue;
    ASSIGN_OR_RETURN(const std::uint16_t length, be16(at));
    if (length < 2) return bad("a segment of " + std::to_string(length) + " bytes", offset);
    ASSIGN_OR_RETURN(const Bytes segment, at.take(length - 2u));
    if (is_frame(marker)) {
      if (++header.frames > 1) return bad("a second frame header", offset);
      header.frame_marker = marker;
      RETURN_IF_ERROR(read_frame(segment, offset, header));
    } else if (marker == 0xe0 && as_text(segment).substr(0, 5) == std::string_view("JFIF\0", 5)) {
      header.jfif = true;
    } else if (marker == 0xe1) {
      header.may_be_turned = true;
    } else if (marker == 0xee && segment.size() >= 12 && as_text(segment).substr(0, 5) == "Adobe") {
      header.adobe_transform = as_u8(segment)[11];
    } else if (marker == 0xda) {
      if (header.frames == 0) return bad("a scan without a frame header", offset);
      header.scan_offset = at.offset();
      return header;
    }
  }
}

}  // namespace

bool is_jpeg(Bytes bytes) {
  return bytes.size() >= 3 && as_u8(bytes)[0] == 0xff && as_u8(bytes)[1] == 0xd8 && as_u8(bytes)[2] == 0xff;
}

Result<JpegHeader> read_jpeg_header(Bytes jpeg) {
  auto header = read_segments(jpeg);
  if (!header) return Error(ErrorKind::corrupt, "JPEG header: " + header.error().message());
  return header;
}

PixelFormat plane_format(const JpegHeader& header) {
  if (header.components == 1) return PixelFormat::gray8_full;
  if (header.components != 3) return PixelFormat::none;
  // The rule of libjpeg's default_decompress_parms: JFIF is YCbCr, Adobe's transform 0 is RGB, and so are the ids 'R' 'G' 'B'.
  if (!header.jfif) {
    if (header.adobe_transform == 0) return PixelFormat::none;
    if (header.adobe_transform < 0 && header.ids[0] == 'R' && header.ids[1] == 'G' && header.ids[2] == 'B') {
      return PixelFormat::none;
    }
  }
  const auto& h = header.horizontal;
  const auto& v = header.vertical;
  if (h[1] != h[2] || v[1] != v[2] || h[0] % h[1] != 0 || v[0] % v[1] != 0) return PixelFormat::none;
  const int across = h[0] / h[1], down = v[0] / v[1];
  if (across == 1 && down == 1) return PixelFormat::yuv444p_full;
  if (across == 2 && down == 1) return PixelFormat::yuv422p_full;
  if (across == 2 && down == 2) return PixelFormat::yuv420p_full;
  if (across == 1 && down == 2) return PixelFormat::yuv440p_full;
  if (across == 4 && down == 1) return PixelFormat::yuv411p_full;
  return PixelFormat::none;
}

Result<PictureShape> check_jpeg(Bytes jpeg) {
  ASSIGN_OR_RETURN(const JpegHeader header, read_jpeg_header(jpeg));
  if (header.frame_marker > 0xc1 || header.bits != 8) {
    return Error(ErrorKind::unsupported, "JPEG of frame type " + hex(header.frame_marker) + " and " +
                                             std::to_string(header.bits) + " bits (baseline and extended of 8 bits are copied)");
  }
  const PixelFormat format = plane_format(header);
  if (format == PixelFormat::none) {
    return Error(ErrorKind::unsupported, "JPEG that is not YCbCr or grey of a usual sampling: not for copy");
  }
  // The end: zero padding behind it is seen from cameras that send whole transfer buffers.
  const std::uint8_t* bytes = as_u8(jpeg);
  std::size_t end = jpeg.size();
  while (end > header.scan_offset && bytes[end - 1] == 0) --end;
  if (end < header.scan_offset + 3 || bytes[end - 2] != 0xff || bytes[end - 1] != 0xd9) {
    return bad("no end of image", jpeg.size());
  }
  // Between them entropy-coded data and, for pictures of several scans, segments: what is not a restart marker, a stuffed
  // zero or one of those is damage.
  std::size_t i = header.scan_offset;
  while (i < end) {
    // One byte in some 250 is a 0xff; a copy's own work is finding them.
    const void* next = std::memchr(bytes + i, 0xff, end - i);
    if (next == nullptr) break;
    i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(next) - bytes);
    const std::uint8_t marker = i + 1 < end ? bytes[i + 1] : 0xd9;
    if (marker == 0 || (marker >= 0xd0 && marker <= 0xd7)) {
      i += 2;
      continue;
    }
    if (marker == 0xff) {
      ++i;
      continue;
    }
    if (marker == 0xd9) {
      if (i + 2 != end) return bad("the image ends early", i);
      break;
    }
    if (marker != 0xda && marker != 0xc4 && marker != 0xdb && marker != 0xdd && marker != 0xdc && marker != 0xfe &&
        !(marker >= 0xe0 && marker <= 0xef)) {
      return bad("marker " + hex(marker) + " inside the scans", i);
    }
    if (i + 4 > end) return bad("a cut segment", i);
    const std::size_t length = static_cast<std::size_t>(bytes[i + 2]) << 8 | bytes[i + 3];
    if (length < 2 || length > end - i - 2) return bad("a cut segment", i);
    i += 2 + length;
  }
  return PictureShape{header.width, header.height, format, true};
}

}  // namespace bagloom::media
