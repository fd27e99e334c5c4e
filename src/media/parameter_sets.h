// The parameter sets of a video topic that are in force at each of its packets: encoders may send them once, so that decoding
// which begins at a later keyframe has to be given them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "media/packet_sets.h"

namespace bagloom::media {

/// Looks at the packets of one stream in order, and holds each set by its kind and id. A set that changes takes those with it
/// that refer to it, as in libav's decoders.
class ParameterSets {
 public:
  explicit ParameterSets(StreamCodec codec) : codec_(codec) {}

  /// Takes the sets that stand in a packet before its picture. Gives how many stand there. Those behind it belong to the next
  /// picture: `before` takes them.
  std::size_t add(const PacketSets& packet);
  /// A sequence parameter set or a sequence header is known.
  bool has_sequence() const;
  /// For a packet with a picture, after `add` took it: what has to be given to a decoder before it, as start codes and units, or
  /// OBUs. At a keyframe all that are in force, unless they stand in the packet; else those that came or changed behind the last
  /// packet's picture, or in packets without one since. Call it for each packet with a picture, in order.
  std::vector<std::byte> before(const PacketSets& packet, bool keyframe);

 private:
  struct Set {
    std::vector<std::byte> bytes;  ///< without start code
    std::uint32_t refers = 0;      ///< id of the set that it builds upon
    bool apart = false;            ///< changed since the last picture
  };
  void take(const ParameterSet& found);
  void drop_what_refers_to(const ParameterSetKey& key);

  StreamCodec codec_;
  std::map<ParameterSetKey, Set> sets_;
  std::size_t bytes_ = 0;
};

}  // namespace bagloom::media
