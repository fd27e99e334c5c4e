#include "dataset/verify_memory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/source.h"
#include "dataset/verify_internal.h"
#include "memory/allocator.h"
#include "memory/file_pages.h"
#include "memory/meter.h"

namespace bagloom::dataset::verify {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMiB = 1024 * 1024;

// Measured (docs/verify.md): pages of Arrow, Parquet and the decoders that one phase comes to, beside those of the base.
constexpr std::uint64_t kCode = 20 * kMiB;
// Base and start differ a little from start to start.
constexpr std::uint64_t kStartsDiffer = 2 * kMiB;
// Of a parsed footer, of JSON as a tree, of an mp4's index: bytes in memory for one in the file.
constexpr std::uint64_t kFooterGrows = 8, kJsonGrows = 12, kIndexGrows = 12;
// A reader's buffers, the heap's slack.
constexpr std::uint64_t kReader = 2 * kMiB, kDecoder = 2 * kMiB;
// Pages of one column chunk: compressed, not compressed, and as numbers; larger ones are bounded by the pool.
constexpr std::uint64_t kColumnChunk = 8 * kMiB;
constexpr std::uint64_t kSpreadBins = 5000 * 8;

std::uint64_t file_size(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : bytes;
}

std::uint32_t number_at(const std::byte* bytes, bool big_endian) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * (big_endian ? 3 - i : i));
  return value;
}

/// Length of a Parquet file's footer, as its last eight bytes say; at most the file.
std::uint64_t footer_bytes(const std::string& path) {
  if (!is_file(path)) return 0;
  const auto source = open_file(path);
  std::array<std::byte, 8> tail{};
  if (!source.ok() || (*source)->size() < 12 || !(*source)->read_exactly((*source)->size() - 8, tail).ok()) return 0;
  return std::min<std::uint64_t>(number_at(tail.data(), false), (*source)->size());
}

/// Size of the box that libavformat reads whole.
std::uint64_t moov_bytes(const std::string& path) {
  if (!is_file(path)) return 0;
  const auto source = open_file(path);
  if (!source.ok()) return 0;
  const std::uint64_t size = (*source)->size();
  std::uint64_t at = 0;
  for (int boxes = 0; boxes < 10'000 && size >= 16 && at <= size - 16; ++boxes) {
    std::array<std::byte, 16> head{};
    if (!(*source)->read_exactly(at, head).ok()) return 0;
    std::uint64_t bytes = number_at(head.data(), true);
    if (bytes == 1) bytes = std::uint64_t{number_at(head.data() + 8, true)} << 32 | number_at(head.data() + 12, true);
    if (bytes == 0) bytes = size - at;
    bytes = std::clamp<std::uint64_t>(bytes, 8, size - at);
    if (std::memcmp(head.data() + 4, "moov", 4) == 0) return bytes;
    at += bytes;
  }
  return 0;
}

/// Pictures that a decoder may hold: H.264 and HEVC 16 for reference, AV1 8, and what comes out beside them.
std::uint64_t pictures_held(const std::string& codec) {
  if (codec == "mjpeg") return 3;
  if (codec == "av1") return 14;
  return 18;
}

std::uint64_t video_bytes(const std::string& codec, const std::string& pix_fmt, std::uint64_t width, std::uint64_t height,
                          std::uint64_t moov) {
  const std::uint64_t halves = pix_fmt.find("444") != std::string::npos || pix_fmt.find("rgb") != std::string::npos ? 6
                               : pix_fmt.find("422") != std::string::npos                                           ? 4
                                                                                                                    : 3;
  // Rounded up as decoders do, with edges.
  return kDecoder + (width + 64) * (height + 64) * halves / 2 * pictures_held(codec) + moov * kIndexGrows;
}

std::string declared(const Feature& feature, const char* key) {
  if (feature.info == nullptr) return {};
  const auto value = feature.info->find(key);
  return value != feature.info->end() && value->is_string() ? value->get<std::string>() : std::string();
}

std::string mib(std::uint64_t bytes) { return std::to_string((bytes + kMiB / 2) / kMiB) + " MiB"; }

}  // namespace

MemoryRoom::MemoryRoom(std::uint64_t limit) {
  layout.limit = limit;
  if (limit == 0) return;
  memory::trim_heap();
  memory::drop_file_pages();
  const memory::Resident resident = memory::resident();
  layout.start_peak = resident.peak;
  set("base", resident.now);
  set("code", kCode);
}

void MemoryRoom::set(const char* account, std::uint64_t bytes) {
  for (auto& [name, reserved] : layout.accounts)
    if (name == account) {
      reserved = bytes;
      return;
    }
  layout.accounts.emplace_back(account, bytes);
}

// Tables, statistics and videos follow one another; everything else stays.
std::uint64_t MemoryRoom::needed() const {
  std::uint64_t held = 0, largest = 0;
  for (const auto& [name, bytes] : layout.accounts) {
    if (name == "table" || name == "statistics" || name == "video")
      largest = std::max(largest, bytes);
    else
      held += bytes;
  }
  return std::max(layout.start_peak, held + largest);
}

Status MemoryRoom::fit(const Context& context, bool all_is_known) {
  if (layout.limit == 0) return {};
  // Rather more than a picture and the statistics of an ordinary dataset take, where they are not known yet.
  constexpr std::uint64_t kUnknown = 96 * kMiB;
  const std::uint64_t least = needed() + (all_is_known ? 0 : kUnknown);
  layout.smallest_limit = (least + kStartsDiffer + kMiB - 1) / kMiB * kMiB;
  layout.expected_peak = std::min(needed() + kMiB / 2, layout.limit);
  if (needed() <= layout.limit) return {};
  std::string table;
  for (const auto& [name, bytes] : layout.accounts) table += (table.empty() ? "" : ", ") + name + " " + mib(bytes);
  return Error(ErrorKind::over_limit, "the memory limit of " + mib(layout.limit) + " is too small: " + table +
                                          "; the start took " + mib(layout.start_peak))
      .fix("use --memory-limit " + std::to_string(layout.smallest_limit / kMiB) + "MiB or more")
      .needing(layout.smallest_limit)
      .in(context.root);
}

Status MemoryRoom::check_files(const Context& context) {
  if (layout.limit == 0) return {};
  std::uint64_t footer = 0;
  for (const char* folder : {"data", "meta"}) {
    std::error_code error;
    fs::recursive_directory_iterator file(context.full(folder), error), end;
    for (; !error && file != end; file.increment(error))
      if (file->path().extension() == ".parquet") footer = std::max(footer, footer_bytes(file->path().string()));
  }
  std::error_code error;
  fs::recursive_directory_iterator file(context.full("videos"), error), end;
  for (; !error && file != end; file.increment(error))
    if (file->path().extension() == ".mp4") moov_bytes_ = std::max(moov_bytes_, moov_bytes(file->path().string()));
  set("meta", kJsonGrows * (file_size(context.full("meta/info.json")) + file_size(context.full("meta/stats.json"))));
  set("table", kReader + footer * kFooterGrows);
  if (moov_bytes_ > 0) set("video", kDecoder + moov_bytes_ * kIndexGrows);
  // Small ones are always read: what is needed is said better when all of it is known.
  constexpr std::uint64_t kSmall = 24 * kMiB;
  std::uint64_t large = 0;
  for (const auto& [name, bytes] : layout.accounts)
    if (name != "base" && name != "code") large = std::max(large, bytes);
  return large > kSmall ? fit(context, false) : Status();
}

Status MemoryRoom::lay_out(const Context& context) {
  if (layout.limit == 0) return {};
  std::uint64_t footer = 0, column_chunk = 0, episodes = 0;
  for (const auto* files : {&context.data_files, &context.episode_files})
    for (const TableFile& file : *files) {
      footer = std::max(footer, footer_bytes(context.full(file.path)));
      column_chunk = std::max(column_chunk, file.largest_column_chunk);
    }
  for (const TableFile& file : context.episode_files) episodes += file.rows;
  std::uint64_t cameras = 0, statistics = 0, video = 0, batch = 0;
  for (const Feature& feature : context.features) {
    if (feature.has_stats()) {
      const std::uint64_t width = std::min<std::uint64_t>(feature.components(), 512);
      statistics = std::max(statistics, width * (episodes * (10 * 8 + 48) + 2 * kSpreadBins));
    }
    if (feature.kind == Kind::number) batch = std::max(batch, std::min<std::uint64_t>(4096 * feature.elements, 1 << 20) * 20);
    if (feature.kind != Kind::video) continue;
    ++cameras;
    if (context.options.decode && !feature.depth)
      video = std::max(video, video_bytes(declared(feature, "video.codec"), declared(feature, "video.pix_fmt"), feature.width,
                                          feature.height, moov_bytes_));
  }
  const std::uint64_t table = kReader + footer * kFooterGrows + batch;
  set("episodes", episodes * (200 + 48 * cameras));
  set("table", table + 3 * std::min(column_chunk, kColumnChunk));
  set("statistics", table + 3 * std::min(column_chunk, kColumnChunk) + statistics);
  if (cameras > 0) set("video", std::max(video, kDecoder + moov_bytes_ * kIndexGrows));
  largest_column_chunk_ = column_chunk;
  RETURN_IF_ERROR(fit(context, true));
  // What is left is theirs too.
  tables.most = batch + 3 * std::min(column_chunk, kColumnChunk) + (layout.limit - needed());
  return {};
}

Status MemoryRoom::check_video(const Context& context, const media::Mp4Facts& facts) {
  if (layout.limit == 0) return {};
  std::uint64_t laid_out = 0;
  for (const auto& [name, bytes] : layout.accounts)
    if (name == "video") laid_out = bytes;
  const std::uint64_t moov = std::max(moov_bytes_, facts.frames * 8);
  set("video", std::max(laid_out, video_bytes(facts.codec, facts.pix_fmt, facts.width, facts.height, moov)));
  return fit(context, true);
}

Status MemoryRoom::check_tables(const Context& context) {
  if (layout.limit == 0 || tables.refused == 0) return {};
  for (auto& [name, bytes] : layout.accounts)
    if (name == "table" || name == "statistics") bytes += 3 * largest_column_chunk_ + tables.refused;
  Status fits = fit(context, true);
  if (!fits.ok()) return fits;
  // The numbers say it would fit, but it did not.
  return Error(ErrorKind::over_limit, "a Parquet file takes more memory than its footer says").in(context.root);
}

void MemoryRoom::next_phase() const {
  if (layout.limit == 0) return;
  memory::trim_heap();
  memory::drop_file_pages();
}

}  // namespace bagloom::dataset::verify
