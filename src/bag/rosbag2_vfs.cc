#include "bag/rosbag2_vfs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

namespace bagloom::bag {
namespace {

std::uint32_t big_endian(Bytes bytes) {
  std::uint32_t value = 0;
  for (const std::byte b : bytes) value = value << 8 | static_cast<std::uint32_t>(b);
  return value;
}

std::uint64_t page_bytes_of(Bytes head) {
  const std::uint64_t page = big_endian(head.subspan(16, 2));
  return page == 1 ? 65536 : page;
}

// An inner page of a table (kind 5): cells at 3, the last page below it at 8, offsets of the cells from 12 on; a cell begins with
// the number of a page (sqlite.org/fileformat2.html, section 1.6). Pages that follow each other are announced at once.
void announce_pages_below(const Source& source, Bytes page) {
  if (page.size() < 12 || page[0] != std::byte{5}) return;
  const std::size_t cells = big_endian(page.subspan(3, 2));
  if (12 + 2 * cells > page.size()) return;
  std::uint64_t first = 0, pages = 0;  // numbers begin with 1
  const auto add = [&](std::uint64_t number) {
    if (pages > 0 && number == first + pages) {
      ++pages;
      return;
    }
    if (pages > 0) source.announce((first - 1) * page.size(), pages * page.size());
    first = number;
    pages = number > 0 ? 1 : 0;
  };
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t cell = big_endian(page.subspan(12 + 2 * i, 2));
    if (cell + 4 > page.size()) return;
    add(big_endian(page.subspan(cell, 4)));
  }
  add(big_endian(page.subspan(8, 4)));
  add(0);
}

/// The length of the number that begins here, 1 to 9 bytes of 7 bits, the ninth of 8; 0 where the page ends before it does.
std::size_t read_varint(Bytes at, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(at.size(), 9); ++i) {
    const auto byte = std::to_integer<std::uint64_t>(at[i]);
    value = i < 8 ? value << 7 | (byte & 0x7f) : value << 8 | byte;
    if (i == 8 || byte < 0x80) return i + 1;
  }
  return 0;
}

// A page of rows (kind 13): cells at 3, their offsets from 8 on; a cell begins with the bytes that its row has. Before SQLite
// reads the first of a row's pages it makes a list of all that the row declares, up to 4 GiB of them: 67 MB where pages have 512
// bytes. A row that declares more than `stored` bytes is given none here, which SQLite calls malformed.
// Pages of rows' own bytes begin with the number of another one, which would have to be 218 million.
void empty_rows_beyond(std::uint64_t stored, MutableBytes page) {
  constexpr std::uint64_t kFirstThatLooksLikeRows = 13u << 24;
  if (stored / page.size() >= kFirstThatLooksLikeRows) return;
  const std::size_t head = as_text(page).starts_with("SQLite format 3") ? 100 : 0;
  if (page.size() < head + 8 || page[head] != std::byte{13}) return;
  const std::size_t cells = big_endian(page.subspan(head + 3, 2));
  for (std::size_t i = 0; i < cells && head + 10 + 2 * i <= page.size(); ++i) {
    const MutableBytes cell = page.subspan(std::min<std::size_t>(big_endian(page.subspan(head + 8 + 2 * i, 2)), page.size()));
    std::uint64_t declared = 0;
    const std::size_t length = read_varint(cell, declared);
    if (declared <= stored) continue;
    for (std::size_t k = 0; k < length; ++k) cell[k] = k + 1 < length ? std::byte{0x80} : std::byte{0};
  }
}

}  // namespace

// Page size at 16, pages at 28, which hold where 24 and 92 agree.
std::uint64_t sqlite_declared_bytes(Bytes head) {
  if (head.size() < 100 || big_endian(head.subspan(24, 4)) != big_endian(head.subspan(92, 4))) return 0;
  return page_bytes_of(head) * big_endian(head.subspan(28, 4));
}

struct SourceVfs::File {
  sqlite3_file base;  // first: SQLite sees only this
  SourceVfs* vfs;
  const Source* source;  // null: an empty file
  std::uint64_t bytes;
};

SourceVfs::SourceVfs(const Source& database, const Source* log) : database_(database), log_(log) {
  std::array<std::byte, 100> header{};
  if (const auto got = database.peek(header); got && *got == header.size()) {
    declared_bytes_ = sqlite_declared_bytes(header);
    page_bytes_ = page_bytes_of(header);
  }
  static std::atomic<std::uint64_t> number = 0;
  name_ = "bagloom-" + std::to_string(number++);

  methods_.iVersion = 1;  // no shared memory, no mapping
  methods_.xClose = [](sqlite3_file*) { return SQLITE_OK; };
  methods_.xRead = read;
  methods_.xWrite = [](sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; };
  methods_.xTruncate = [](sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; };
  methods_.xSync = [](sqlite3_file*, int) { return SQLITE_OK; };
  methods_.xFileSize = size;
  methods_.xLock = [](sqlite3_file*, int) { return SQLITE_OK; };
  methods_.xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; };
  methods_.xCheckReservedLock = [](sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
  };
  methods_.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
  methods_.xSectorSize = [](sqlite3_file*) { return 4096; };
  methods_.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };

  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(File);
  vfs_.mxPathname = 64;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = [](sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE; };
  vfs_.xAccess = [](sqlite3_vfs* vfs, const char* file, int, int* there) {
    const auto& self = *static_cast<SourceVfs*>(vfs->pAppData);
    *there = self.log_ != nullptr && std::string_view(file).ends_with("-wal");
    return SQLITE_OK;
  };
  vfs_.xFullPathname = [](sqlite3_vfs*, const char* file, int bytes, char* out) {
    sqlite3_snprintf(bytes, out, "%s", file);
    return SQLITE_OK;
  };
  vfs_.xRandomness = [](sqlite3_vfs*, int bytes, char* out) {
    std::memset(out, 0, static_cast<std::size_t>(bytes));
    return bytes;
  };
  vfs_.xSleep = [](sqlite3_vfs*, int) { return 0; };
  vfs_.xCurrentTime = [](sqlite3_vfs*, double* days) {
    *days = 0;
    return SQLITE_OK;
  };
  vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs_, 0);  // where it fails, opening says "no such vfs"
}

SourceVfs::~SourceVfs() { sqlite3_vfs_unregister(&vfs_); }

void SourceVfs::walk_rows(bool walked) {
  database_.expect(walked ? Source::Access::scattered : Source::Access::in_order);
  rows_are_walked_ = walked;
}

std::optional<Error> SourceVfs::read_error() const {
  const std::lock_guard lock(mutex_);
  return read_error_;
}

int SourceVfs::open(sqlite3_vfs* vfs, const char*, sqlite3_file* file, int flags, int* out_flags) {
  auto& self = *static_cast<SourceVfs*>(vfs->pAppData);
  auto& opened = *reinterpret_cast<File*>(file);
  opened.base.pMethods = nullptr;
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) return SQLITE_CANTOPEN;  // no temporary files, no journals
  opened.vfs = &self;
  opened.source = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? &self.database_ : self.log_;
  opened.bytes = opened.source == nullptr ? 0 : opened.source->size();
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) opened.bytes = std::max(opened.bytes, self.declared_bytes_);
  opened.base.pMethods = &self.methods_;
  if (out_flags != nullptr) *out_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}

int SourceVfs::read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
  const auto& opened = *reinterpret_cast<File*>(file);
  const MutableBytes out(static_cast<std::byte*>(into), static_cast<std::size_t>(bytes));
  std::size_t done = 0;
  if (opened.source != nullptr) {
    auto got = opened.source->read_at(static_cast<std::uint64_t>(offset), out);
    if (!got) {
      const std::lock_guard lock(opened.vfs->mutex_);
      opened.vfs->read_error_ = std::move(got).error();
      return SQLITE_IOERR_READ;
    }
    done = *got;
  }
  std::memset(out.data() + done, 0, out.size() - done);
  const bool page = out.size() == opened.vfs->page_bytes_;
  if (page) empty_rows_beyond(opened.vfs->stored_bytes(), out);
  if (done < out.size()) return SQLITE_IOERR_SHORT_READ;
  if (page && opened.vfs->rows_are_walked_) announce_pages_below(*opened.source, out);
  return SQLITE_OK;
}

int SourceVfs::size(sqlite3_file* file, sqlite3_int64* bytes) {
  *bytes = static_cast<sqlite3_int64>(reinterpret_cast<const File*>(file)->bytes);
  return SQLITE_OK;
}

}  // namespace bagloom::bag
