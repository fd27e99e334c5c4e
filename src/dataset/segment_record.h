// What stands in a segment's body: packets or references, then the facts. See unit_format.h for the frame around it.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "dataset/unit.h"

namespace bagloom::dataset {

enum class RecordKind : std::uint8_t { packet = 1, reference = 2 };

/// packet: kind u8, keyframe u8, bytes u32, then the bytes.
inline constexpr std::size_t kPacketHeadBytes = 6;
/// reference: kind u8, time i64, locator u64, connection u32, recording u32, offset u64, bytes u64.
inline constexpr std::size_t kReferenceBytes = 41;
/// codec, pix_fmt, extradata with their lengths, numbers, 3 x 256 counts, a line: no honest one comes near this.
inline constexpr std::uint64_t kMaxFactsBytes = 1024 * 1024;

std::vector<std::byte> encode_facts(const SegmentFacts& facts);
Result<SegmentFacts> decode_facts(Bytes bytes);

}  // namespace bagloom::dataset
