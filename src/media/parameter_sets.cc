#include "media/parameter_sets.h"

#include <algorithm>
#include <array>
#include <optional>

#include "media/nal_bits.h"
#include "media/nal_units.h"
#include "media/obu_units.h"

namespace bagloom::media {
namespace {

constexpr int kVideo = 0, kSequence = 1, kPicture = 2;

/// A unit's bytes, without the zeros before the next start code.
Bytes trimmed(Bytes unit, std::size_t to_next) {
  Bytes bytes = unit.first(to_next);
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

void append(StreamCodec codec, Bytes set, std::vector<std::byte>& to) {
  constexpr std::array<std::byte, 4> kStart = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  if (codec != StreamCodec::av1) to.insert(to.end(), kStart.begin(), kStart.end());
  to.insert(to.end(), set.begin(), set.end());
}

}  // namespace

struct ParameterSets::Found {
  Key key;
  std::uint32_t refers = 0;
  Bytes bytes;
};

std::vector<ParameterSets::Found> ParameterSets::sets_in(StreamCodec codec, Bytes packet, Where where) {
  std::vector<Found> found;
  bool behind = false;
  if (codec == StreamCodec::av1) {
    ObuUnits units(packet);
    while (const auto unit = units.next()) {
      behind = behind || unit->type == kObuFrameHeader || unit->type == kObuFrame;
      if (behind && where == Where::before_picture) break;
      if (behind == (where == Where::behind_picture) && unit->type == kObuSequenceHeader && unit->sized)
        found.push_back({{kSequence, 0}, 0, unit->whole});
    }
    return found;
  }
  const bool h264 = codec == StreamCodec::h264;
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t header = as_u8(*unit)[0];
    const int type = h264 ? h264_type(header) : hevc_type(header);
    behind = behind || (h264 ? is_h264_slice(type) : is_hevc_slice(type));
    if (behind && where == Where::before_picture) break;
    if (behind != (where == Where::behind_picture)) continue;
    NalBits bits(*unit);
    Found set;
    if (h264 && type == 7) {
      bits.take(24);
      set.key = {kSequence, bits.number()};
    } else if (h264 && type == 8) {
      set.key = {kPicture, bits.number()};
      set.refers = bits.number();
    } else if (!h264 && type == 32) {
      bits.take(8);
      set.key = {kVideo, bits.take(4)};
    } else if (!h264 && type == 33) {
      set.refers = hevc_video_set(bits);
      set.key = {kSequence, bits.number()};
    } else if (!h264 && type == 34) {
      bits.take(8);
      set.key = {kPicture, bits.number()};
      set.refers = bits.number();
    } else {
      continue;
    }
    if (!bits.good()) continue;
    set.bytes = trimmed(*unit, units.to_next(*unit));
    found.push_back(set);
  }
  return found;
}

void ParameterSets::drop_what_refers_to(const Key& key) {
  for (auto at = sets_.begin(); at != sets_.end();) {
    if (at->first.first != key.first + 1 || at->second.refers != key.second) {
      ++at;
      continue;
    }
    const Key gone = at->first;
    bytes_ -= at->second.bytes.size();
    sets_.erase(at);
    drop_what_refers_to(gone);
    at = sets_.upper_bound(gone);
  }
}

void ParameterSets::take(const Found& found) {
  if (const auto known = sets_.find(found.key); known != sets_.end()) {
    const std::vector<std::byte>& bytes = known->second.bytes;
    if (as_text(Bytes(bytes)) == as_text(found.bytes)) return;
    bytes_ -= bytes.size();
    sets_.erase(known);
    drop_what_refers_to(found.key);
  }
  // A picture parameter set alone: the decoder refuses it.
  if (found.key.first == kPicture && !sets_.contains({kSequence, found.refers})) return;
  if (bytes_ + found.bytes.size() + 4 * (sets_.size() + 1) > kMostParameterSetBytes) return;
  sets_[found.key] = {{found.bytes.begin(), found.bytes.end()}, found.refers, true};
  bytes_ += found.bytes.size();
}

std::size_t ParameterSets::add(Bytes packet) {
  const std::vector<Found> found = sets_in(codec_, packet, Where::before_picture);
  for (const Found& set : found) take(set);
  return found.size();
}

bool ParameterSets::has_sequence() const {
  return std::any_of(sets_.begin(), sets_.end(), [](const auto& set) { return set.first.first == kSequence; });
}

std::vector<std::byte> ParameterSets::before(Bytes packet, bool keyframe) {
  const std::vector<Found> there = sets_in(codec_, packet, Where::before_picture);
  const auto stands_there = [&](const Key& key) {
    return std::any_of(there.begin(), there.end(), [&](const Found& set) { return set.key == key; });
  };
  bool missing = false;
  for (const auto& [key, set] : sets_) missing = missing || ((keyframe || set.apart) && !stands_there(key));
  std::vector<std::byte> before;
  for (auto& [key, set] : sets_) {
    // One that refers to another needs it before itself, also where that one stands in the packet.
    if (missing && (keyframe || (set.apart && !stands_there(key)))) append(codec_, set.bytes, before);
    set.apart = false;
  }
  for (const Found& set : sets_in(codec_, packet, Where::behind_picture)) take(set);
  return before;
}

std::vector<std::byte> sets_behind_picture(StreamCodec codec, Bytes packet) {
  std::vector<std::byte> sets;
  for (const auto& set : ParameterSets::sets_in(codec, packet, ParameterSets::Where::behind_picture))
    if (sets.size() + set.bytes.size() + 4 <= kMostParameterSetBytes) append(codec, set.bytes, sets);
  return sets;
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
  const std::size_t length = trimmed(*first, units.to_next(*first)).size();
  return static_cast<std::size_t>(first->data() - packet.data()) + length;
}

}  // namespace bagloom::media
