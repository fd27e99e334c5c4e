#include "align/plan_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/cursor.h"

namespace bagloom::align {
namespace {

// Layout: magic, ticks (u64), columns (u64); then all tick times (i64); then the cells, column after column, 25 bytes each:
// time (i64), locator (u64), connection (u32), recording (u32), state (u8). The cells' second message and weight are not
// written while no rule sets them; the magic's last byte is the version.
constexpr std::uint64_t kMagic = 0x3150'4d4f'4f4c'4742;  // "BGLOOMP1"
constexpr std::uint64_t kHeaderBytes = 24;
constexpr std::uint64_t kCellBytes = 25;

template <class T>
void put(std::vector<std::byte>& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

class BufferedFile {
 public:
  explicit BufferedFile(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
  ~BufferedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  std::vector<std::byte>& buffer() { return buffer_; }
  Status flush_above(std::size_t bytes) {
    if (descriptor_ < 0) return failure("open");
    if (buffer_.size() <= bytes) return {};
    std::size_t done = 0;
    while (done < buffer_.size()) {
      const ssize_t n = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure("write");
      done += static_cast<std::size_t>(n);
    }
    buffer_.clear();
    return {};
  }

 private:
  Error failure(const char* what) const {
    return Error(errno == ENOSPC || errno == EDQUOT ? ErrorKind::temporary : ErrorKind::io,
                 std::string(what) + ": " + std::strerror(errno))
        .in(path_);
  }
  std::string path_;
  int descriptor_;
  std::vector<std::byte> buffer_;
};

}  // namespace

std::uint64_t grid_step(std::uint64_t ticks) {
  const std::uint64_t blocks = std::max<std::uint64_t>((ticks + kGridTicks - 1) / kGridTicks, 1);
  return std::max<std::uint64_t>((ticks + blocks - 1) / blocks, 1);
}

Status write_plan_file(const std::string& path, const PlanCells& cells) {
  constexpr std::size_t kFlush = 64 * 1024;
  BufferedFile file(path);
  put(file.buffer(), kMagic);
  put(file.buffer(), cells.ticks());
  put(file.buffer(), static_cast<std::uint64_t>(cells.columns().size()));
  for (std::uint64_t tick = 0; tick < cells.ticks(); ++tick) {
    put(file.buffer(), cells.time(tick));
    RETURN_IF_ERROR(file.flush_above(kFlush));
  }
  for (std::uint32_t column = 0; column < cells.columns().size(); ++column) {
    for (std::uint64_t tick = 0; tick < cells.ticks(); ++tick) {
      const MessageRef& message = cells.message(column, tick);
      put(file.buffer(), message.time);
      put(file.buffer(), message.locator);
      put(file.buffer(), message.connection);
      put(file.buffer(), message.recording);
      put(file.buffer(), static_cast<std::uint8_t>(cells.state(column, tick)));
      RETURN_IF_ERROR(file.flush_above(kFlush));
    }
  }
  return file.flush_above(0);
}

Result<std::unique_ptr<PlanFile>> PlanFile::open(const std::string& path) {
  ASSIGN_OR_RETURN(auto source, open_file(path));
  std::byte header[kHeaderBytes];
  RETURN_IF_ERROR(source->read_exactly(0, header));
  const Bytes bytes(header);
  const auto ticks = Cursor::load<std::uint64_t>(bytes.subspan(8));
  const auto columns = Cursor::load<std::uint64_t>(bytes.subspan(16));
  if (Cursor::load<std::uint64_t>(bytes) != kMagic || ticks > (1ull << 40) || columns > 100'000 ||
      source->size() != kHeaderBytes + ticks * 8 + ticks * columns * kCellBytes)
    return Error(ErrorKind::corrupt, "is not a plan of this version").in(path);
  return std::unique_ptr<PlanFile>(new PlanFile(std::move(source), ticks, static_cast<std::uint32_t>(columns)));
}

Result<std::vector<Cell>> PlanFile::cells(std::uint32_t column, TickRange range) const {
  if (column >= columns_ || range.end > ticks_ || range.begin > range.end || range.size() > kGridTicks)
    return Error(ErrorKind::internal, "no such block in the plan").in(source_->name());
  std::byte bytes[kGridTicks * kCellBytes];
  const std::uint64_t offset = kHeaderBytes + ticks_ * 8 + (std::uint64_t{column} * ticks_ + range.begin) * kCellBytes;
  RETURN_IF_ERROR(source_->read_exactly(offset, MutableBytes(bytes, range.size() * kCellBytes)));
  std::vector<Cell> cells(range.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Bytes cell = Bytes(bytes).subspan(i * kCellBytes, kCellBytes);
    cells[i].first.time = Cursor::load<std::int64_t>(cell);
    cells[i].first.locator = Cursor::load<std::uint64_t>(cell.subspan(8));
    cells[i].first.connection = Cursor::load<std::uint32_t>(cell.subspan(16));
    cells[i].first.recording = Cursor::load<std::uint32_t>(cell.subspan(20));
    cells[i].state = static_cast<CellState>(cell[24]);
  }
  return cells;
}

Result<std::vector<TimeNs>> PlanFile::times(TickRange range) const {
  if (range.end > ticks_ || range.begin > range.end)
    return Error(ErrorKind::internal, "no such ticks in the plan").in(source_->name());
  std::vector<std::byte> bytes(range.size() * 8);
  RETURN_IF_ERROR(source_->read_exactly(kHeaderBytes + range.begin * 8, bytes));
  std::vector<TimeNs> times(range.size());
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = Cursor::load<std::int64_t>(Bytes(bytes).subspan(i * 8, 8));
  return times;
}

}  // namespace bagloom::align
