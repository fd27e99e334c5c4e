#include "media/parameter_sets.h"

#include <algorithm>

namespace bagloom::media {

void ParameterSets::drop_what_refers_to(const ParameterSetKey& key) {
  for (auto at = sets_.begin(); at != sets_.end();) {
    if (at->first.first != key.first + 1 || at->second.refers != key.second) {
      ++at;
      continue;
    }
    const ParameterSetKey gone = at->first;
    bytes_ -= at->second.bytes.size();
    sets_.erase(at);
    drop_what_refers_to(gone);
    at = sets_.upper_bound(gone);
  }
}

void ParameterSets::take(const ParameterSet& found) {
  if (const auto known = sets_.find(found.key); known != sets_.end()) {
    const std::vector<std::byte>& bytes = known->second.bytes;
    if (as_text(Bytes(bytes)) == as_text(found.bytes)) return;
    bytes_ -= bytes.size();
    sets_.erase(known);
    drop_what_refers_to(found.key);
  }
  // A picture parameter set alone: the decoder refuses it.
  if (found.key.first == kPictureSet && !sets_.contains({kSequenceSet, found.refers})) return;
  if (bytes_ + found.bytes.size() + 4 * (sets_.size() + 1) > kMostParameterSetBytes) return;
  sets_[found.key] = {{found.bytes.begin(), found.bytes.end()}, found.refers, true};
  bytes_ += found.bytes.size();
}

std::size_t ParameterSets::add(const PacketSets& packet) {
  for (const ParameterSet& set : packet.before_picture) take(set);
  return packet.before_picture.size();
}

bool ParameterSets::has_sequence() const {
  return std::any_of(sets_.begin(), sets_.end(), [](const auto& set) { return set.first.first == kSequenceSet; });
}

std::vector<std::byte> ParameterSets::before(const PacketSets& packet, bool keyframe) {
  const std::vector<ParameterSet>& there = packet.before_picture;
  const auto stands_there = [&](const ParameterSetKey& key) {
    return std::any_of(there.begin(), there.end(), [&](const ParameterSet& set) { return set.key == key; });
  };
  bool missing = false;
  for (const auto& [key, set] : sets_) missing = missing || ((keyframe || set.apart) && !stands_there(key));
  std::vector<std::byte> before;
  for (auto& [key, set] : sets_) {
    // One that refers to another needs it before itself, also where that one stands in the packet.
    if (missing && (keyframe || (set.apart && !stands_there(key)))) append_set(codec_, set.bytes, before);
    set.apart = false;
  }
  for (const ParameterSet& set : packet.behind_picture) take(set);
  return before;
}

}  // namespace bagloom::media
