#include "convert/stream_shape.h"

#include <algorithm>

#include "convert/pictures.h"
#include "media/stream_decoder.h"

namespace bagloom::convert {

Result<CameraShape> first_keyframe(Recording& recording, std::uint32_t column, media::StreamCodec codec) {
  constexpr std::uint64_t kTries = 3000;
  ASSIGN_OR_RETURN(media::PacketParser parser, media::PacketParser::open(codec));
  CameraShape shape;
  std::uint64_t messages = 0;
  bag::ConnectionSet which(recording.reader->info().connections.size(), false);
  for (std::uint32_t index = 0; index < which.size(); ++index)
    which[index] = recording.extractors[column].pictures[index] != nullptr;
  // The Error that ends the scan early is ours, and not one.
  const auto scanned = recording.reader->scan(which, [&](const bag::IndexedMessage& message) -> Status {
    if (messages++ == kTries) return Error(ErrorKind::stopped, "enough");
    const auto payload = recording.reader->fetch(message.ref);
    if (!payload) return {};  // what is unreadable is counted later
    const auto picture = encoded_picture(recording, column, message.ref, payload->bytes);
    if (!picture) return {};
    const media::PacketFacts facts = parser.parse(picture->data);
    shape.sequence = most_of(shape.sequence, facts.sequence);
    if (!facts.keyframe || facts.width == 0) return {};
    shape.width = facts.width;
    shape.height = facts.height;
    return Error(ErrorKind::stopped, "found");
  });
  if (!scanned && scanned.error().kind() != ErrorKind::stopped) return scanned.error();
  if (shape.width == 0)
    return Error(ErrorKind::corrupt, "no keyframe with its parameter sets among the first " + std::to_string(messages) +
                                         " messages of " + std::string(media::name_of(codec)));
  if (shape.sequence.kept == 0) shape.sequence = most_of(shape.sequence, media::kMostOfAll);
  shape.video = codec;
  shape.format = media::PixelFormat::yuv420p;
  shape.decoding_bytes = media::stream_decoder_bytes(codec, shape.width, shape.height, shape.sequence);
  return shape;
}

}  // namespace bagloom::convert
