#include "convert/keyframe_pass.h"

#include <algorithm>
#include <span>

#include "convert/pictures.h"
#include "convert/task_messages.h"
#include "recipe/connection_definition.h"

namespace bagloom::convert {

constexpr std::uint64_t kNone = ~std::uint64_t{0};

KeyframePass::KeyframePass(const Recording& recording, std::uint32_t column, media::StreamCodec codec, media::PacketParser parser)
    : recording_(recording), column_(column), parser_(std::move(parser)), sets_(codec), keyframe_(kNone) {
  facts_.codec = codec;
  compile_stamps();
}

// The time at which the picture was taken jitters less than that of its arrival. Of JSON and protobuf it would be parsed twice.
void KeyframePass::compile_stamps() {
  const auto& connections = recording_.reader->info().connections;
  stamps_.resize(connections.size());
  for (std::size_t i = 0; i < connections.size(); ++i) {
    if (recording_.extractors[column_].pictures[i] == nullptr) continue;
    const auto definition = recipe::definition_of(connections[i], *recording_.definitions);
    if (!definition || msg::is_tagged((*definition)->wire)) continue;
    for (const char* const path : {"header.stamp", "timestamp"}) {
      msg::NumberSelection selection;
      selection.path = *msg::parse_field_path(path);
      if (auto stamp = msg::NumberExtractor::compile(*definition, {selection}); stamp && stamp->width() == 1)
        stamps_[i] = std::make_unique<const msg::NumberExtractor>(std::move(*stamp));
    }
  }
}

bool KeyframePass::keep(const std::vector<std::byte>& sets, StreamEntry& entry) {
  if (sets.empty()) return true;
  const std::string_view text = as_text(Bytes(sets));
  auto place = places_.find(text);
  if (place == places_.end()) {
    if (sets.size() > kMostKeptSets - kept_.size()) return false;
    place = places_.emplace(text, static_cast<std::uint32_t>(kept_.size())).first;
    kept_.insert(kept_.end(), sets.begin(), sets.end());
  }
  entry.sets_at = place->second;
  entry.sets_bytes = static_cast<std::uint32_t>(sets.size());
  return true;
}

Result<media::PacketFacts> KeyframePass::look_into(const MessageRef& ref, StreamEntry& entry) {
  auto payload = recording_.reader->fetch(ref);
  if (!payload) {
    if (payload.error().kind() == ErrorKind::io) return Error(ErrorKind::unreadable, payload.error().text());
    return std::move(payload).error();
  }
  ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(recording_, column_, ref, payload->bytes));
  if (picture.data.empty()) return Error(ErrorKind::corrupt, "an empty message");
  media::PacketFacts packet = parser_.parse(picture.data);
  formats_.look_at_packet(picture, facts_.codec, ref.time);
  if (!facts_.mismatch && formats_.first()) facts_.mismatch = formats_.first();
  if (const auto& stamp = stamps_[ref.connection]; stamp != nullptr) {
    double seconds = 0;
    constexpr double kMostSeconds = 9e9;
    if (stamp->run(payload->bytes, std::span(&seconds, 1)) && seconds > 0 && seconds < kMostSeconds)
      entry.stamp = static_cast<TimeNs>(seconds * 1e9);
  }
  const std::size_t sets = sets_.add(packet.sets);
  packet.keyframe = packet.keyframe && sets_.has_sequence();
  if (!packet.picture) {
    entry.sets_alone = sets > 0;
  } else {
    const auto sets_before = sets_.before(packet.sets, packet.keyframe);
    packet.sequence = most_of(packet.sequence, sequence_pictures(facts_.codec, sets_before));
    if (!keep(sets_before, entry)) packet.keyframe = false;
  }
  packet.sets = {};  // their bytes go with the payload
  return packet;
}

Result<StreamEntry> KeyframePass::look_at(const MessageRef& ref) {
  StreamEntry entry;
  entry.ref = ref;
  const std::uint64_t number = facts_.messages++;
  const auto packet = look_into(ref, entry);
  if (!packet) {
    if (!concerns_message(packet.error())) return packet.error();
    ++facts_.unreadable;
    broken_ = true;
    missing_ = false;
  } else {
    if (packet->keyframe) {
      facts_.sequence = most_of(facts_.sequence, packet->sequence);
      if (facts_.keyframes == 0) {
        facts_.width = packet->width;
        facts_.height = packet->height;
        facts_.pixel_bits = packet->sequence.pixel_bits;
      }
      broken_before_ = broken_ || keyframe_ == kNone || packet->restart;
      missing_before_ = missing_ || packet->restart;
      keyframe_ = number;
      broken_ = missing_ = false;
      ++facts_.keyframes;
      entry.restart = packet->restart;
      entry.width = packet->width;
      entry.height = packet->height;
      entry.pixel_bits = packet->sequence.pixel_bits;
    } else if (!packet->follows && !broken_) {
      broken_ = missing_ = true;
    }
    facts_.sequence.overtaken = std::max(facts_.sequence.overtaken, packet->sequence.overtaken);
    entry.reordered = packet->reordered;
    entry.leading = packet->leading;
    if (packet->counts_to > 0 && (facts_.counts_to == 0 || packet->counts_to < facts_.counts_to))
      facts_.counts_to = packet->counts_to;
    // What follows a nonsense message may not refer to it: the decoder says it, and what the stream counts.
    if (!packet->picture)
      ++(packet->nonsense ? facts_.unreadable : facts_.without_picture);
    else if (keyframe_ == kNone || (packet->leading && facts_.keyframes == 1))
      ++facts_.before_keyframe;
    else if (broken_ || (packet->leading && broken_before_))
      ++((broken_ ? missing_ : missing_before_) ? facts_.after_missing : facts_.after_unreadable);
    else
      entry.usable = true;
    if (packet->picture) {
      facts_.stamps_rise = facts_.stamps_rise && entry.stamp > last_stamp_;
      last_stamp_ = entry.stamp;
    }
  }
  entry.keyframe = keyframe_;
  return entry;
}

}  // namespace bagloom::convert
