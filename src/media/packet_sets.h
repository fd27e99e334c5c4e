// The parameter sets that stand in one packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace bagloom::media {

enum class StreamCodec : std::uint8_t;

/// Bytes of sets that are held; real streams have some hundred. What is beyond is not taken.
inline constexpr std::size_t kMostParameterSetBytes = 64 * 1024;
/// Sets of one packet that are looked at: H.264 has 288 ids, H.265 96. A packet of nothing else would take six times its size.
inline constexpr std::size_t kMostSetsOfPacket = 1024;

/// Which of a stream's sets: its kind and its id. Each kind builds upon the one before it.
using ParameterSetKey = std::pair<int, std::uint32_t>;
inline constexpr int kVideoSet = 0, kSequenceSet = 1, kPictureSet = 2;

struct ParameterSet {
  ParameterSetKey key;
  std::uint32_t refers = 0;  ///< id of the set that it builds upon
  Bytes bytes;               ///< in the packet, without start code
};

/// Of H.264 sequence and picture parameter sets, of H.265 also video parameter sets; of AV1 the sequence header. Those behind the
/// picture belong to the next one.
struct PacketSets {
  std::vector<ParameterSet> before_picture, behind_picture;
};
/// Walks through the whole packet, which has to outlive what is given, or through its first kMostSetsOfPacket sets.
PacketSets sets_in(StreamCodec codec, Bytes packet);

/// Appends one as a decoder takes it: a start code and the unit, or the OBU.
void append_set(StreamCodec codec, Bytes set, std::vector<std::byte>& to);
/// All of them so, as many as kMostParameterSetBytes hold.
std::vector<std::byte> joined(StreamCodec codec, const std::vector<ParameterSet>& sets);

/// Where sets from elsewhere go in a packet: behind the unit that begins it (an access unit delimiter, a temporal delimiter).
std::size_t place_of_sets(StreamCodec codec, Bytes packet);

}  // namespace bagloom::media
