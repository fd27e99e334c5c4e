#include "media/png_encoder.h"

#include <dlfcn.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>
#include <string>

namespace bagloom::media {
namespace {

// Below LeRobot's 6: a reader sees the same pixels, and a task has to keep up with the recording.
constexpr int kLevel = 3;

/// Where libpng writes; it is left by longjmp, so nothing here may throw.
struct Writing {
  std::vector<std::byte>* out = nullptr;
  bool full = false;
  char message[128] = {};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* writing = static_cast<Writing*>(png_get_error_ptr(png));
  std::strncpy(writing->message, message, sizeof writing->message - 1);
  png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}

bool append(Writing& writing, const std::byte* data, std::size_t n) noexcept {
  try {
    writing.out->insert(writing.out->end(), data, data + n);
    return true;
  } catch (const std::bad_alloc&) {
    writing.full = true;
    return false;
  }
}
void write_bytes(png_structp png, png_bytep data, std::size_t n) {
  auto* writing = static_cast<Writing*>(png_get_io_ptr(png));
  if (!append(*writing, reinterpret_cast<const std::byte*>(data), n)) png_error(png, "no memory");
}
void flush(png_structp) {}

struct PngStructs {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~PngStructs() { png_destroy_write_struct(&png, &info); }
};

/// Only plain types live here: libpng leaves by longjmp.
bool write_rows(png_structp png, png_infop info, const std::uint8_t* rows, std::ptrdiff_t stride, std::uint32_t width,
                std::uint32_t height, int bits, int colour) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_IHDR(png, info, width, height, bits, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, kLevel);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP);
  png_write_info(png, info);
  if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png);
  for (std::uint32_t y = 0; y < height; ++y) png_write_row(png, rows + static_cast<std::ptrdiff_t>(y) * stride);
  png_write_end(png, nullptr);
  return true;
}

std::uint64_t pixel_bytes(PixelFormat format) {
  return format == PixelFormat::gray8_full ? 1 : format == PixelFormat::gray16 ? 2 : 3;
}

}  // namespace

Status encode_png(const Picture& picture, std::vector<std::byte>& out) {
  out.clear();
  const PixelFormat format = picture.format();
  if (format != PixelFormat::rgb24 && format != PixelFormat::gray8_full && format != PixelFormat::gray16) {
    return Error(ErrorKind::internal, "no PNG is written of " + std::string(name_of(format)));
  }
  Writing writing{&out};
  PngStructs structs;
  structs.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writing, on_error, on_warning);
  if (structs.png != nullptr) structs.info = png_create_info_struct(structs.png);
  if (structs.info == nullptr) return Error(ErrorKind::over_limit, "no memory for a PNG encoder");
  png_set_write_fn(structs.png, &writing, write_bytes, flush);
  if (write_rows(structs.png, structs.info, picture.plane(0), picture.stride(0), picture.width(), picture.height(),
                 format == PixelFormat::gray16 ? 16 : 8,
                 format == PixelFormat::rgb24 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY)) {
    return {};
  }
  return Error(writing.full ? ErrorKind::over_limit : ErrorKind::internal, std::string("PNG: ") + writing.message);
}

std::uint64_t png_encoder_bytes(PixelFormat format, std::uint32_t width, std::uint32_t height) {
  // A vector that grows holds the old bytes beside twice as many new ones; noise is hardly smaller than its samples.
  return 512 * 1024 + 3 * pixel_bytes(format) * width * height + 4ull * pixel_bytes(format) * width;
}

std::string png_versions() {
  using Version = const char* (*)();
  const auto zlib = reinterpret_cast<Version>(dlsym(RTLD_DEFAULT, "zlibVersion"));
  return "libpng " + std::string(png_get_libpng_ver(nullptr)) + (zlib == nullptr ? "" : "; zlib " + std::string(zlib()));
}

}  // namespace bagloom::media
