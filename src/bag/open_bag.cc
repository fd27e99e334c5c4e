#include <algorithm>
#include <array>
#include <filesystem>

#include "bag/bag_reader.h"
#include "bag/mcap_reader.h"
#include "bag/mcap_record.h"
#include "bag/rosbag1_file_header.h"
#include "bag/rosbag1_reader.h"
#include "bag/rosbag2_reader.h"
#include "bag/rosbag2_storage.h"

namespace bagloom::bag {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kSqliteMagic = "SQLite format 3\0"sv;

/// What the first bytes say that the file is, where it is nothing that can be read.
std::string what_else(std::string_view head) {
  const std::string first_line(head.substr(0, std::min(head.find('\n'), std::size_t{40})));
  if (kRosbag1Magic.starts_with(head)) return "a ROS 1 bag that is cut within its first line";
  if (head.starts_with("#ROSBAG V2.0")) return "a ROS 1 bag whose first line went through a line-ending conversion";
  if (head.starts_with("#ROSBAG V") || head.starts_with("#ROSRECORD V"))
    return "a ROS 1 bag of an older format (" + first_line + ")";
  if (mcap::kMagic.starts_with(head)) return "an MCAP file that is cut within its first bytes";
  if (head.starts_with("\x89MCAP0\n"sv)) return "an MCAP file that went through a line-ending conversion";
  if (kSqliteMagic.starts_with(head)) return "an SQLite file that is cut within its first line";
  if (head.starts_with("\x1f\x8b"sv)) return "a gzip-compressed file, not a recording";
  return "not a recording: neither ROS 1 bag nor MCAP nor rosbag2";
}

struct FirstBytes {
  std::array<std::byte, 64> bytes{};
  std::size_t size = 0;
  std::string_view text() const { return as_text(Bytes(bytes).first(size)); }
};

Result<FirstBytes> first_bytes(const Source& source) {
  FirstBytes first;
  const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(first.bytes.size(), source.size()));
  ASSIGN_OR_RETURN(first.size, source.peek(MutableBytes(first.bytes).first(n)));
  return first;
}

}  // namespace

std::string_view name_of(IndexState state) {
  switch (state) {
    case IndexState::indexed: return "indexed";
    case IndexState::chunk_indexes: return "chunk_indexes";
    case IndexState::walked: return "walked";
  }
  return "walked";
}

Result<std::unique_ptr<BagReader>> open_bag(std::unique_ptr<Source> source, const OpenOptions& options) {
  const std::string name = source->name();
  if (source->size() == 0) return Error(ErrorKind::unreadable, "the file is empty").in(std::string(name));
  ASSIGN_OR_RETURN(const FirstBytes first, first_bytes(*source));
  const std::string_view head = first.text();
  if (head.starts_with(kRosbag1Magic)) return open_rosbag1(std::move(source), options);
  if (head.starts_with(mcap::kMagic)) return open_mcap(std::move(source), options);
  if (head.starts_with(kSqliteMagic)) return open_rosbag2_storage(std::move(source), nullptr, options);
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return open_packed_storage(std::move(source), options);
  Error error(ErrorKind::unreadable, what_else(head));
  if (head.starts_with("#ROSBAG V1") || head.starts_with("#ROSRECORD V"))
    return std::move(error).fix("convert it with `rosbag fix` first").in(std::string(name));
  return std::move(error).in(std::string(name));
}

Result<std::unique_ptr<BagReader>> open_bag(const std::string& path, const OpenOptions& options) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return open_rosbag2_folder(path, options);
  ASSIGN_OR_RETURN(std::unique_ptr<Source> source, open_file(path));
  ASSIGN_OR_RETURN(const FirstBytes first, first_bytes(*source));
  if (first.text().starts_with(kSqliteMagic)) return open_rosbag2_storage_file(std::move(source), options);
  return open_bag(std::move(source), options);
}

}  // namespace bagloom::bag
