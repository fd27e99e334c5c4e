// Records of finished recordings as a resumed job finds them in its staging folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "allocation_cap.h"
#include "convert/records.h"

namespace {

/// JSON as a tree, the record, its text, and both again.
constexpr bagloom::fuzz::Allowance kAllowance{"record", 16 * 1024, 64};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  using namespace bagloom::convert;  // NOLINT: one function
  const auto record = record_from_json(std::string(reinterpret_cast<const char*>(data), size));
  if (!record) return 0;
  // What was accepted is written and read again as the same.
  const std::string text = to_json(*record);
  const auto again = record_from_json(text);
  if (!again || to_json(*again) != text) std::abort();
  return 0;
}
