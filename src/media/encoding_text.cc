#include "media/encoding_text.h"

#include <algorithm>
#include <cctype>

#include "media/jpeg_header.h"
#include "media/png_decoder.h"

namespace bagloom::media {
namespace {

// Longer texts hold nothing that is known.
constexpr std::size_t kMostText = 200;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

std::string codec_name(std::string_view word) {
  if (word == "jpg" || word == "jpeg") return "jpeg";
  if (word == "tif" || word == "tiff") return "tiff";
  for (const std::string_view known : {"png", "webp", "rvl", "h264", "h265", "hevc", "av1", "vp9"}) {
    if (word == known) return std::string(known);
  }
  return "";
}

}  // namespace

EncodingText read_encoding_text(std::string_view text) {
  std::string lower(text.substr(0, kMostText));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  EncodingText result;
  std::string_view rest = lower;
  if (const std::size_t end = rest.find(';'); end != std::string_view::npos) {
    result.original = trimmed(rest.substr(0, end));
    rest = rest.substr(end + 1);
  }
  rest = trimmed(rest);
  constexpr std::string_view kDepth = "compresseddepth", kCompressed = "compressed";
  if (const std::size_t at = rest.find(kDepth); at != std::string_view::npos) {
    result.compressed_depth = true;
    const std::string_view codec = first_word(trimmed(rest.substr(at + kDepth.size())));
    result.codec = codec.empty() ? "png" : codec_name(codec);
    return result;
  }
  result.codec = codec_name(first_word(rest));
  if (const std::size_t at = rest.find(kCompressed); at != std::string_view::npos) {
    result.target = first_word(trimmed(rest.substr(at + kCompressed.size())));
  }
  return result;
}

bool is_tiff(Bytes data) {
  const std::string_view magic = as_text(data).substr(0, 4);
  return magic == std::string_view("II*\0", 4) || magic == std::string_view("MM\0*", 4);
}

std::string_view kind_of_bytes(Bytes data) {
  if (is_jpeg(data)) return "jpeg";
  if (is_png(data)) return "png";
  const std::string_view text = as_text(data);
  if (text.size() >= 12 && text.substr(0, 4) == "RIFF" && text.substr(8, 4) == "WEBP") return "webp";
  return is_tiff(data) ? "tiff" : "";
}

}  // namespace bagloom::media
