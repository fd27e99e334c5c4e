#include "convert/stream_pictures.h"

#include <algorithm>

#include "convert/pictures.h"
#include "convert/recording.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

constexpr char kAfterDamage[] = "needs a message before it that is damaged or missing";

}  // namespace

StreamPictures::StreamPictures(const Recording& recording, std::uint32_t column, const media::StreamLimits& limits, Fetch fetch)
    : recording_(recording), column_(column), limits_(limits), fetch_(std::move(fetch)), index_(*recording.streams[column]) {}

Status StreamPictures::want(const std::vector<align::Cell>& cells) {
  wanted_.clear();
  for (const align::Cell& cell : cells) {
    if (!cell.first.valid()) continue;
    ASSIGN_OR_RETURN(const std::uint64_t number, index_.find(cell.first));
    wanted_.push_back(number);
  }
  std::sort(wanted_.begin(), wanted_.end());
  wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
  return {};
}

bool StreamPictures::is_wanted(std::uint64_t number) const { return std::binary_search(wanted_.begin(), wanted_.end(), number); }

/// The run goes up to the last message that is wanted before the next keyframe, and where leading pictures of that are wanted, up
/// to the last of these.
Status StreamPictures::extend(std::uint64_t keyframe) {
  group_ = keyframe;
  bool over = false;
  for (auto number = std::lower_bound(wanted_.begin(), wanted_.end(), keyframe); number != wanted_.end(); ++number) {
    ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(*number));
    ASSIGN_OR_RETURN(const std::uint64_t begin, index_.begin_of(entry));
    if (entry.keyframe == keyframe || begin == keyframe) {
      stop_ = std::max(stop_, *number);
    } else {
      // The keyframe itself may be wanted too.
      if (over) break;
      over = true;
    }
  }
  return {};
}

Status StreamPictures::start(std::uint64_t begin) {
  keyframe_ = begin;
  next_ = stop_ = begin;
  finished_ = exhausted_ = false;
  damaged_.reset();
  pending_.clear();
  held_.clear();
  RETURN_IF_ERROR(extend(begin));
  if (decoder_) {
    RETURN_IF_ERROR(decoder_->restart());
  } else {
    ASSIGN_OR_RETURN(decoder_, media::StreamDecoder::open(index_.facts().codec, limits_));
  }
  return {};
}

Status StreamPictures::lose_from(std::uint64_t number, const std::string& reason) {
  if (damaged_) return {};
  damaged_ = number;
  ASSIGN_OR_RETURN(const StreamEntry first, index_.entry(number));
  ASSIGN_OR_RETURN(const std::uint64_t end, index_.next_keyframe(number));
  for (std::uint64_t at = number; at < index_.facts().messages; ++at) {
    ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(at));
    // Nothing but leading pictures refers to a leading one; those of the next keyframe refer to what stands before it.
    if (at > end && !entry.leading) break;
    const bool refers = first.leading ? at < end && entry.leading : at < end || entry.leading;
    if (entry.usable && refers) lost_.push_back({entry.ref, at == number ? reason : kAfterDamage});
  }
  return {};
}

/// No picture came of messages that were read, and nothing said why: one before them is missing.
Status StreamPictures::lose_rest(const std::string& reason) {
  exhausted_ = true;
  if (damaged_) return {};
  for (const std::uint64_t number : pending_) {
    ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(number));
    lost_.push_back({entry.ref, reason});
  }
  ASSIGN_OR_RETURN(const std::uint64_t end, index_.next_keyframe(std::max(*keyframe_ + 1, next_) - 1));
  for (std::uint64_t at = next_; at < end; ++at) {
    ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(at));
    if (entry.usable) lost_.push_back({entry.ref, reason});
  }
  return {};
}

/// Reads the next message into the decoder.
Status StreamPictures::feed() {
  const std::uint64_t number = next_++;
  ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(number));
  if (!entry.usable) return {};  // no picture in it
  // Begun at their keyframe, there is nothing that leading pictures could refer to.
  if (entry.leading && entry.keyframe == *keyframe_) return {};
  pending_.push_back(number);
  const auto push = [&]() -> Status {
    if (entry.is_keyframe(number) && std::uint64_t{entry.width} * entry.height > limits_.pixels)
      return Error(ErrorKind::corrupt, "a picture of " + size_text(entry.width, entry.height) + " in a video that begins with " +
                                           size_text(index_.facts().width, index_.facts().height) +
                                           ", which memory was laid out for")
          .fix("cut the recording where the size changes, and convert the parts by themselves");
    if (entry.is_keyframe(number) && limits_.sequence.pixel_bits != 0 && entry.pixel_bits > limits_.sequence.pixel_bits)
      return Error(ErrorKind::corrupt, "its pictures take " + std::to_string(entry.pixel_bits) +
                                           " bits a pixel, and the first keyframe's " +
                                           std::to_string(limits_.sequence.pixel_bits) + ", which memory was laid out for")
          .fix(limits_.remedy);
    ASSIGN_OR_RETURN(const bag::Payload payload, fetch_(entry.ref));
    ASSIGN_OR_RETURN(const media::EncodedPicture packet, encoded_picture(recording_, column_, entry.ref, payload.bytes));
    ASSIGN_OR_RETURN(const auto sets, index_.parameter_sets(entry));
    return decoder_->push(packet.data, number, sets);
  };
  auto status = push();
  if (status || !concerns_message(status.error())) return status;
  return lose_from(number, reason_of(status.error()));
}

/// Takes one picture out of the decoder, or puts one message in.
Status StreamPictures::step(std::uint64_t wanted) {
  const auto taken = decoder_->next(picture_);
  if (!taken) {
    if (!concerns_message(taken.error())) return taken.error();
    return lose_from(decoder_->damaged().value_or(wanted), taken.error().message());
  }
  if (*taken) {
    const std::uint64_t number = **taken;
    std::erase(pending_, number);
    if (number < wanted || !is_wanted(number)) return {};
    held_.emplace_back(number, media::Picture());
    std::swap(held_.back().second, picture_);
    // With its own that is one more than are shown before it.
    if (held_.size() <= std::max(media::kFewHeld, limits_.sequence.overtaken) + 1) return {};
    return lose_rest("more pictures are shown before one that was sent before them than memory was laid out for" +
                     (limits_.remedy.empty() ? "" : "; " + limits_.remedy));
  }
  if (finished_) return lose_rest(kAfterDamage);
  if (!damaged_ && next_ <= stop_) return feed();
  finished_ = true;
  return decoder_->finish();
}

std::optional<std::string> StreamPictures::why_lost(const MessageRef& ref) const {
  const auto at = std::find_if(lost_.begin(), lost_.end(), [&](const LostPicture& lost) { return lost.ref == ref; });
  return at == lost_.end() ? std::nullopt : std::optional(at->reason);
}

Result<const media::Picture*> StreamPictures::picture(const MessageRef& ref) {
  ASSIGN_OR_RETURN(const std::uint64_t number, index_.find(ref));
  ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(number));
  if (!entry.usable) return Error(ErrorKind::corrupt, "no picture in it, or no keyframe before it");
  // Rows go forward: what stands before this message is not asked for again.
  std::erase_if(held_, [&](const auto& one) { return one.first < number; });
  const auto held = [&] {
    return std::find_if(held_.begin(), held_.end(), [&](const auto& one) { return one.first == number; });
  };
  ASSIGN_OR_RETURN(const std::uint64_t begin, index_.begin_of(entry));
  if (entry.leading || damaged_)
    if (const auto why = why_lost(ref)) return Error(ErrorKind::corrupt, *why);
  const bool in_work = std::find(pending_.begin(), pending_.end(), number) != pending_.end();
  const bool ahead = number >= next_ && (!finished_ || damaged_);
  // A run that goes over a keyframe, to its leading pictures, decodes what follows it too, unless it is damaged.
  const bool covered = keyframe_ && (keyframe_ == begin || (*keyframe_ < begin && begin <= stop_ && !damaged_ && !exhausted_));
  if (!covered || (held() == held_.end() && !in_work && !ahead && !exhausted_ && !damaged_)) RETURN_IF_ERROR(start(begin));
  if (*group_ < begin) RETURN_IF_ERROR(extend(begin));
  stop_ = std::max(stop_, number);
  while (true) {
    if (const auto at = held(); at != held_.end()) return &at->second;
    if (exhausted_ || (damaged_ && number >= *damaged_)) {
      return Error(ErrorKind::corrupt, why_lost(ref).value_or(kAfterDamage));
    }
    RETURN_IF_ERROR(step(number));
  }
}

}  // namespace bagloom::convert
