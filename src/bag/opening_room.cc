#include "bag/opening_room.h"

#include <algorithm>

#include "bag/inflate.h"
#include "bag/layout.h"

namespace bagloom::bag {
namespace {

/// A vector that has grown is half empty at most; a scan takes the entries of a chunk apart.
constexpr std::uint64_t kKeptEntryBytes = 2 * sizeof(ChunkEntry);
constexpr std::uint64_t kScannedEntryBytes = 7 * sizeof(ChunkEntry);

}  // namespace

bool OpeningRoom::may_take(std::uint64_t held, std::uint64_t bytes) {
  if (most_ == 0 || held + expected_ + bytes <= most_) return true;
  refused_ = std::max(refused_, bytes);
  return false;
}

void OpeningRoom::walked(std::uint64_t messages, std::uint64_t bytes) {
  walked_messages_ += messages;
  walked_bytes_ += bytes;
}

Status OpeningRoom::look_at_beginning(const Source& source, const Chunk& chunk,
                                      const std::function<Result<std::size_t>(ReadAhead& window)>& walk) {
  constexpr std::uint64_t kBeginning = 256 * 1024;
  if (density_is_known()) return {};
  Compressed part = compressed(chunk);
  part.partial = true;
  part.bytes = std::min(part.bytes, kBeginning);
  auto inflated = inflate(source, part);
  if (!inflated.ok()) return inflated.error().kind() == ErrorKind::corrupt ? Status() : Status(std::move(inflated).error());
  const ViewSource view(*inflated);
  ReadAhead window(view, view.size(), 4096);
  ASSIGN_OR_RETURN(const std::size_t messages, walk(window));
  walked(messages, inflated->size());
  return {};
}

void OpeningRoom::expect_entries_of(std::uint64_t chunk_bytes) {
  const double density =
      static_cast<double>(walked_messages_ + 1) / static_cast<double>(std::max<std::uint64_t>(walked_bytes_, 1));
  const auto messages = static_cast<std::uint64_t>(std::min(density, 0.02) * static_cast<double>(chunk_bytes));
  expected_ += messages * kKeptEntryBytes;
  expected_largest_ = std::max(expected_largest_, messages);
}

Status OpeningRoom::check(std::uint64_t held, double share) const {
  OpenOptions limits;
  limits.memory_bytes = most_;
  Status fits = check_index_bytes(held + expected_, share, limits);
  if (fits.ok()) return fits;
  const std::uint64_t index = fits.error().smallest_limit_bytes();
  return std::move(fits).error().needing(index + refused_);
}

Status OpeningRoom::refusal(std::uint64_t held) const {
  if (refused_ == 0) return {};
  const std::uint64_t bytes = held + expected_ + std::max(refused_, expected_largest_ * kScannedEntryBytes);
  return Error(ErrorKind::over_limit,
               "reading through its chunks takes more memory than there is: about " + std::to_string((bytes >> 20) + 1) + " MiB")
      .needing(bytes);
}

}  // namespace bagloom::bag
