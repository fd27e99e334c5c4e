#include "bag/rosbag1_file_header.h"

#include "bag/rosbag1_record.h"

namespace bagloom::bag {
namespace {

Error unreadable(const std::string& what) { return Error(ErrorKind::unreadable, what); }

}  // namespace

Result<FileHeader> read_file_header(const Source& source) {
  ReadAhead window(source, source.size(), 4096);
  auto head = read_record_head(window, kRosbag1Magic.size());
  if (!head.ok()) {
    if (head.error().kind() != ErrorKind::corrupt) return std::move(head).error();
    if (source.size() < kRosbag1Magic.size() + 4096)
      return unreadable("a ROS 1 bag that is cut within its file header (" + std::to_string(source.size()) + " bytes)");
    return unreadable("a ROS 1 bag without a file header: " + head.error().message());
  }
  if (head->op != kOpFileHeader) return unreadable("a ROS 1 bag whose first record is not a file header");
  if (head->end() > source.size())
    return unreadable("a ROS 1 bag that is cut within its file header (" + std::to_string(source.size()) + " bytes)");
  if (const auto encryptor = head->fields.text("encryptor"); encryptor && !encryptor->empty())
    return unreadable("an encrypted ROS 1 bag (" + std::string(encryptor->substr(0, 80)) + ")")
        .fix("decrypt it first, for example with `rosbag decrypt`");
  FileHeader header;
  // Missing fields read as an unclosed file: the chunks are found without them.
  header.index_pos = head->fields.u64("index_pos").value_or(0);
  header.connection_count = head->fields.u32("conn_count").value_or(0);
  header.chunk_count = head->fields.u32("chunk_count").value_or(0);
  header.end = head->end();
  return header;
}

}  // namespace bagloom::bag
