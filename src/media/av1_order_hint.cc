#include "media/av1_order_hint.h"

#include "media/obu_units.h"

namespace bagloom::media {
namespace {

// Before a stream counts as one that numbers its pictures one by one; and as often again for each number that was another before.
constexpr std::uint64_t kSteady = 8;

constexpr std::uint32_t kKeyFrame = 0, kIntraOnlyFrame = 2, kSwitchFrame = 3;

}  // namespace

// AV1 specification 5.5.1.
std::optional<Av1OrderHints::Sequence> Av1OrderHints::read_sequence(Bytes payload) {
  ObuBits bits(payload);
  Sequence sequence;
  bits.take(4);                                // profile, still picture
  if (bits.take(1) != 0) return std::nullopt;  // reduced header: one picture
  int delay_bits = 0;
  bool& model = sequence.decoder_model;
  if (bits.take(1) != 0) {  // timing
    bits.take(32);
    bits.take(32);
    const bool equal = bits.take(1) != 0;
    if (equal) bits.uvlc();
    model = bits.take(1) != 0;
    if (model) {
      delay_bits = static_cast<int>(bits.take(5)) + 1;
      bits.take(32);
      bits.take(5);
      const int presentation = static_cast<int>(bits.take(5)) + 1;
      if (!equal) sequence.presentation_bits = presentation;
    }
  }
  const bool display_delay = bits.take(1) != 0;
  const std::uint32_t more_points = bits.take(5);
  for (std::uint32_t i = 0; i <= more_points && bits.good(); ++i) {
    bits.take(12);
    if (bits.take(5) > 7) bits.take(1);
    if (model && bits.take(1) != 0) {
      bits.take(delay_bits);
      bits.take(delay_bits);
      bits.take(1);
    }
    if (display_delay && bits.take(1) != 0) bits.take(4);
  }
  const int width_bits = static_cast<int>(bits.take(4)) + 1, height_bits = static_cast<int>(bits.take(4)) + 1;
  bits.take(width_bits);
  bits.take(height_bits);
  if (bits.take(1) != 0) {
    const std::uint32_t delta_bits = bits.take(4) + 2;
    sequence.frame_id_bits = static_cast<int>(delta_bits + bits.take(3) + 1);
  }
  bits.take(7);  // blocks, intra tools, inter tools
  const bool numbers = bits.take(1) != 0;
  if (numbers) bits.take(2);
  sequence.choose_screen_content = bits.take(1) != 0;
  sequence.screen_content = sequence.choose_screen_content || bits.take(1) != 0;
  sequence.choose_integer_motion = true;
  if (sequence.screen_content) {
    sequence.choose_integer_motion = bits.take(1) != 0;
    if (!sequence.choose_integer_motion) bits.take(1);
  }
  if (numbers) sequence.hint_bits = static_cast<int>(bits.take(3)) + 1;
  return bits.good() ? std::optional(sequence) : std::nullopt;
}

// AV1 specification 5.9.2, as far as refresh_frame_flags, and 7.20 and 7.21.
std::optional<Av1OrderHints::Frame> Av1OrderHints::read_frame(Bytes payload, bool& shown) {
  const Sequence& sequence = *sequence_;
  ObuBits bits(payload);
  shown = true;
  if (bits.take(1) != 0) {
    const auto frame = kept_[bits.take(3)];
    if (frame && frame->key) kept_.fill(frame);
    return frame;
  }
  const std::uint32_t type = bits.take(2);
  shown = bits.take(1) != 0;
  if (shown)
    bits.take(sequence.presentation_bits);
  else
    bits.take(1);  // may be shown later
  const bool anew = type == kSwitchFrame || (type == kKeyFrame && shown);
  const bool resilient = anew || bits.take(1) != 0;
  bits.take(1);
  const bool screen_content = sequence.choose_screen_content ? bits.take(1) != 0 : sequence.screen_content;
  if (screen_content && sequence.choose_integer_motion) bits.take(1);
  bits.take(sequence.frame_id_bits);
  if (type != kSwitchFrame) bits.take(1);  // another size
  const Frame frame = {type == kKeyFrame, bits.take(sequence.hint_bits)};
  const bool makes_sense = bits.good();
  if (!resilient && type != kKeyFrame && type != kIntraOnlyFrame) bits.take(3);
  // With a decoder model times stand here, of as many layers as there are: which frames are kept is not known then.
  const std::uint32_t kept = anew || sequence.decoder_model ? 255 : bits.take(8);
  const bool known = makes_sense && bits.good() && (anew || !sequence.decoder_model);
  // A keyframe that was shown is never shown again: who does has lost the frame that should stand there.
  const Frame later = {frame.key && !shown, frame.number};
  for (std::size_t i = 0; i < kept_.size(); ++i)
    if ((kept >> i & 1) != 0) kept_[i] = known ? std::optional(later) : std::nullopt;
  return makes_sense && shown ? std::optional(frame) : std::nullopt;
}

bool Av1OrderHints::follows(Bytes packet) {
  std::optional<Frame> frame;
  int pictures = 0;
  ObuUnits units(packet);
  while (const auto unit = units.next()) {
    if (unit->type == kObuSequenceHeader) sequence_ = read_sequence(unit->payload);
    if (unit->type != kObuFrame && unit->type != kObuFrameHeader) continue;
    bool shown = true;
    const auto read = sequence_ && sequence_->hint_bits > 0 ? read_frame(unit->payload, shown) : std::nullopt;
    if (!shown) continue;
    ++pictures;
    frame = read;
  }
  if (pictures == 0) return true;
  const std::optional<std::uint32_t> before = last_;
  last_.reset();
  if (pictures > 1 || !frame || !units.good()) return true;
  last_ = frame->number;
  if (frame->key || !before) return true;
  if (frame->number == ((*before + 1) & ((1u << sequence_->hint_bits) - 1))) {
    ++steady_;
    return true;
  }
  if (steady_ >= kSteady * (1 + odd_)) return false;
  ++odd_;
  return true;
}

}  // namespace bagloom::media
