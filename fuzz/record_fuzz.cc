// Records of finished recordings as a resumed job finds them in its staging folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "convert/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bagloom::convert;  // NOLINT: one function
  const auto record = record_from_json(std::string(reinterpret_cast<const char*>(data), size));
  if (!record) return 0;
  // What was accepted is written and read again as the same.
  const std::string text = to_json(*record);
  const auto again = record_from_json(text);
  if (!again || to_json(*again) != text) std::abort();
  return 0;
}
