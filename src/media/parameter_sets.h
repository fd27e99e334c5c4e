// The parameter sets of a video topic that are in force at each of its packets: encoders may send them once, so that decoding
// which begins at a later keyframe has to be given them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "media/stream_packet.h"

namespace bagloom::media {

/// Bytes of sets that are held; real streams have some hundred. What is beyond is not taken.
inline constexpr std::size_t kMostParameterSetBytes = 64 * 1024;

/// Looks at the packets of one stream in order. Of H.264 sequence and picture parameter sets, of H.265 also video parameter sets,
/// each by its id; of AV1 the sequence header. A set that changes takes those with it that refer to it, as in libav's decoders.
class ParameterSets {
 public:
  explicit ParameterSets(StreamCodec codec) : codec_(codec) {}

  /// Takes the sets that stand in a packet before its picture. Gives how many stand there. Those behind it belong to the next
  /// picture: `before` takes them.
  std::size_t add(Bytes packet);
  /// A sequence parameter set or a sequence header is known.
  bool has_sequence() const;
  /// For a packet with a picture, after `add` took it: what has to be given to a decoder before it, as start codes and units, or
  /// OBUs. At a keyframe all that are in force, unless they stand in the packet; else those that came or changed behind the last
  /// packet's picture, or in packets without one since. Call it for each packet with a picture, in order.
  std::vector<std::byte> before(Bytes packet, bool keyframe);

 private:
  struct Set {
    std::vector<std::byte> bytes;  ///< without start code
    std::uint32_t refers = 0;      ///< id of the set that it builds upon
    bool apart = false;            ///< changed since the last picture
  };
  using Key = std::pair<int, std::uint32_t>;  ///< kind (video, sequence, picture), id

  struct Found;
  enum class Where { before_picture, behind_picture };
  static std::vector<Found> sets_in(StreamCodec codec, Bytes packet, Where where);
  void take(const Found& found);
  void drop_what_refers_to(const Key& key);
  friend std::vector<std::byte> sets_behind_picture(StreamCodec codec, Bytes packet);

  StreamCodec codec_;
  std::map<Key, Set> sets_;
  std::size_t bytes_ = 0;
};

/// Sets that stand in a packet behind its picture, as start codes and units, or OBUs; at most kMostParameterSetBytes.
std::vector<std::byte> sets_behind_picture(StreamCodec codec, Bytes packet);

/// Where sets from elsewhere go in a packet: behind the unit that begins it (an access unit delimiter, a temporal delimiter).
std::size_t place_of_sets(StreamCodec codec, Bytes packet);

}  // namespace bagloom::media
