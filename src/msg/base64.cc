#include "msg/base64.h"

#include <array>
#include <cstdint>

namespace bagloom::msg {
namespace {

constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNone;
  for (std::uint8_t i = 0; i < 26; ++i) {
    values[static_cast<std::size_t>('A') + i] = i;
    values[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(26 + i);
  }
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0') + i] = static_cast<std::uint8_t>(52 + i);
  values['+'] = values['-'] = 62;
  values['/'] = values['_'] = 63;
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

bool decode_base64(std::string& text) {
  std::size_t size = text.size();
  for (int i = 0; i < 2 && size > 0 && text[size - 1] == '='; ++i) --size;
  if (size % 4 == 1 || (size != text.size() && text.size() % 4 != 0)) return false;
  std::size_t out = 0;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(text[i])];
    if (value == kNone) return false;
    bits = bits << 6 | value;
    // Of every four letters the second, third and fourth complete a byte, which stands before them.
    switch (i % 4) {
      case 1: text[out++] = static_cast<char>(bits >> 4); break;
      case 2: text[out++] = static_cast<char>(bits >> 2); break;
      case 3: text[out++] = static_cast<char>(bits); break;
      default: break;
    }
  }
  text.resize(out);
  return true;
}

}  // namespace bagloom::msg
