// PNG files made byte by byte, with nothing compressed: what the decoder is compared with shares no code with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bagloom::media {

inline std::uint32_t png_crc(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

inline std::string be32_text(std::uint32_t n) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(n >> shift);
  return text;
}

inline std::string png_chunk(const std::string& kind, const std::string& data) {
  return be32_text(static_cast<std::uint32_t>(data.size())) + kind + data + be32_text(png_crc(kind + data));
}

/// zlib's format with stored blocks (RFC 1950, 1951).
inline std::string stored(const std::string& data) {
  std::string out = "\x78\x01";
  std::uint32_t a = 1, b = 0;
  for (const char c : data) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  for (std::size_t at = 0; at == 0 || at < data.size(); at += 60000) {
    const std::string block = data.substr(at, 60000);
    const auto n = static_cast<std::uint16_t>(block.size()), inverted = static_cast<std::uint16_t>(~n);
    out += static_cast<char>(at + 60000 >= data.size());
    for (const std::uint16_t value : {n, inverted}) {
      out += static_cast<char>(value & 255);
      out += static_cast<char>(value >> 8);
    }
    out += block;
  }
  return out + be32_text(b << 16 | a);
}

/// `rows`: each row's samples as the file has them, without the filter byte. `before`: chunks between header and data.
inline std::string png_file(std::uint32_t width, int bits, int colour, const std::vector<std::string>& rows,
                            const std::string& before = "", int interlace = 0) {
  std::string data;
  for (const std::string& row : rows) data += '\0' + row;
  std::string header = be32_text(width) + be32_text(static_cast<std::uint32_t>(rows.size()));
  for (const int byte : {bits, colour, 0, 0, interlace}) header += static_cast<char>(byte);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + before + png_chunk("IDAT", stored(data)) + png_chunk("IEND", "");
}

}  // namespace bagloom::media
