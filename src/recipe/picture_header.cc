#include "recipe/picture_header.h"

#include <algorithm>

#include "base/cursor.h"

namespace bagloom::recipe {
namespace {

bool begins_with(Bytes data, std::string_view magic) { return as_text(data).substr(0, magic.size()) == magic; }

Error short_file() { return Error(ErrorKind::corrupt, "the file ends early"); }

std::uint32_t number(Bytes data, std::size_t at, int bytes, bool big_endian) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    const std::size_t place = at + static_cast<std::size_t>(big_endian ? i : bytes - 1 - i);
    value = value << 8 | std::to_integer<std::uint32_t>(data[place]);
  }
  return value;
}

Result<std::uint32_t> big_endian_u16(Cursor& cursor) {
  ASSIGN_OR_RETURN(const std::uint8_t high, cursor.u8());
  ASSIGN_OR_RETURN(const std::uint8_t low, cursor.u8());
  return static_cast<std::uint32_t>(high << 8 | low);
}

/// Walks a JPEG's markers up to its frame header, which has the size (ITU-T T.81, B.2.2).
Status read_jpeg_size(Bytes jpeg, PictureHeader& header) {
  Cursor cursor(jpeg);
  RETURN_IF_ERROR(cursor.skip(2));
  while (true) {
    ASSIGN_OR_RETURN(std::uint8_t byte, cursor.u8());
    if (byte != 0xff) return Error(ErrorKind::corrupt, "no marker where one is expected");
    while (byte == 0xff) {
      ASSIGN_OR_RETURN(byte, cursor.u8());
    }
    if (byte == 0x01 || (byte >= 0xd0 && byte <= 0xd8)) continue;  // markers without a length
    ASSIGN_OR_RETURN(const std::uint32_t length, big_endian_u16(cursor));
    if (length < 2) return Error(ErrorKind::corrupt, "a marker of no length");
    const bool frame = byte >= 0xc0 && byte <= 0xcf && byte != 0xc4 && byte != 0xc8 && byte != 0xcc;
    if (!frame) {
      RETURN_IF_ERROR(cursor.skip(length - 2));
      continue;
    }
    RETURN_IF_ERROR(cursor.skip(1));  // sample precision
    ASSIGN_OR_RETURN(header.height, big_endian_u16(cursor));
    ASSIGN_OR_RETURN(header.width, big_endian_u16(cursor));
    return {};
  }
}

/// IHDR (PNG specification 11.2.2).
Status read_png_size(Bytes png, PictureHeader& header) {
  if (png.size() < 26) return short_file();
  header.width = number(png, 16, 4, true);
  header.height = number(png, 20, 4, true);
  header.wide_grey = number(png, 24, 1, true) == 16 && (number(png, 25, 1, true) == 0 || number(png, 25, 1, true) == 4);
  return {};
}

/// The first chunk: VP8X, VP8L or VP8 (RFC 9649).
Status read_webp_size(Bytes webp, PictureHeader& header) {
  if (webp.size() < 30) return short_file();
  const std::string_view chunk = as_text(webp).substr(12, 4);
  if (chunk == "VP8X") {
    header.width = 1 + number(webp, 24, 3, false);
    header.height = 1 + number(webp, 27, 3, false);
  } else if (chunk == "VP8L") {
    const std::uint32_t bits = number(webp, 21, 4, false);
    header.width = 1 + (bits & 0x3fff);
    header.height = 1 + (bits >> 14 & 0x3fff);
  } else if (chunk == "VP8 ") {
    header.width = number(webp, 26, 2, false) & 0x3fff;
    header.height = number(webp, 28, 2, false) & 0x3fff;
  } else {
    return Error(ErrorKind::corrupt, "no WebP chunk that is known");
  }
  return {};
}

/// The first directory's entries (TIFF 6.0): 256 width, 257 height, 258 bits, 277 samples a pixel.
Status read_tiff_size(Bytes tiff, PictureHeader& header) {
  const bool big = begins_with(tiff, "MM");
  if (tiff.size() < 10) return short_file();
  const std::size_t directory = number(tiff, 4, 4, big);
  if (directory < 8 || directory > tiff.size() - 2) return short_file();
  const std::uint32_t entries = number(tiff, directory, 2, big);
  if ((tiff.size() - directory - 2) / 12 < entries) return short_file();
  std::uint32_t bits = 1, samples = 1;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12u * i;
    const std::uint32_t tag = number(tiff, at, 2, big), type = number(tiff, at + 2, 2, big);
    const std::uint32_t value = number(tiff, at + 8, type == 3 ? 2 : 4, big);
    if (tag == 256) header.width = value;
    if (tag == 257) header.height = value;
    if (tag == 258) bits = value;
    if (tag == 277) samples = value;
  }
  header.wide_grey = samples == 1 && bits == 16;
  return {};
}

}  // namespace

Result<PictureHeader> read_file_header(Bytes file) {
  PictureHeader header;
  if (begins_with(file, "\xff\xd8\xff")) {
    header.kind = "JPEG";
    RETURN_IF_ERROR(read_jpeg_size(file, header));
  } else if (begins_with(file, "\x89PNG")) {
    header.kind = "PNG";
    RETURN_IF_ERROR(read_png_size(file, header));
  } else if (begins_with(file, "RIFF") && file.size() >= 12 && as_text(file).substr(8, 4) == "WEBP") {
    header.kind = "WebP";
    RETURN_IF_ERROR(read_webp_size(file, header));
  } else if (begins_with(file, std::string_view("II*\0", 4)) || begins_with(file, std::string_view("MM\0*", 4))) {
    header.kind = "TIFF";
    RETURN_IF_ERROR(read_tiff_size(file, header));
  }
  return header;
}

}  // namespace bagloom::recipe
