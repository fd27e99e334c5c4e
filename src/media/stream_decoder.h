// Packets of a video topic to pictures, strictly: what is not whole is an error, never a picture.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"
#include "media/stream_packet.h"

namespace bagloom::media {

/// What memory is laid out for.
struct StreamLimits {
  std::uint64_t pixels = 0;  ///< of a picture
  SequencePictures sequence = kMostOfAll;
  std::string remedy = {};  ///< where a stream needs more pictures
};

/// One libavcodec decoder (two where slices are arithmetic codes: whole_slices.h), one thread, bit exact. Not thread-safe.
///
/// Use: `push` the packets from a keyframe on and take pictures with `next` until it gives none, packet by packet; at the end
/// `finish`, and take the rest. A picture may come out packets after its own (B-frames, or a stream that does not say that it has
/// none), in the order of display. `restart` before another keyframe.
///
/// Damage: a packet that does not decode cleanly, that has not all slices of its picture or not all of their data, or whose
/// references are missing, is an error of `push` or `next`, and no picture is given of it nor of any after it until `restart`.
/// Those before it still come out. What cannot be seen: bits that are wrong and still decode, and a packet that is missing in an
/// AV1 stream (PacketFacts::follows tells).
class StreamDecoder {
 public:
  /// Larger pictures, and streams that need more of them at once, are refused (corrupt) before anything is allocated for them.
  /// Error: unsupported (this FFmpeg has no such decoder).
  static Result<StreamDecoder> open(StreamCodec codec, const StreamLimits& limits);

  /// `number` comes back with the packet's picture. `sets`: parameter sets that do not stand in it (parameter_sets.h).
  /// Errors: corrupt; over_limit.
  Status push(Bytes packet, std::uint64_t number, Bytes sets = {});
  /// No packet follows.
  Status finish();
  /// The next picture that is ready, written into `out`: planes in limited (or full) range, BT.601, 4:2:0 of 8 bits, whatever the
  /// stream has. Gives its packet's number, or nothing. Errors: corrupt (of the packet that was pushed last; said once).
  Result<std::optional<std::uint64_t>> next(Picture& out);
  /// The packet from which on nothing is given, after an error.
  std::optional<std::uint64_t> damaged() const;
  /// Forgets all packets.
  Status restart();

  ~StreamDecoder();
  StreamDecoder(StreamDecoder&&) noexcept;
  StreamDecoder& operator=(StreamDecoder&&) noexcept;

 private:
  struct State;
  explicit StreamDecoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Pictures that came before their turn and are held, as far as parameter sets alone tell (SequencePictures::overtaken may be
/// more).
inline constexpr std::uint32_t kFewHeld = 4;

/// Resident bytes that decoding a stream of this size may take: the decoder with the pictures that it keeps, one of ours, and
/// those that convert/stream_pictures.cc holds because they came before their turn.
std::uint64_t stream_decoder_bytes(StreamCodec codec, std::uint32_t width, std::uint32_t height,
                                   const SequencePictures& sequence);

}  // namespace bagloom::media
