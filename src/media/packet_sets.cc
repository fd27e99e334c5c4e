#include "media/packet_sets.h"

#include <array>
#include <optional>

#include "media/nal_bits.h"
#include "media/nal_units.h"
#include "media/obu_units.h"
#include "media/sequence_set.h"
#include "media/stream_packet.h"

namespace bagloom::media {
namespace {

/// The unit that was given last, without the zeros before the next start code.
Bytes trimmed(Bytes unit, NalUnits& units) {
  Bytes bytes = unit.first(units.to_next());
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

/// The set's key and what it refers to, without its bytes. Nothing: another unit, or its id cannot be read.
std::optional<ParameterSet> read_h264_set(int type, Bytes unit) {
  if (type == kH264SequenceSet) {
    const auto id = read_h264_sequence_set(unit).id;
    return id ? std::optional<ParameterSet>({{kSequenceSet, *id}, 0, {}}) : std::nullopt;
  }
  if (type != kH264PictureSet) return std::nullopt;
  const H264PictureSet set = read_h264_picture_set(unit);
  return set.id ? std::optional<ParameterSet>({{kPictureSet, *set.id}, set.sequence_set, {}}) : std::nullopt;
}

std::optional<ParameterSet> read_hevc_set(int type, Bytes unit) {
  if (type == kHevcSequenceSet) {
    const HevcSequenceSet set = read_hevc_sequence_set(unit);
    return set.id ? std::optional<ParameterSet>({{kSequenceSet, *set.id}, set.video_set, {}}) : std::nullopt;
  }
  if (type != kHevcVideoSet && type != kHevcPictureSet) return std::nullopt;
  NalBits bits(unit);
  bits.take(8);
  ParameterSet set;
  if (type == kHevcVideoSet) {
    set.key = {kVideoSet, bits.take(4)};
  } else {
    set.key = {kPictureSet, bits.number()};
    set.refers = bits.number();
  }
  return bits.good() ? std::optional(set) : std::nullopt;
}

bool is_full(const PacketSets& sets) { return sets.before_picture.size() + sets.behind_picture.size() >= kMostSetsOfPacket; }

PacketSets obu_sets(Bytes packet) {
  PacketSets sets;
  bool behind = false;
  ObuUnits units(packet);
  while (!is_full(sets)) {
    const auto unit = units.next();
    if (!unit) break;
    behind = behind || unit->type == kObuFrameHeader || unit->type == kObuFrame;
    if (unit->type == kObuSequenceHeader && unit->sized)
      (behind ? sets.behind_picture : sets.before_picture).push_back({{kSequenceSet, 0}, 0, unit->whole});
  }
  return sets;
}

}  // namespace

PacketSets sets_in(StreamCodec codec, Bytes packet) {
  if (codec == StreamCodec::av1) return obu_sets(packet);
  PacketSets sets;
  bool behind = false;
  NalUnits units(packet);
  while (!is_full(sets)) {
    const auto unit = units.next();
    if (!unit) break;
    const std::uint8_t header = as_u8(*unit)[0];
    const bool h264 = codec == StreamCodec::h264;
    const int type = h264 ? h264_type(header) : hevc_type(header);
    behind = behind || (h264 ? is_h264_slice(type) : is_hevc_slice(type));
    auto set = h264 ? read_h264_set(type, *unit) : read_hevc_set(type, *unit);
    if (!set) continue;
    set->bytes = trimmed(*unit, units);
    (behind ? sets.behind_picture : sets.before_picture).push_back(*set);
  }
  return sets;
}

void append_set(StreamCodec codec, Bytes set, std::vector<std::byte>& to) {
  constexpr std::array<std::byte, 4> kStart = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  if (codec != StreamCodec::av1) to.insert(to.end(), kStart.begin(), kStart.end());
  to.insert(to.end(), set.begin(), set.end());
}

std::vector<std::byte> joined(StreamCodec codec, const std::vector<ParameterSet>& sets) {
  std::vector<std::byte> bytes;
  for (const ParameterSet& set : sets)
    if (bytes.size() + set.bytes.size() + 4 <= kMostParameterSetBytes) append_set(codec, set.bytes, bytes);
  return bytes;
}

std::size_t place_of_sets(StreamCodec codec, Bytes packet) {
  if (codec == StreamCodec::av1) {
    ObuUnits units(packet);
    const auto first = units.next();
    return first && first->type == kObuTemporalDelimiter ? first->whole.size() : 0;
  }
  NalUnits units(packet);
  const auto first = units.next();
  if (!first) return 0;
  const std::uint8_t header = as_u8(*first)[0];
  if (codec == StreamCodec::h264 ? h264_type(header) != 9 : hevc_type(header) != 35) return 0;
  const std::size_t length = trimmed(*first, units).size();
  return static_cast<std::size_t>(first->data() - packet.data()) + length;
}

}  // namespace bagloom::media
