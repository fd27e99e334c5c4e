// Recipes. Input: the YAML; lines that begin with "--set " are overrides. What parses must come back from its own YAML.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "allocation_cap.h"
#include "recipe/recipe.h"

namespace {

/// yaml-cpp's tree has about 60 bytes a byte, twice: the recipe is read again from its own text. 28 KiB are its scanner and the
/// shortest recipe.
constexpr bagloom::fuzz::Allowance kAllowance{"recipe", 64 * 1024, 128};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string yaml;
  std::vector<std::string> overrides;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    if (line.substr(0, 6) == "--set ")
      overrides.emplace_back(line.substr(6));
    else
      yaml.append(line).push_back('\n');
  }
  const auto recipe = bagloom::recipe::parse_recipe("fuzz", yaml, overrides);
  if (!recipe.ok()) return 0;
  const auto again = bagloom::recipe::parse_recipe("again", bagloom::recipe::to_yaml(*recipe));
  if (!again.ok() || !(*again == *recipe)) __builtin_trap();
  return 0;
}
