#include "media/sequence_pictures.h"

#include "media/quiet_libav.h"
#include "media/stream_decoder.h"
#include "streams.h"

namespace bagloom::media {
namespace {

[[maybe_unused]] const bool kQuiet = (quiet_libav(), true);

std::vector<std::vector<std::byte>> encode(StreamCodec codec, std::uint32_t b_frames, bool arithmetic = false) {
  StreamEncoderSettings settings;
  settings.codec = codec;
  settings.b_frames = b_frames;
  settings.arithmetic = arithmetic;
  return encode_stream(settings, 8);
}

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(SequencePictures, AsTheEncoderWasTold) {
  const SequencePictures h264 = sequence_pictures(StreamCodec::h264, encode(StreamCodec::h264, 0).front());
  EXPECT_EQ(h264.kept, 1u);
  EXPECT_EQ(h264.reordered, 0u);
  const SequencePictures hevc = sequence_pictures(StreamCodec::hevc, encode(StreamCodec::hevc, 0).front());
  EXPECT_GE(hevc.kept, 2u);
  EXPECT_LE(hevc.kept, 4u);
  EXPECT_EQ(hevc.reordered, 0u);
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const SequencePictures reordered = sequence_pictures(codec, encode(codec, 2).front());
    EXPECT_GE(reordered.reordered, 1u) << name_of(codec);
    EXPECT_GT(reordered.kept, reordered.reordered) << name_of(codec);
  }
  EXPECT_EQ(sequence_pictures(StreamCodec::av1, {}).kept, 8u);
}

TEST(SequencePictures, WhetherSlicesAreArithmeticCodes) {
  EXPECT_FALSE(sequence_pictures(StreamCodec::h264, encode(StreamCodec::h264, 0).front()).arithmetic);
  EXPECT_TRUE(sequence_pictures(StreamCodec::h264, encode(StreamCodec::h264, 0, true).front()).arithmetic);
  EXPECT_TRUE(sequence_pictures(StreamCodec::hevc, encode(StreamCodec::hevc, 0).front()).arithmetic);
  EXPECT_FALSE(sequence_pictures(StreamCodec::av1, {}).arithmetic);
  const auto twice = stream_decoder_bytes(StreamCodec::h264, 640, 480, {2, 0, 12, true});
  const auto once = stream_decoder_bytes(StreamCodec::h264, 640, 480, {2, 0, 12, false});
  EXPECT_GT(twice, once * 8 / 5);
  EXPECT_LT(twice, once * 2);
}

// A second decoder needs memory of its own.
TEST(SequencePictures, ArithmeticCodesThatMemoryWasNotLaidOutForAreRefused) {
  const auto packets = encode(StreamCodec::h264, 0, true);
  SequencePictures needs = sequence_pictures(StreamCodec::h264, packets.front());
  needs.arithmetic = false;
  auto decoder = StreamDecoder::open(StreamCodec::h264, {1 << 20, needs, "--memory-limit 99MiB"});
  ASSERT_OK(decoder);
  const auto refused = decoder->push(packets.front(), 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  EXPECT_NE(refused.error().message().find("arithmetic codes"), std::string::npos);
  EXPECT_EQ(refused.error().remedy(), "--memory-limit 99MiB");
}

TEST(SequencePictures, OnlyParameterSetsSayIt) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    EXPECT_EQ(sequence_pictures(codec, {}).kept, 0u);
    EXPECT_EQ(sequence_pictures(codec, encode(codec, 0)[1]).kept, 0u);
  }
}

// Baseline, 3.1, 1280x720, one reference and no VUI: how many pictures wait to be shown is what the level allows (18000 / 3600).
TEST(SequencePictures, WithoutAWordTheLevelSaysIt) {
  // id 0, frame_num 4 bits, order type 2, 1 reference, no gaps, 80 x 45 macroblocks, frames only, direct, no crop, no VUI, stop.
  const auto packet = bytes_of({0, 0, 0, 1, 0x67, 66, 0xc0, 31, 0xda, 0x01, 0x40, 0x16, 0xe4});
  const SequencePictures pictures = sequence_pictures(StreamCodec::h264, packet);
  EXPECT_EQ(pictures.kept, 5u);
  EXPECT_EQ(pictures.reordered, 5u);
}

TEST(SequencePictures, NonsenseIsTheMost) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const int type = codec == StreamCodec::h264 ? 0x67 : 33 << 1;
    EXPECT_EQ(sequence_pictures(codec, bytes_of({0, 0, 1, type, 1})).kept, kMostPictures) << name_of(codec);
    EXPECT_EQ(sequence_pictures(codec, bytes_of({0, 0, 1, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})).kept, kMostPictures);
    std::vector<std::byte> ones(60, std::byte{0xff});
    ones[0] = ones[1] = std::byte{0};
    ones[2] = std::byte{1};
    ones[3] = static_cast<std::byte>(type);
    EXPECT_LE(sequence_pictures(codec, ones).kept, kMostPictures);
  }
}

// Memory was laid out for the first keyframe's parameter sets.
TEST(SequencePictures, ADecoderThatWouldKeepMoreIsRefused) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const auto packets = encode(codec, 2);
    const SequencePictures needs = sequence_pictures(codec, packets.front());
    auto enough = StreamDecoder::open(codec, {1 << 20, needs});
    ASSERT_OK(enough);
    EXPECT_OK(enough->push(packets.front(), 0));
    auto few = StreamDecoder::open(codec, {1 << 20, {needs.kept - 1, needs.reordered}});
    ASSERT_OK(few);
    const auto refused = few->push(packets.front(), 0);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
    auto in_order = StreamDecoder::open(codec, {1 << 20, {needs.kept, needs.reordered - 1}});
    ASSERT_OK(in_order);
    EXPECT_FALSE(in_order->push(packets.front(), 0).ok());
  }
}

}  // namespace
}  // namespace bagloom::media
