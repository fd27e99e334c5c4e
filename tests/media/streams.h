// Packets of a video topic, for tests.
#pragma once

#include <vector>

#include "media/stream_encoder.h"
#include "pictures.h"

namespace bagloom::media {

/// A small scene that moves, 162x98. Empty where it could not be encoded.
inline std::vector<std::vector<std::byte>> encode_stream(StreamEncoderSettings settings, int pictures) {
  std::vector<std::vector<std::byte>> packets;
  settings.width = 162;
  settings.height = 98;
  auto encoder = StreamEncoder::open(settings, [&](Bytes bytes, std::uint64_t, bool) -> Status {
    packets.emplace_back(bytes.begin(), bytes.end());
    return {};
  });
  EXPECT_OK(encoder);
  if (!encoder) return {};
  Picture picture;
  for (int n = 0; n < pictures; ++n) {
    paint_scene_yuv(picture, settings.width, settings.height, n);
    EXPECT_OK(encoder->push(picture));
    // Topics are live: where nothing is reordered a packet for each picture, at once.
    if (settings.b_frames == 0) {
      EXPECT_EQ(packets.size(), static_cast<std::size_t>(n) + 1) << name_of(settings.codec);
    }
  }
  EXPECT_OK(encoder->finish());
  return packets;
}

}  // namespace bagloom::media
