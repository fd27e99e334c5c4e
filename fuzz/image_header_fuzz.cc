// Headers of the still pictures that datasets carry in Parquet: PNG, JPEG, TIFF.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dataset/verify_image_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = bagloom::dataset::verify::read_image_header({reinterpret_cast<const std::byte*>(data), size});
  if (!header.ok() && header.error().kind() != bagloom::ErrorKind::corrupt) std::abort();
  return 0;
}
