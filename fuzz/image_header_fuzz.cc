// Headers of the still pictures that datasets carry in Parquet: PNG, JPEG, TIFF.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "allocation_cap.h"
#include "dataset/verify_image_header.h"

namespace {

/// Headers are read where they stand: a line of an error, no more.
constexpr bagloom::fuzz::Allowance kAllowance{"image_header", 512, 1};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  const auto header = bagloom::dataset::verify::read_image_header({reinterpret_cast<const std::byte*>(data), size});
  if (!header.ok() && header.error().kind() != bagloom::ErrorKind::corrupt) std::abort();
  return 0;
}
