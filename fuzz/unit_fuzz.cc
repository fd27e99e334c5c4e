// Both readers of staged units. A trailer that holds is put behind the input, so that the fuzzer gets past the checksum; the
// first byte chooses the reader and whether the input is taken as it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "allocation_cap.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace {

using namespace bagloom;
using namespace bagloom::dataset;

std::unique_ptr<Source> unit_of(Bytes input, std::string_view magic, bool sealed, std::uint64_t facts_offset) {
  std::vector<std::byte> bytes;
  if (sealed) {
    bytes.assign(as_bytes(magic).begin(), as_bytes(magic).end());
    append_number(bytes, kUnitVersion);
  }
  bytes.insert(bytes.end(), input.begin(), input.end());
  if (sealed) {
    const auto trailer = unit_trailer(bytes, facts_offset);
    bytes.insert(bytes.end(), trailer.begin(), trailer.end());
  }
  return std::make_unique<MemorySource>("fuzz", std::move(bytes));
}

/// The input three times as this harness makes a unit of it, then its numbers or a packet.
constexpr fuzz::Allowance kAllowance{"unit", 4 * 1024, 12};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::AllocationCap cap(kAllowance, size);
  if (size < 5) return 0;
  const Bytes input(reinterpret_cast<const std::byte*>(data) + 5, size - 5);
  const bool rows = data[0] & 1, sealed = data[0] & 2;
  if (rows) {
    const auto block = read_row_block(*unit_of(input, kRowBlockMagic, sealed, 0));
    if (block.ok() && block->rows() * block->width != block->values.size()) std::abort();
    return 0;
  }
  const std::uint64_t facts_offset = data[1] | data[2] << 8 | data[3] << 16 | std::uint64_t{data[4]} << 24;
  auto reader = SegmentReader::open(unit_of(input, kSegmentMagic, sealed, facts_offset));
  if (!reader.ok()) return 0;
  std::uint64_t frames = 0, bytes = 0;
  const Status status = (*reader)->visit([&](const SegmentReader::Entry& entry) -> Status {
    ++frames;
    bytes += entry.bytes;
    if (!(*reader)->facts().by_reference && entry.packet.bytes.size() != entry.bytes) std::abort();
    return {};
  });
  // What is accepted is what the facts say.
  if (status.ok() && (frames != (*reader)->facts().frames || bytes != (*reader)->facts().packet_bytes)) std::abort();
  return 0;
}
