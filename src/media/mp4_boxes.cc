#include "media/mp4_boxes.h"

#include <cmath>
#include <functional>
#include <string_view>
#include <vector>

#include "base/cursor.h"

namespace bagloom::media {
namespace {

constexpr std::uint64_t kMaxTable = 64ull << 20;  // bytes of one table that are looked at: 8 million stts entries
constexpr int kMaxDepth = 8;

Result<std::uint32_t> be32(Cursor& at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    ASSIGN_OR_RETURN(const std::uint8_t byte, at.u8());
    value = value << 8 | byte;
  }
  return value;
}

struct Box {
  std::string type;
  std::uint64_t offset = 0, begin = 0, end = 0;  // of the box; of its content
};

class BoxReader {
 public:
  explicit BoxReader(const Source& file) : file_(file) {}

  Result<Mp4Boxes> read() {
    RETURN_IF_ERROR(walk(0, file_.size(), 0));
    return facts_;
  }

 private:
  Result<std::vector<std::byte>> content(const Box& box, std::uint64_t most) const {
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(box.end - box.begin, most)));
    RETURN_IF_ERROR(file_.read_exactly(box.begin, bytes));
    return bytes;
  }

  Result<Box> header(std::uint64_t offset, std::uint64_t end) const {
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(16, end - offset)));
    RETURN_IF_ERROR(file_.read_exactly(offset, bytes));
    Cursor at(bytes);
    ASSIGN_OR_RETURN(const std::uint32_t size32, be32(at));
    ASSIGN_OR_RETURN(const Bytes type, at.take(4));
    std::uint64_t size = size32;
    if (size32 == 1) {
      ASSIGN_OR_RETURN(const std::uint32_t high, be32(at));
      ASSIGN_OR_RETURN(const std::uint32_t low, be32(at));
      size = static_cast<std::uint64_t>(high) << 32 | low;
    } else if (size32 == 0) {
      size = end - offset;  // to the end of the file
    }
    if (size < at.offset() || size > end - offset) {
      return Error(ErrorKind::corrupt, "mp4: a box of " + std::to_string(size) + " bytes at " + hex(offset) + ", " +
                                           std::to_string(end - offset) + " remain");
    }
    return Box{std::string(as_text(type)), offset, offset + at.offset(), offset + size};
  }

  Status walk(std::uint64_t begin, std::uint64_t end, int depth) {
    if (depth > kMaxDepth) return Error(ErrorKind::corrupt, "mp4: boxes nested too deeply at " + hex(begin));
    for (std::uint64_t offset = begin; offset + 8 <= end;) {
      ASSIGN_OR_RETURN(const Box box, header(offset, end));
      RETURN_IF_ERROR(look(box, depth));
      offset = box.end;
    }
    return {};
  }

  Status look(const Box& box, int depth) {
    if (box.type == "moof") facts_.moof = true;
    if (box.type == "moov") facts_.moov = true;
    if (box.type == "mvex") facts_.moof = true;
    if (box.type == "moov" || box.type == "mdia" || box.type == "minf" || box.type == "stbl")
      return walk(box.begin, box.end, depth + 1);
    if (box.type == "trak") {
      video_ = false;
      return walk(box.begin, box.end, depth + 1);
    }
    if (box.type == "tkhd") return read_rotation(box);
    if (box.type == "hdlr") return read_handler(box);
    RETURN_IF_ERROR(check_table(box));
    if (box.type == "stts" && video_ && !seen_) return read_durations(box);
    return {};
  }

  /// Of the sample tables (ISO/IEC 14496-12 section 8): libavformat allocates what a table's count asks for before it reads the
  /// entries.
  Status check_table(const Box& box) const {
    struct Table {
      std::string_view type;
      std::uint32_t before_count, entry;  // bytes
    };
    constexpr Table kTables[] = {{"stts", 4, 8}, {"ctts", 4, 8}, {"stss", 4, 4}, {"stsc", 4, 12},
                                 {"stco", 4, 4}, {"co64", 4, 8}, {"stsz", 8, 4}};
    for (const Table& table : kTables) {
      if (box.type != table.type) continue;
      ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, content(box, table.before_count + 4));
      Cursor at(bytes);
      RETURN_IF_ERROR(at.skip(4));  // version and flags
      std::uint32_t same_size = 0;
      if (table.type == "stsz") {
        ASSIGN_OR_RETURN(same_size, be32(at));
      }
      ASSIGN_OR_RETURN(const std::uint32_t count, be32(at));
      const std::uint64_t there = box.end - box.begin - bytes.size();
      if (same_size == 0 && std::uint64_t{count} * table.entry > there) {
        return Error(ErrorKind::corrupt, "mp4: " + box.type + " at " + hex(box.offset) + " declares " + std::to_string(count) +
                                             " entries of " + std::to_string(table.entry) + " bytes, " + std::to_string(there) +
                                             " bytes follow");
      }
      // It makes an index entry for each of these too.
      if (same_size != 0 && std::uint64_t{count} * same_size > file_.size()) {
        return Error(ErrorKind::corrupt, "mp4: stsz at " + hex(box.offset) + " declares " + std::to_string(count) +
                                             " samples of " + std::to_string(same_size) + " bytes, the file has " +
                                             std::to_string(file_.size()));
      }
    }
    return {};
  }

  Status read_handler(const Box& box) {
    ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, content(box, 12));
    video_ = bytes.size() == 12 && as_text(bytes).substr(8, 4) == "vide";
    if (video_ && !seen_) facts_.rotation = rotation_;
    return {};
  }

  Status read_rotation(const Box& box) {
    ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, content(box, 96));
    Cursor at(bytes);
    ASSIGN_OR_RETURN(const std::uint8_t version, at.u8());
    RETURN_IF_ERROR(at.skip(3 + (version == 1 ? 32 : 20) + 16));
    ASSIGN_OR_RETURN(const std::uint32_t a, be32(at));
    ASSIGN_OR_RETURN(const std::uint32_t b, be32(at));
    rotation_ = std::atan2(static_cast<std::int32_t>(b), static_cast<std::int32_t>(a)) * 180 / M_PI;
    return {};
  }

  Status read_durations(const Box& box) {
    seen_ = true;
    ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, content(box, kMaxTable));
    Cursor at(bytes);
    RETURN_IF_ERROR(at.skip(4));
    ASSIGN_OR_RETURN(facts_.stts_entries, be32(at));
    std::uint32_t first = 0;
    for (std::uint32_t i = 0; i < facts_.stts_entries && at.remaining() > 0; ++i) {
      RETURN_IF_ERROR(at.skip(4));
      ASSIGN_OR_RETURN(const std::uint32_t duration, be32(at));
      if (i == 0) first = duration;
      if (duration != first) facts_.stts_constant = false;
    }
    return {};
  }

  const Source& file_;
  Mp4Boxes facts_;
  bool video_ = false, seen_ = false;
  double rotation_ = 0;
};

}  // namespace

Result<Mp4Boxes> read_mp4_boxes(const Source& file) { return BoxReader(file).read(); }

}  // namespace bagloom::media
