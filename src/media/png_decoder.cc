#include "media/png_decoder.h"

#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <string>

#include "media/raw_picture.h"

namespace bagloom::media {
namespace {

constexpr std::size_t kHeaderBytes = 8 + 8 + 13 + 4;

/// What libpng reads from and where it leaves its complaint.
struct Reading {
  const std::uint8_t* at = nullptr;
  std::size_t left = 0;
  char message[128] = {};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(reading->message, message, sizeof reading->message - 1);
  png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, std::size_t n) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (n > reading->left) png_error(png, "the file ends early");
  std::memcpy(to, reading->at, n);
  reading->at += n;
  reading->left -= n;
}

/// Frees libpng's structures, whatever way the function is left.
struct PngStructs {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~PngStructs() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// Only plain types live here: libpng leaves by longjmp. False: `reading.message` says why.
bool read_rows(png_structp png, png_infop info, std::uint8_t* rows, std::ptrdiff_t stride, std::uint32_t height,
               std::size_t row_bytes) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_user_limits(png, 16384, 16384);
  // Colour profiles and texts are skipped unread: they may inflate to anything.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(png, info);
  const int bits = png_get_bit_depth(png, info);
  const int colour = png_get_color_type(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY && bits < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (bits == 16 && (colour & PNG_COLOR_MASK_COLOR) != 0) png_set_scale_16(png);
  png_set_strip_alpha(png);  // a channel's, or what a palette's transparency is resolved to
  if (bits == 16 && (colour & PNG_COLOR_MASK_COLOR) == 0 && std::endian::native == std::endian::little) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "rows of another length than its header says");
  for (int pass = 0; pass < passes; ++pass) {
    for (std::uint32_t y = 0; y < height; ++y) png_read_row(png, rows + static_cast<std::ptrdiff_t>(y) * stride, nullptr);
  }
  png_read_end(png, nullptr);
  return true;
}

std::uint32_t be32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

}  // namespace

bool is_png(Bytes bytes) { return bytes.size() >= 8 && std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8) == 0; }

Result<PngHeader> read_png_header(Bytes png) {
  const auto bad = [](const std::string& what) { return Error(ErrorKind::corrupt, "PNG: " + what); };
  if (!is_png(png)) return bad("no signature");
  if (png.size() < kHeaderBytes) return bad("the file ends early");
  const std::uint8_t* const at = as_u8(png);
  if (be32(at + 8) != 13 || std::memcmp(at + 12, "IHDR", 4) != 0) return bad("no header");
  PngHeader header;
  header.width = be32(at + 16);
  header.height = be32(at + 20);
  header.bits = at[24];
  header.colour = at[25];
  RETURN_IF_ERROR(check_size(header.width, header.height));
  const bool colour = header.colour == 0 || header.colour == 2 || header.colour == 3 || header.colour == 4 || header.colour == 6;
  const bool small = header.bits == 1 || header.bits == 2 || header.bits == 4;
  const bool depth =
      header.bits == 8 || (header.bits == 16 && header.colour != 3) || (small && (header.colour == 0 || header.colour == 3));
  if (!colour || !depth) {
    return bad("colour type " + std::to_string(header.colour) + " with " + std::to_string(header.bits) + " bits");
  }
  return header;
}

PixelFormat png_format(const PngHeader& header) {
  if (!header.grey()) return PixelFormat::rgb24;
  return header.bits == 16 ? PixelFormat::gray16 : PixelFormat::gray8_full;
}

bool png_may_be_turned(Bytes png) {
  constexpr std::size_t kSignature = 8, kAround = 12;  // length, type, checksum
  for (std::size_t at = kSignature; at < png.size() && png.size() - at >= kAround;) {
    const std::uint32_t length = be32(as_u8(png) + at);
    if (length > png.size() - at - kAround) return false;
    const std::string_view type = as_text(png.subspan(at + 4, 4)), data = as_text(png.subspan(at + 8, length));
    if (type == "eXIf") return true;
    const bool text = type == "tEXt" || type == "zTXt" || type == "iTXt";
    if (text && (data.starts_with("XML:com.adobe.xmp") || data.starts_with("Raw profile type"))) return true;
    at += kAround + length;
  }
  return false;
}

std::uint64_t png_working_bytes(const PngHeader& header) {
  // libpng holds this row, the one before and, where they are interlaced, one more; zlib its window; each with slack.
  return 128 * 1024 + 4ull * header.width * 8;
}

Status decode_png(Bytes png, bool swap_red_blue, Picture& out) {
  ASSIGN_OR_RETURN(const PngHeader header, read_png_header(png));
  PixelFormat format = png_format(header);
  if (format == PixelFormat::rgb24 && swap_red_blue) format = PixelFormat::bgr24;
  RETURN_IF_ERROR(out.reshape(format, header.width, header.height));
  const std::size_t pixel = format == PixelFormat::gray8_full ? 1 : format == PixelFormat::gray16 ? 2 : 3;
  Reading reading{as_u8(png), png.size()};
  PngStructs structs;
  structs.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, on_error, on_warning);
  if (structs.png != nullptr) structs.info = png_create_info_struct(structs.png);
  if (structs.info == nullptr) return Error(ErrorKind::over_limit, "no memory for a PNG decoder");
  png_set_read_fn(structs.png, &reading, read_bytes);
  if (read_rows(structs.png, structs.info, out.plane(0), out.stride(0), header.height, pixel * header.width)) return {};
  return Error(ErrorKind::corrupt, std::string("PNG: ") + reading.message);
}

}  // namespace bagloom::media
