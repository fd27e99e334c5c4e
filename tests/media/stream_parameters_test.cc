#include "media/stream_parameters.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "media/mp4.h"
#include "media/quiet_libav.h"
#include "media/stream_decoder.h"
#include "streams.h"

namespace bagloom::media {
namespace {

[[maybe_unused]] const bool kQuiet = (quiet_libav(), true);
constexpr std::uint64_t kPixels = 256 * 128;

std::vector<std::vector<std::byte>> encode(StreamCodec codec, std::uint32_t slices) {
  StreamEncoderSettings settings;
  settings.codec = codec;
  settings.gop = 10;
  settings.slices = slices;
  return encode_stream(settings, 25);
}

bool same_planes(const Picture& a, const Picture& b) {
  if (a.format() != b.format() || a.width() != b.width() || a.height() != b.height()) return false;
  for (int plane = 0; plane < 3; ++plane) {
    const std::uint32_t width = plane == 0 ? a.width() : (a.width() + 1) / 2;
    const std::uint32_t height = plane == 0 ? a.height() : (a.height() + 1) / 2;
    for (std::uint32_t y = 0; y < height; ++y)
      if (std::memcmp(a.plane(plane) + static_cast<std::ptrdiff_t>(y) * a.stride(plane),
                      b.plane(plane) + static_cast<std::ptrdiff_t>(y) * b.stride(plane), width) != 0)
        return false;
  }
  return true;
}

// Packets of a topic in an mp4: each picture, reached out of order, is what decoding the packets one after the other gives.
TEST(StreamParameters, PacketsOfATopicBecomeAnMp4) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    const auto packets = encode(codec, codec == StreamCodec::h264 ? 2 : 1);
    ASSERT_EQ(packets.size(), 25u);
    const auto stream = stream_parameters(codec, packets[0], 30, kPixels);
    ASSERT_OK(stream);
    EXPECT_EQ(stream->codec, name_of(codec));
    EXPECT_EQ(stream->pix_fmt, "yuv420p");
    EXPECT_EQ(stream->width, 162u);
    EXPECT_EQ(stream->height, 98u);
    EXPECT_FALSE(stream->extradata.empty());

    const std::string path = ::testing::TempDir() + "stream_parameters_" + std::to_string(::getpid()) + ".mp4";
    auto writer = Mp4Writer::create(path, *stream);
    ASSERT_OK(writer);
    for (std::size_t i = 0; i < packets.size(); ++i) ASSERT_OK((*writer)->write({packets[i], i % 10 == 0}));
    ASSERT_OK((*writer)->finish());
    const auto facts = inspect_mp4(path, 30);
    ASSERT_OK(facts);
    EXPECT_EQ(facts->frames, 25u);
    EXPECT_EQ(facts->first_wrong_frame, -1);
    EXPECT_FALSE(facts->b_frames);
    EXPECT_EQ(facts->codec, name_of(codec));
    EXPECT_EQ(facts->keyframes, (std::vector<std::uint32_t>{0, 10, 20}));

    auto decoder = StreamDecoder::open(codec, {kPixels});
    ASSERT_OK(decoder);
    std::vector<Picture> pictures;
    const auto take = [&] {
      for (Picture picture;;) {
        const auto number = decoder->next(picture);
        ASSERT_OK(number);
        if (!*number) return;
        EXPECT_EQ(**number, pictures.size());
        pictures.push_back(std::move(picture));
        picture = Picture();
      }
    };
    for (std::size_t i = 0; i < packets.size(); ++i) {
      ASSERT_OK(decoder->push(packets[i], i));
      take();
    }
    ASSERT_OK(decoder->finish());
    take();
    ASSERT_EQ(pictures.size(), 25u);
    auto reader = Mp4Reader::open(path, 30);
    ASSERT_OK(reader);
    Picture picture;
    for (std::uint64_t i = 0; i < 25; ++i) {
      const std::uint64_t frame = i * 7 % 25;
      ASSERT_OK((*reader)->decode(frame, picture));
      EXPECT_TRUE(same_planes(picture, pictures[frame])) << name_of(codec) << frame;
    }
    std::remove(path.c_str());
  }
}

TEST(StreamParameters, WhatCannotBeCopiedIsAnError) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    const auto packets = encode(codec, 1);
    ASSERT_EQ(packets.size(), 25u);
    EXPECT_FALSE(stream_parameters(codec, {}, 30, kPixels).ok());
    EXPECT_FALSE(stream_parameters(codec, packets[1], 30, kPixels).ok()) << name_of(codec);  // no parameter sets
    EXPECT_FALSE(stream_parameters(codec, packets[0], 30, 100).ok()) << name_of(codec);      // more pixels than allowed
    EXPECT_FALSE(stream_parameters(codec, Bytes(packets[0]).first(12), 30, kPixels).ok()) << name_of(codec);
  }
}

}  // namespace
}  // namespace bagloom::media
