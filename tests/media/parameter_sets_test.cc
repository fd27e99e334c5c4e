#include "media/parameter_sets.h"

#include <algorithm>
#include <string>

#include "media/quiet_libav.h"
#include "media/stream_decoder.h"
#include "streams.h"

namespace bagloom::media {
namespace {

[[maybe_unused]] const bool kQuiet = (quiet_libav(), true);

std::vector<std::vector<std::byte>> encode(StreamCodec codec) {
  StreamEncoderSettings settings;
  settings.codec = codec;
  settings.gop = 5;
  return encode_stream(settings, 12);
}

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

std::string text_of(const std::vector<std::byte>& bytes) { return std::string(as_text(Bytes(bytes))); }

/// Sequence set 0 and 1 (their bits behind profile and level begin with the id), picture sets of each, and a slice.
using std::string_literals::operator""s;
const std::string kStart = "\0\0\0\1"s;
const std::string kSequence0 = kStart + "\x67\x42\xc0\x1e\x91"s, kOther0 = kStart + "\x67\x42\xc0\x1f\x91"s;
const std::string kPicture0 = kStart + "\x68\xce"s, kPicture1 = kStart + "\x68\x5c"s;  // ids 0 and 1, both of sequence 0
const std::string kKeyframe = kStart + "\x65\x88\x80"s, kSlice = kStart + "\x41\x9a\x80"s;

PacketSets h264_sets(const std::string& packet) { return sets_in(StreamCodec::h264, bytes_of(packet)); }

std::string before(ParameterSets& sets, const PacketSets& packet, bool keyframe) {
  sets.add(packet);
  return text_of(sets.before(packet, keyframe));
}
std::string before(ParameterSets& sets, const std::string& packet, bool keyframe) {
  return before(sets, h264_sets(packet), keyframe);
}

TEST(ParameterSets, AKeyframeWithItsOwnSetsNeedsNoOthers) {
  ParameterSets sets(StreamCodec::h264);
  EXPECT_FALSE(sets.has_sequence());
  EXPECT_EQ(before(sets, kSequence0 + kPicture0 + kKeyframe, true), "");
  EXPECT_TRUE(sets.has_sequence());
  EXPECT_EQ(before(sets, kSlice, false), "");
  EXPECT_EQ(before(sets, kSequence0 + kPicture0 + kKeyframe, true), "");
}

TEST(ParameterSets, ALaterKeyframeGetsAllThatAreInForce) {
  ParameterSets sets(StreamCodec::h264);
  before(sets, kSequence0 + kPicture0 + kKeyframe, true);
  EXPECT_EQ(before(sets, kKeyframe, true), kSequence0 + kPicture0);
  // One of them stands in it: the others go before it with what they refer to.
  EXPECT_EQ(sets.add(h264_sets(kPicture1)), 1u);
  EXPECT_EQ(before(sets, kSequence0 + kPicture0 + kKeyframe, true), kSequence0 + kPicture0 + kPicture1);
  EXPECT_EQ(before(sets, kSlice, false), "");
}

TEST(ParameterSets, ASetBetweenTwoPicturesGoesToTheSecond) {
  ParameterSets sets(StreamCodec::h264);
  before(sets, kSequence0 + kPicture0 + kKeyframe, true);
  EXPECT_EQ(sets.add(h264_sets(kPicture1)), 1u);
  EXPECT_EQ(before(sets, kSlice, false), kPicture1);
  EXPECT_EQ(before(sets, kSlice, false), "");
  sets.add(h264_sets(kPicture1));  // said again
  EXPECT_EQ(before(sets, kSlice, false), "");
}

TEST(ParameterSets, ASetThatChangesTakesThoseWithItThatReferToIt) {
  ParameterSets sets(StreamCodec::h264);
  before(sets, kSequence0 + kPicture0 + kPicture1 + kKeyframe, true);
  before(sets, kOther0 + kPicture0 + kKeyframe, true);
  EXPECT_EQ(before(sets, kKeyframe, true), kOther0 + kPicture0);
  sets.add(h264_sets(kSequence0));
  EXPECT_EQ(before(sets, kKeyframe, true), kSequence0);
}

TEST(ParameterSets, SetsBehindAPictureBelongToTheNextOne) {
  for (const bool keyframe : {false, true}) {
    ParameterSets sets(StreamCodec::h264);
    before(sets, kSequence0 + kPicture0 + kKeyframe, true);
    EXPECT_EQ(before(sets, kSlice + kPicture1, false), "");
    EXPECT_EQ(before(sets, kSlice, keyframe), keyframe ? kSequence0 + kPicture0 + kPicture1 : kPicture1);
    EXPECT_EQ(before(sets, kSlice + kOther0 + kPicture0, false), "");
    EXPECT_EQ(before(sets, kKeyframe, keyframe), kOther0 + kPicture0) << "of the set that changed";
    EXPECT_EQ(before(sets, kSlice, false), "");
  }
}

TEST(ParameterSets, TheFirstMayStandBehindAPicture) {
  ParameterSets sets(StreamCodec::h264);
  EXPECT_EQ(sets.add(h264_sets(kSlice + kSequence0 + kPicture0)), 0u);
  EXPECT_FALSE(sets.has_sequence());
  EXPECT_EQ(before(sets, kSlice + kSequence0 + kPicture0, false), "");
  EXPECT_TRUE(sets.has_sequence());
  EXPECT_EQ(before(sets, kKeyframe, true), kSequence0 + kPicture0);
  ParameterSets av1(StreamCodec::av1);
  const std::string header = "\x0a\1\x55"s, frame = "\x32\1\x55"s;
  const std::string behind = frame + header;
  EXPECT_EQ(before(av1, sets_in(StreamCodec::av1, bytes_of(behind)), false), "");
  EXPECT_EQ(before(av1, sets_in(StreamCodec::av1, bytes_of(frame)), true), header);
}

TEST(ParameterSets, WhatStandsBehindAPictureIsGivenApart) {
  const auto behind = [](StreamCodec codec, const std::string& packet) {
    return text_of(joined(codec, sets_in(codec, bytes_of(packet)).behind_picture));
  };
  EXPECT_EQ(behind(StreamCodec::h264, kSequence0 + kPicture0 + kKeyframe), "");
  EXPECT_EQ(behind(StreamCodec::h264, kSequence0 + kKeyframe + kPicture0 + kSlice + kPicture1), kPicture0 + kPicture1);
  EXPECT_EQ(behind(StreamCodec::av1, "\x0a\1\x55\x32\1\x55"s), "");
  EXPECT_EQ(behind(StreamCodec::av1, "\x32\1\x55\x0a\1\x56"s), "\x0a\1\x56"s);
  const std::string large(kMostParameterSetBytes, '\x55');
  EXPECT_EQ(behind(StreamCodec::h264, kSlice + kSequence0 + large + kPicture0), kPicture0);
}

TEST(ParameterSets, APictureSetWithoutItsSequenceSetIsNotTaken) {
  ParameterSets sets(StreamCodec::h264);
  sets.add(h264_sets(kPicture0));
  EXPECT_EQ(before(sets, kKeyframe, true), "");
}

// What would be a stream of sets, each larger than the one before, is no reason to hold it.
TEST(ParameterSets, MoreThanRealStreamsHaveIsNotHeld) {
  ParameterSets sets(StreamCodec::h264);
  const std::string padding(kMostParameterSetBytes / 2, '\x55');
  sets.add(h264_sets(kSequence0 + padding));
  sets.add(h264_sets(kPicture0 + padding));
  sets.add(h264_sets(kPicture1));
  const std::string all = before(sets, kKeyframe, true);
  EXPECT_LE(all.size(), kMostParameterSetBytes);
  EXPECT_TRUE(all.ends_with(kPicture1));
}

TEST(ParameterSets, APacketOfNothingButSetsIsNotLookedThrough) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::av1}) {
    std::string packet;
    for (int i = 0; i < 5000; ++i) packet += codec == StreamCodec::av1 ? "\x0a\1\x55"s : kPicture0;
    EXPECT_EQ(sets_in(codec, bytes_of(packet)).before_picture.size(), kMostSetsOfPacket);
    packet.insert(0, codec == StreamCodec::av1 ? "\x32\1\x55"s : kSlice);
    EXPECT_EQ(sets_in(codec, bytes_of(packet)).behind_picture.size(), kMostSetsOfPacket);
  }
}

TEST(ParameterSets, NonsenseIsNoSet) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    ParameterSets sets(codec);
    for (const std::string& packet : {""s, "\0\0\1\x67"s, "\0\0\1\x42\1"s, "\x0a\xff"s, "\x08"s, kStart, kStart + kStart})
      EXPECT_EQ(sets.add(sets_in(codec, bytes_of(packet))), 0u) << name_of(codec);
    EXPECT_FALSE(sets.has_sequence());
  }
}

// Real streams: the later keyframe's sets are taken out; with what `before` gives, a decoder that begins there shows it.
TEST(ParameterSets, ADecoderCanBeginAtALaterKeyframe) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    const auto packets = encode(codec);
    ParameterSets first(codec), alone(codec);
    first.add(sets_in(codec, packets[0]));
    EXPECT_TRUE(first.before(sets_in(codec, packets[0]), true).empty());
    // As long as the sets are: what stands before the picture.
    alone.add(sets_in(codec, packets[0]));
    const auto in_force = alone.before({}, true);
    ASSERT_FALSE(in_force.empty()) << name_of(codec);
    const std::string whole = text_of(packets[5]), sets = text_of(in_force);
    std::string bare = whole;
    ASSERT_NE(bare.find(sets.substr(sets.size() - 4)), std::string::npos);
    bare.erase(codec == StreamCodec::av1 ? 2 : 0,
               bare.find(sets.substr(sets.size() - 4)) + 4 - (codec == StreamCodec::av1 ? 2 : 0));
    first.add(sets_in(codec, bytes_of(bare)));
    const auto given = first.before(sets_in(codec, bytes_of(bare)), true);
    EXPECT_EQ(text_of(given), sets) << name_of(codec);
    auto decoder = StreamDecoder::open(codec, {1 << 20});
    ASSERT_OK(decoder);
    Picture picture;
    EXPECT_OK(decoder->push(bytes_of(bare), 5, given));
    EXPECT_OK(decoder->finish());
    const auto number = decoder->next(picture);
    ASSERT_OK(number);
    EXPECT_EQ(number->value_or(0), 5u) << name_of(codec);
    auto without = StreamDecoder::open(codec, {1 << 20});
    ASSERT_OK(without);
    const bool pushed = without->push(bytes_of(bare), 5).ok();
    (void)without->finish();
    const auto none = without->next(picture);
    EXPECT_FALSE(pushed && none.ok() && *none) << name_of(codec);
  }
}

TEST(ParameterSets, TheyStandBehindWhatBeginsAPacket) {
  EXPECT_EQ(place_of_sets(StreamCodec::h264, bytes_of(kKeyframe)), 0u);
  EXPECT_EQ(place_of_sets(StreamCodec::h264, bytes_of(kStart + "\x09\xf0" + kKeyframe)), 6u);
  EXPECT_EQ(place_of_sets(StreamCodec::hevc, bytes_of(kStart + "\x46\x01\x50" + kStart + "\x26\x01\xaf\x01")), 7u);
  EXPECT_EQ(place_of_sets(StreamCodec::hevc, bytes_of(kStart + "\x26\x01\xaf\x01")), 0u);
  EXPECT_EQ(place_of_sets(StreamCodec::av1, bytes_of("\x12\0\x32\1\x55"s)), 2u);
  EXPECT_EQ(place_of_sets(StreamCodec::av1, bytes_of("\x32\1\x55"s)), 0u);
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1})
    EXPECT_EQ(place_of_sets(codec, {}), 0u);
}

}  // namespace
}  // namespace bagloom::media
