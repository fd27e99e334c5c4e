#include "convert/stream_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "base/cursor.h"
#include "convert/durable_files.h"

namespace bagloom::convert {
namespace {

// A checksum and what the file is known by come last.
constexpr std::uint64_t kMagic = 0x376d7274736c6762ull;  // "bglstrm7"
constexpr std::uint32_t kUsable = 1, kRestart = 2, kReordered = 4, kSetsAlone = 8, kLeading = 16;
constexpr std::size_t kFlush = 64 * 1024;

/// What an entry is written as, in this order, each in its own size: one list for writing and reading.
template <class Entry, class Flags, class Visit>
constexpr void visit_fields(Entry& entry, Flags& flags, const Visit& visit) {
  visit(entry.ref.time);
  visit(entry.ref.locator);
  visit(entry.ref.connection);
  visit(flags);
  visit(entry.keyframe);
  visit(entry.sets_at);
  visit(entry.sets_bytes);
  visit(entry.width);
  visit(entry.height);
  visit(entry.pixel_bits);
  visit(entry.stamp);
}

/// StreamFacts::mismatch as numbers. What it says has 18 letters at most ("says jpeg, is h264").
struct MismatchNumbers {
  TimeNs time = 0;
  std::array<std::uint64_t, 3> what{};  ///< 0: no mismatch
};

MismatchNumbers to_numbers(const std::optional<media::FormatMismatch>& mismatch) {
  MismatchNumbers numbers;
  if (!mismatch) return numbers;
  numbers.time = mismatch->time;
  std::memcpy(numbers.what.data(), mismatch->what.data(), std::min(mismatch->what.size(), sizeof numbers.what));
  return numbers;
}

std::optional<media::FormatMismatch> from_numbers(const MismatchNumbers& numbers) {
  std::string what(sizeof numbers.what, '\0');
  std::memcpy(what.data(), numbers.what.data(), what.size());
  what.resize(std::min(what.find('\0'), what.size()));
  if (what.empty()) return std::nullopt;
  return media::FormatMismatch{numbers.time, std::move(what)};
}

/// The trailer's numbers, each of 8 bytes.
template <class Facts, class Count, class Mismatch, class Visit>
constexpr void visit_numbers(Facts& facts, Count& sets_bytes, Mismatch& mismatch, const Visit& visit) {
  visit(facts.codec);
  visit(facts.messages);
  visit(facts.keyframes);
  visit(facts.before_keyframe);
  visit(facts.without_picture);
  visit(facts.unreadable);
  visit(facts.after_unreadable);
  visit(facts.after_missing);
  visit(facts.sequence.kept);
  visit(facts.sequence.reordered);
  visit(facts.sequence.pixel_bits);
  visit(facts.sequence.arithmetic);
  visit(facts.sequence.overtaken);
  visit(facts.width);
  visit(facts.height);
  visit(facts.pixel_bits);
  visit(sets_bytes);
  visit(facts.index_mended);
  visit(facts.counts_to);
  visit(facts.behind_holes);
  visit(facts.in_holes);
  visit(facts.doubtful_holes);
  visit(facts.doubtful_pictures);
  visit(facts.doubtful_time);
  visit(facts.stamps_rise);
  visit(mismatch.time);
  for (auto& word : mismatch.what) visit(word);
}

constexpr std::size_t entry_bytes() {
  const StreamEntry entry;
  std::uint32_t flags = 0;
  std::size_t bytes = 0;
  visit_fields(entry, flags, [&](const auto& field) { bytes += sizeof field; });
  return bytes;
}
static_assert(entry_bytes() == kStreamEntryBytes);

constexpr std::size_t trailer_bytes() {
  const StreamFacts facts;
  const MismatchNumbers mismatch;
  std::uint64_t sets = 0;
  std::size_t numbers = 2;
  visit_numbers(facts, sets, mismatch, [&](const auto&) { ++numbers; });
  return numbers * sizeof(std::uint64_t);
}
constexpr std::size_t kTrailerBytes = trailer_bytes();
using TrailerBytes = std::array<std::byte, kTrailerBytes>;

template <class T>
void put(std::byte*& at, T value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

template <class T>
T take(Bytes& from) {
  const T value = Cursor::load<T>(from);
  from = from.subspan(sizeof value);
  return value;
}

/// The trailer without the checksum and the magic number.
Bytes numbers_of(const TrailerBytes& trailer) { return Bytes(trailer).first(trailer.size() - 2 * sizeof(std::uint64_t)); }

}  // namespace

StreamFileWriter::StreamFileWriter(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {
  buffer_.reserve(kFlush + kStreamEntryBytes);
}

StreamFileWriter::~StreamFileWriter() { ::close(descriptor_); }

Status StreamFileWriter::add_bytes(Bytes bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  hasher_.add(bytes);
  return buffer_.size() < kFlush ? Status() : flush();
}

Status StreamFileWriter::add(const StreamEntry& entry) {
  const std::uint32_t flags = (entry.usable ? kUsable : 0) | (entry.restart ? kRestart : 0) | (entry.reordered ? kReordered : 0) |
                              (entry.sets_alone ? kSetsAlone : 0) | (entry.leading ? kLeading : 0);
  std::array<std::byte, kStreamEntryBytes> bytes;
  std::byte* at = bytes.data();
  visit_fields(entry, flags, [&](const auto& field) { put(at, field); });
  return add_bytes(bytes);
}

Status StreamFileWriter::finish(const StreamFacts& facts, Bytes sets) {
  RETURN_IF_ERROR(add_bytes(sets));
  TrailerBytes trailer;
  std::byte* at = trailer.data();
  const std::uint64_t sets_bytes = sets.size();
  const MismatchNumbers mismatch = to_numbers(facts.mismatch);
  visit_numbers(facts, sets_bytes, mismatch, [&](const auto& number) { put(at, static_cast<std::uint64_t>(number)); });
  hasher_.add(numbers_of(trailer));
  put(at, hasher_.checksum());
  put(at, kMagic);
  buffer_.insert(buffer_.end(), trailer.begin(), trailer.end());
  return flush();
}

Status StreamFileWriter::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t n = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", errno).in(path_);
    done += static_cast<std::size_t>(n);
  }
  buffer_.clear();
  return {};
}

Result<StreamTrailer> read_stream_trailer(const Source& file) {
  const auto refuse = [&] { return Error(ErrorKind::corrupt, "is no index of a video topic").in(std::string(file.name())); };
  const std::uint64_t size = file.size();
  if (size < kTrailerBytes) return refuse();
  const std::uint64_t before = size - kTrailerBytes;
  TrailerBytes bytes;
  RETURN_IF_ERROR(file.read_exactly(before, bytes));
  StreamTrailer trailer;
  Bytes at(bytes);
  MismatchNumbers mismatch;
  visit_numbers(trailer.facts, trailer.sets_bytes, mismatch,
                [&](auto& number) { number = static_cast<std::remove_reference_t<decltype(number)>>(take<std::uint64_t>(at)); });
  trailer.facts.mismatch = from_numbers(mismatch);
  const auto checksum = take<std::uint64_t>(at), magic = take<std::uint64_t>(at);
  const std::uint64_t sets = trailer.sets_bytes;
  if (magic != kMagic || sets > before || (before - sets) % kStreamEntryBytes != 0 ||
      trailer.facts.messages != (before - sets) / kStreamEntryBytes)
    return refuse();
  Hasher hasher;
  std::vector<std::byte> block(kStreamEntryBytes * 1024);
  for (std::uint64_t done = 0; done < before;) {
    const auto part = MutableBytes(block).first(static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), before - done)));
    RETURN_IF_ERROR(file.read_exactly(done, part));
    hasher.add(part);
    done += part.size();
  }
  hasher.add(numbers_of(bytes));
  if (hasher.checksum() != checksum) return refuse();
  return trailer;
}

Result<StreamEntry> read_stream_entry(const Source& file, std::uint64_t number) {
  std::array<std::byte, kStreamEntryBytes> bytes;
  RETURN_IF_ERROR(file.read_exactly(number * kStreamEntryBytes, bytes));
  StreamEntry entry;
  std::uint32_t flags = 0;
  Bytes at(bytes);
  visit_fields(entry, flags, [&](auto& field) { field = take<std::remove_reference_t<decltype(field)>>(at); });
  entry.usable = (flags & kUsable) != 0;
  entry.restart = (flags & kRestart) != 0;
  entry.reordered = (flags & kReordered) != 0;
  entry.sets_alone = (flags & kSetsAlone) != 0;
  entry.leading = (flags & kLeading) != 0;
  return entry;
}

}  // namespace bagloom::convert
