#include "dataset/verify_image_header.h"

#include "base/cursor.h"

namespace bagloom::dataset::verify {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kPngEnd = "IEND\xae\x42\x60\x82";  // the last chunk's type and checksum are always these

std::uint16_t swapped(std::uint16_t value) { return static_cast<std::uint16_t>((value >> 8) | (value << 8)); }
std::uint32_t swapped(std::uint32_t value) { return __builtin_bswap32(value); }

/// Numbers of either byte order; PNG and JPEG are big-endian.
template <class T>
Result<T> number(Cursor& cursor, bool big) {
  ASSIGN_OR_RETURN(T value, cursor.number<T>());
  return big ? swapped(value) : value;
}

Error cut(const char* kind) { return {ErrorKind::corrupt, std::string("a ") + kind + " that is cut short or damaged"}; }

Result<ImageHeader> read_png(Bytes bytes) {
  Cursor cursor(bytes);
  RETURN_IF_ERROR(cursor.skip(kPng.size() + 4));
  ASSIGN_OR_RETURN(Bytes type, cursor.take(4));
  if (as_text(type) != "IHDR") return cut("PNG");
  ImageHeader header;
  ASSIGN_OR_RETURN(header.width, number<std::uint32_t>(cursor, true));
  ASSIGN_OR_RETURN(header.height, number<std::uint32_t>(cursor, true));
  RETURN_IF_ERROR(cursor.skip(1));  // bit depth
  ASSIGN_OR_RETURN(std::uint8_t colour, cursor.u8());
  header.channels = colour == 0 ? 1 : colour == 4 ? 2 : colour == 6 ? 4 : 3;
  if (!as_text(bytes).ends_with(kPngEnd)) return cut("PNG");
  return header;
}

Result<ImageHeader> read_jpeg(Bytes bytes) {
  Cursor cursor(bytes);
  RETURN_IF_ERROR(cursor.skip(2));
  if (!as_text(bytes).ends_with("\xff\xd9")) return cut("JPEG");
  for (;;) {
    ASSIGN_OR_RETURN(std::uint8_t mark, cursor.u8());
    if (mark != 0xff) return cut("JPEG");
    std::uint8_t code = 0xff;
    while (code == 0xff) {
      ASSIGN_OR_RETURN(code, cursor.u8());
    }
    ASSIGN_OR_RETURN(std::uint16_t length, number<std::uint16_t>(cursor, true));
    if (length < 2) return cut("JPEG");
    bool frame = code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;  // SOF0..15 but DHT, JPG, DAC
    if (!frame) {
      if (code == 0xda) return cut("JPEG");  // scan data before a frame header
      RETURN_IF_ERROR(cursor.skip(length - 2u));
      continue;
    }
    RETURN_IF_ERROR(cursor.skip(1));
    ImageHeader header;
    ASSIGN_OR_RETURN(std::uint16_t height, number<std::uint16_t>(cursor, true));
    ASSIGN_OR_RETURN(std::uint16_t width, number<std::uint16_t>(cursor, true));
    ASSIGN_OR_RETURN(std::uint8_t components, cursor.u8());
    header.height = height, header.width = width, header.channels = components;
    return header;
  }
}

Result<ImageHeader> read_tiff(Bytes bytes, bool big) {
  Cursor cursor(bytes);
  RETURN_IF_ERROR(cursor.skip(4));
  ASSIGN_OR_RETURN(std::uint32_t directory, number<std::uint32_t>(cursor, big));
  if (directory < 8) return cut("TIFF");
  RETURN_IF_ERROR(cursor.skip(directory - 8));
  ASSIGN_OR_RETURN(std::uint16_t entries, number<std::uint16_t>(cursor, big));
  ImageHeader header;
  header.channels = 1;
  for (std::uint16_t i = 0; i < entries; ++i) {
    ASSIGN_OR_RETURN(std::uint16_t tag, number<std::uint16_t>(cursor, big));
    ASSIGN_OR_RETURN(std::uint16_t type, number<std::uint16_t>(cursor, big));
    RETURN_IF_ERROR(cursor.skip(4));
    ASSIGN_OR_RETURN(Bytes field, cursor.take(4));
    Cursor value(field);
    std::uint32_t found = 0;
    if (type == 3) {  // SHORT stands in the field's first half
      ASSIGN_OR_RETURN(std::uint16_t half, number<std::uint16_t>(value, big));
      found = half;
    } else {
      ASSIGN_OR_RETURN(found, number<std::uint32_t>(value, big));
    }
    if (tag == 256) header.width = found;
    if (tag == 257) header.height = found;
    if (tag == 277) header.channels = found;  // SamplesPerPixel
  }
  return header;
}

}  // namespace

Result<ImageHeader> read_image_header(Bytes bytes) {
  std::string_view text = as_text(bytes);
  Result<ImageHeader> header = Error(ErrorKind::corrupt, "neither PNG, JPEG nor TIFF");
  const char* kind = "";
  if (text.starts_with(kPng)) {
    kind = "PNG", header = read_png(bytes);
  } else if (text.starts_with("\xff\xd8")) {
    kind = "JPEG", header = read_jpeg(bytes);
  } else if (text.starts_with(std::string_view("II*\0", 4)) || text.starts_with(std::string_view("MM\0*", 4))) {
    kind = "TIFF", header = read_tiff(bytes, text[0] == 'M');
  } else {
    return header;
  }
  if (!header.ok()) return cut(kind);
  return header;
}

}  // namespace bagloom::dataset::verify
