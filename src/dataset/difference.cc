#include "dataset/difference.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "base/hash.h"
#include "base/source.h"
#include "dataset/verify_parquet.h"
#include "media/mp4.h"

namespace bagloom::dataset {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> files_of(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> files;
  fs::recursive_directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    std::string name = entry->path().lexically_relative(folder).string();
    if (!name.starts_with("meta/bagloom/")) files.push_back(std::move(name));
  }
  if (failed) return Error(ErrorKind::unreadable, failed.message()).in(folder);
  std::sort(files.begin(), files.end());
  return files;
}

Status read_through(const std::string& path, Hasher& hasher, std::uint64_t& bytes) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t offset = 0;;) {
    ASSIGN_OR_RETURN(const std::size_t n, source->read_at(offset, block));
    if (n == 0) return {};
    hasher.add(Bytes(block.data(), n));
    offset += n;
    bytes += n;
  }
}

Result<std::string> hash_file(const std::string& path) {
  Hasher hasher;
  std::uint64_t bytes = 0;
  RETURN_IF_ERROR(read_through(path, hasher, bytes));
  return hasher.hex_digest();
}

constexpr std::int64_t kBatchRows = 1024;
constexpr std::uint64_t kSame = ~std::uint64_t{0};

/// The first row in which a column differs; kSame where none does.
Result<std::uint64_t> differing_row(verify::Table& one, verify::Table& other, const std::string& name) {
  std::vector<std::shared_ptr<arrow::Array>> batches;
  RETURN_IF_ERROR(one.visit_column(one.column(name), kBatchRows, [&](const arrow::Array& values, std::uint64_t) -> Status {
    batches.push_back(arrow::MakeArray(values.data()));
    return {};
  }));
  std::uint64_t found = kSame;
  std::size_t batch = 0;
  std::int64_t at = 0;
  const auto compare = [&](const arrow::Array& values, std::uint64_t first) -> Status {
    for (std::int64_t i = 0; i < values.length() && found == kSame; ++i) {
      while (batch < batches.size() && at == batches[batch]->length()) {
        ++batch;
        at = 0;
      }
      const bool same = batch < batches.size() && batches[batch]->type()->Equals(*values.type()) &&
                        batches[batch]->RangeEquals(values, at, at + 1, i, arrow::EqualOptions().nans_equal(true));
      if (!same) found = first + static_cast<std::uint64_t>(i);
      ++at;
    }
    return {};
  };
  RETURN_IF_ERROR(other.visit_column(other.column(name), kBatchRows, compare));
  return found;
}

Result<std::string> table_difference(const std::string& one, const std::string& other) {
  verify::TableMemory memory;
  ASSIGN_OR_RETURN(const auto a, verify::Table::open(one, memory));
  ASSIGN_OR_RETURN(const auto b, verify::Table::open(other, memory));
  if (!a->schema()->Equals(*b->schema(), false)) return std::string("other columns");
  std::uint64_t row = std::min(a->rows(), b->rows());
  std::string where = "rows from " + std::to_string(row) + " on stand in one only";
  bool found = a->rows() != b->rows();
  for (const std::string& name : a->schema()->field_names()) {
    ASSIGN_OR_RETURN(const std::uint64_t differs, differing_row(*a, *b, name));
    if (differs == kSame || (found && differs >= row)) continue;
    row = differs;
    found = true;
    where = "row " + std::to_string(row) + ", column " + name;
  }
  return found ? where : std::string("the same rows, stored otherwise");
}

Result<std::string> video_difference(const std::string& one, const std::string& other) {
  std::vector<std::uint64_t> packets;
  RETURN_IF_ERROR(media::visit_mp4_packets(one, [&](const media::Packet& packet) -> Status {
    packets.push_back(Hasher().add(packet.bytes).checksum());
    return {};
  }));
  std::size_t n = 0, differs = packets.size();
  RETURN_IF_ERROR(media::visit_mp4_packets(other, [&](const media::Packet& packet) -> Status {
    if (n < packets.size() && differs == packets.size() && packets[n] != Hasher().add(packet.bytes).checksum()) differs = n;
    ++n;
    return {};
  }));
  if (differs < packets.size()) return "frame " + std::to_string(differs);
  if (n != packets.size()) return "frames from " + std::to_string(std::min(n, packets.size())) + " on stand in one only";
  return std::string("the same packets, stored otherwise");
}

/// Tables, then packets, then the rest.
int importance(const std::string& file) { return file.starts_with("data/") ? 0 : file.starts_with("videos/") ? 1 : 2; }

}  // namespace

Result<DatasetHash> hash_dataset(const std::string& folder) {
  ASSIGN_OR_RETURN(const auto files, files_of(folder));
  DatasetHash result;
  Hasher hasher;
  for (const std::string& file : files) {
    hasher.add_text(file);
    RETURN_IF_ERROR(read_through(folder + "/" + file, hasher, result.bytes));
  }
  result.hash = hasher.hex_digest();
  return result;
}

Result<std::optional<std::string>> first_difference(const std::string& one, const std::string& other) {
  ASSIGN_OR_RETURN(auto files, files_of(one));
  ASSIGN_OR_RETURN(const auto others, files_of(other));
  const std::vector<std::string> here = files;
  files.insert(files.end(), others.begin(), others.end());
  std::sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    return importance(a) != importance(b) ? importance(a) < importance(b) : a < b;
  });
  files.erase(std::unique(files.begin(), files.end()), files.end());
  for (const std::string& file : files) {
    const bool in_one = std::binary_search(here.begin(), here.end(), file);
    const bool in_other = std::binary_search(others.begin(), others.end(), file);
    if (!in_one || !in_other) return std::optional<std::string>(file + ": only in " + (in_one ? one : other));
    const std::string a = one + "/" + file, b = other + "/" + file;
    ASSIGN_OR_RETURN(const std::string hash, hash_file(a));
    ASSIGN_OR_RETURN(const std::string other_hash, hash_file(b));
    if (hash == other_hash) continue;
    Result<std::string> where = std::string("other bytes");
    if (file.ends_with(".parquet"))
      where = table_difference(a, b);
    else if (file.ends_with(".mp4"))
      where = video_difference(a, b);
    // What cannot be read is a difference too.
    return std::optional<std::string>(file + ": " + (where ? *where : where.error().text()));
  }
  return std::optional<std::string>();
}

}  // namespace bagloom::dataset
