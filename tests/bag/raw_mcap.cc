#include "bag/raw_mcap.h"

#include <zstd.h>

#include <map>

namespace bagloom::bag::raw_mcap {

std::string compress(std::string_view compression, std::string_view bytes) {
  if (compression.empty()) return std::string(bytes);
  if (compression != "zstd") return raw::compress(compression, bytes);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

std::string small_file(const SmallFile& options) {
  const std::string descriptions = schema(1) + channel(1, "/a") + channel(5, "/b");
  std::string file = header();
  std::string chunk_indexes;
  int number = 0;
  if (!options.chunked) file += descriptions;
  for (int c = 0; c < options.chunks; ++c) {
    std::string inside = options.chunked && c == 0 ? descriptions : std::string();
    std::map<int, std::vector<Entry>> entries;
    for (int m = 0; m < options.messages; ++m, ++number) {
      const int id = m % 2 == 0 ? 1 : 5;
      entries[id].push_back({number * 10, inside.size() + static_cast<std::uint64_t>(options.shift)});
      inside += message(id, number * 10, std::to_string(number));
    }
    if (!options.chunked) {
      file += inside;
      continue;
    }
    const std::uint64_t offset = file.size();
    file += chunk(options.compression, inside.size(), options.crcs ? crc32(inside) : 0, compress(options.compression, inside));
    const std::uint64_t length = file.size() - offset;
    std::vector<int> ids;
    for (const auto& [id, of_channel] : entries) {
      if (!options.message_indexes) break;
      file += message_index(id, of_channel);
      ids.push_back(id);
    }
    chunk_indexes += chunk_index(offset, length, ids);
  }
  if (!options.closed) return file;
  file += data_end();
  std::string summary;
  if (options.summary) {
    if (options.repeat_channels) summary += descriptions;
    if (options.statistics) summary += statistics(static_cast<std::uint64_t>(number));
    if (options.chunk_indexes) summary += chunk_indexes;
  }
  const std::uint64_t start = summary.empty() ? 0 : file.size();
  return file + summary + footer(start, summary, options.crcs);
}

}  // namespace bagloom::bag::raw_mcap
