#include "media/stream_packet.h"

#include <algorithm>
#include <initializer_list>

#include "media/obu_units.h"
#include "media/parameter_sets.h"
#include "media/quiet_libav.h"
#include "media/stream_decoder.h"
#include "streams.h"

namespace bagloom::media {
namespace {

[[maybe_unused]] const bool kQuiet = (quiet_libav(), true);

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

std::vector<std::vector<std::byte>> encode(StreamCodec codec, int pictures, std::uint32_t gop, std::uint32_t b_frames = 0) {
  StreamEncoderSettings settings;
  settings.codec = codec;
  settings.gop = gop;
  settings.b_frames = b_frames;
  return encode_stream(settings, pictures);
}

TEST(StreamPacket, KeyframesAndSizesOfEachCodec) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    const auto packets = encode(codec, 12, 5);
    auto parser = PacketParser::open(codec);
    ASSERT_OK(parser);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const PacketFacts facts = parser->parse(packets[i]);
      EXPECT_TRUE(facts.picture) << name_of(codec) << i;
      EXPECT_EQ(facts.keyframe, i % 5 == 0) << name_of(codec) << i;
      EXPECT_EQ(facts.parameter_sets, i % 5 == 0) << name_of(codec) << i;
      EXPECT_EQ(facts.restart, i % 5 == 0) << name_of(codec) << i;
      EXPECT_FALSE(facts.reordered) << name_of(codec) << i;
      if (i % 5 != 0) continue;
      EXPECT_EQ(facts.width, 162u) << name_of(codec);
      EXPECT_EQ(facts.height, 98u) << name_of(codec);
    }
  }
}

// The sets of the keyframe 5 stand at the end of packet 4, and are known to nobody before.
TEST(StreamPacket, SetsBehindAPictureAreKnownAtTheNextOne) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    auto packets = encode(codec, 12, 5);
    ASSERT_EQ(packets.size(), 12u);
    ParameterSets all(codec);
    all.add(sets_in(codec, packets[0]));
    const std::vector<std::byte> sets = all.before({}, true);
    packets[4].insert(packets[4].end(), sets.begin(), sets.end());
    auto& keyframe = packets[5];
    const auto end = std::search(keyframe.begin(), keyframe.end(), sets.end() - 4, sets.end());
    ASSERT_NE(end, keyframe.end());
    keyframe.erase(keyframe.begin() + (codec == StreamCodec::av1 ? 2 : 0), end + 4);
    auto parser = PacketParser::open(codec);
    ASSERT_OK(parser);
    for (std::size_t i = 4; i < 10; ++i) {
      const PacketFacts facts = parser->parse(packets[i]);
      EXPECT_EQ(facts.keyframe, i == 5) << name_of(codec) << i;
      EXPECT_EQ(facts.parameter_sets, i == 5) << name_of(codec) << i;
      if (i == 4) continue;
      EXPECT_FALSE(facts.reordered) << name_of(codec) << i;
      EXPECT_TRUE(facts.follows) << name_of(codec) << i;
      if (i == 5) {
        EXPECT_EQ(facts.width, 162u) << name_of(codec);
      }
    }
  }
}

// AV1 numbers its pictures in the order of display; a keyframe every 20. With hidden frames most are shown packets later.
class Av1Holes : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(StreamPacket, Av1Holes, testing::Values(0, 1));

TEST_P(Av1Holes, APacketThatIsMissingOrStandsTwice) {
  const auto packets = encode(StreamCodec::av1, 50, 20, GetParam());
  ASSERT_EQ(packets.size(), 50u);
  std::size_t hidden = 0;
  for (const auto& packet : packets) {
    ObuUnits units(packet);
    int frames = 0;
    while (const auto unit = units.next()) frames += unit->type == kObuFrame || unit->type == kObuFrameHeader ? 1 : 0;
    hidden += frames > 1 ? 1 : 0;
  }
  ASSERT_EQ(hidden > 2, GetParam() > 0);
  const auto broken = [&](const std::vector<std::size_t>& order) {
    auto parser = PacketParser::open(StreamCodec::av1);
    EXPECT_OK(parser);
    std::vector<std::size_t> found;
    for (const std::size_t i : order)
      if (!parser->parse(packets[i]).follows) found.push_back(i);
    return found;
  };
  using Numbers = std::vector<std::size_t>;
  const auto without = [](std::size_t begin, std::size_t end) {
    Numbers order;
    for (std::size_t i = 0; i < 50; ++i)
      if (i < begin || i >= end) order.push_back(i);
    return order;
  };
  // Each one that shows a picture which a missing one brought is another that does not follow; what counts is the first.
  const auto first_broken = [&](const std::vector<std::size_t>& order) {
    const Numbers found = broken(order);
    return found.empty() ? Numbers() : Numbers{found.front()};
  };
  EXPECT_EQ(broken(without(0, 0)), Numbers());
  for (std::size_t missing = 12; missing < 49; ++missing)
    EXPECT_EQ(first_broken(without(missing, missing + 1)), missing % 20 == 19 ? Numbers() : Numbers{missing + 1}) << missing;
  EXPECT_EQ(first_broken(without(30, 33)), Numbers{33});
  EXPECT_EQ(first_broken(without(18, 22)), Numbers{22}) << "the keyframe too";
  EXPECT_EQ(broken(without(18, 20)), Numbers()) << "a keyframe needs none before it";
  EXPECT_EQ(broken(without(0, 20)), Numbers());
  Numbers twice = without(0, 0);
  twice.insert(twice.begin() + 30, 30);
  EXPECT_EQ(first_broken(twice), Numbers{30});
}

TEST(StreamPacket, AnAv1StreamIsSeenToCountOneByOneFirst) {
  const auto packets = encode(StreamCodec::av1, 50, 20);
  ASSERT_EQ(packets.size(), 50u);
  auto parser = PacketParser::open(StreamCodec::av1);
  ASSERT_OK(parser);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i == 3 || i == 35) continue;
    EXPECT_EQ(parser->parse(packets[i]).follows, i != 36) << i;
  }
}

TEST(StreamPacket, BFramesAreShownBeforeWhatCameBeforeThem) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const auto packets = encode(codec, 24, 12, 2);
    auto parser = PacketParser::open(codec);
    ASSERT_OK(parser);
    int reordered = 0;
    for (const auto& packet : packets) {
      const PacketFacts facts = parser->parse(packet);
      EXPECT_FALSE(facts.restart && facts.reordered);
      reordered += facts.reordered ? 1 : 0;
    }
    EXPECT_GE(reordered, 8) << name_of(codec);
  }
}

TEST(StreamPacket, AnOrderThatCannotBeToldCountsAsAnother) {
  auto parser = PacketParser::open(StreamCodec::h264);
  ASSERT_OK(parser);
  const auto packets = encode(StreamCodec::h264, 3, 5);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_TRUE(parser->parse(packets[1]).reordered);  // without parameter sets nobody can read it
  EXPECT_FALSE(parser->parse(packets[0]).reordered);
  EXPECT_FALSE(parser->parse(packets[1]).reordered);
}

TEST(StreamPacket, ThePayloadDecidesOverTheString) {
  const auto h264 = encode(StreamCodec::h264, 2, 5), hevc = encode(StreamCodec::hevc, 2, 5), av1 = encode(StreamCodec::av1, 2, 5);
  ASSERT_TRUE(h264.size() == 2 && hevc.size() == 2 && av1.size() == 2);
  for (const char* format : {"h264", "h265", "hevc;yuv420p;bgr8;bgr8", "libx264", "jpeg", ""}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(stream_codec(h264[i], format), StreamCodec::h264) << format << i;
      EXPECT_EQ(stream_codec(hevc[i], format), StreamCodec::hevc) << format << i;
      EXPECT_EQ(stream_codec(av1[i], format), StreamCodec::none) << format << i;
    }
  }
  for (const char* format : {"av1", "AV1", "libaom-av1;yuv420p;bgr8;bgr8"})
    for (int i = 0; i < 2; ++i) EXPECT_EQ(stream_codec(av1[i], format), StreamCodec::av1) << format << i;
}

TEST(StreamPacket, ZerosBeforeTheFirstStartCode) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const auto packets = encode(codec, 3, 5);
    auto decoder = StreamDecoder::open(codec, {1 << 20});
    ASSERT_OK(decoder);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      std::vector<std::byte> zeros(i == 0 ? 1 : 5000);
      zeros.insert(zeros.end(), packets[i].begin(), packets[i].end());
      EXPECT_EQ(stream_codec(zeros, ""), codec) << i;
      EXPECT_OK(decoder->push(zeros, i));
      Picture picture;
      const auto next = decoder->next(picture);
      ASSERT_OK(next);
      EXPECT_EQ(next->value_or(99), i);
    }
  }
  EXPECT_EQ(stream_codec(std::vector<std::byte>(100), "h264"), StreamCodec::none);
}

TEST(StreamPacket, OtherBytesAreNoVideo) {
  EXPECT_EQ(stream_codec({}, "h264"), StreamCodec::none);
  EXPECT_EQ(stream_codec(bytes_of({0xff, 0xd8, 0xff, 0xe0, 0, 16}), "h264"), StreamCodec::none);
  EXPECT_EQ(stream_codec(bytes_of({0, 0, 1, 0x67}), "h264"), StreamCodec::none);              // nothing behind the start code
  EXPECT_EQ(stream_codec(bytes_of({0, 0, 0, 5, 0x67, 1, 2, 3}), "h264"), StreamCodec::none);  // length-prefixed
  EXPECT_EQ(stream_codec(bytes_of({0x89, 'P', 'N', 'G', 13, 10}), "av1"), StreamCodec::none);
  EXPECT_EQ(stream_codec(bytes_of({0, 0, 1, 0xff, 0xff, 0xff}), "h264"), StreamCodec::none);
}

TEST(StreamPacket, ALyingStringIsSaid) {
  EXPECT_EQ(stream_mismatch(StreamCodec::h264, "h265"), "says h265, is h264");
  EXPECT_EQ(stream_mismatch(StreamCodec::hevc, "libx264;yuv420p;bgr8;bgr8"), "says h264, is h265");
  EXPECT_EQ(stream_mismatch(StreamCodec::h264, "jpeg"), "says jpeg, is h264");
  for (const char* right : {"h265", "HEVC", "hevc_nvenc", "hevc;yuv420p;bgr8;bgr8", "", "video"})
    EXPECT_EQ(stream_mismatch(StreamCodec::hevc, right), "") << right;
}

TEST(StreamPacket, PicturesInOnePacket) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    const auto packets = encode(codec, 3, 5);
    ASSERT_EQ(packets.size(), 3u);
    EXPECT_EQ(pictures_in(codec, packets[0]), 1) << name_of(codec);
    std::vector<std::byte> both = packets[0];
    both.insert(both.end(), packets[1].begin(), packets[1].end());
    EXPECT_EQ(pictures_in(codec, both), 2) << name_of(codec);
    EXPECT_LE(pictures_in(codec, {}), 1);
    auto decoder = StreamDecoder::open(codec, {1 << 20});
    ASSERT_OK(decoder);
    Picture picture;
    auto refused = decoder->push(both, 0);
    if (refused) {
      (void)decoder->finish();
      const auto next = decoder->next(picture);
      ASSERT_FALSE(next.ok()) << name_of(codec);
      refused = next.error();
    }
    EXPECT_NE(refused.error().text().find("several pictures in one message"), std::string::npos) << refused.error().text();
  }
}

// As in mp4: it is told why, not read.
TEST(StreamPacket, LengthsInTheirPlaceOfStartCodes) {
  EXPECT_TRUE(is_length_prefixed(bytes_of({0, 0, 0, 2, 0x67, 1})));
  EXPECT_TRUE(is_length_prefixed(bytes_of({0, 0, 0, 2, 0x67, 1, 0, 0, 0, 1, 0x68})));
  EXPECT_FALSE(is_length_prefixed({}));
  EXPECT_FALSE(is_length_prefixed(bytes_of({0, 0, 0, 2, 0x67})));
  EXPECT_FALSE(is_length_prefixed(bytes_of({0, 0, 0, 1, 0x67, 1, 2, 3})));
  EXPECT_FALSE(is_length_prefixed(bytes_of({0, 0, 0, 2, 0x67, 1, 0})));
  EXPECT_FALSE(is_length_prefixed(bytes_of({0xff, 0xff, 0xff, 0xff, 0x67})));
}

// Some cameras send SPS and PPS as a message of their own.
TEST(StreamPacket, ParameterSetsAloneAreNoPicture) {
  auto parser = PacketParser::open(StreamCodec::h264);
  ASSERT_OK(parser);
  const auto packets = encode(StreamCodec::h264, 1, 5);
  ASSERT_EQ(packets.size(), 1u);
  // The IDR slice is the last NAL unit.
  const std::string_view text = as_text(packets[0]);
  const std::size_t slice = text.rfind(std::string_view("\0\0\1", 3));
  const PacketFacts sets = parser->parse(Bytes(packets[0]).first(slice));
  EXPECT_TRUE(sets.parameter_sets);
  EXPECT_FALSE(sets.picture);
  EXPECT_FALSE(sets.keyframe);
  EXPECT_FALSE(sets.nonsense);
  const PacketFacts picture = parser->parse(Bytes(packets[0]).subspan(slice));
  EXPECT_FALSE(picture.parameter_sets);
  EXPECT_TRUE(picture.keyframe);
  EXPECT_EQ(picture.width, 162u);  // known from the message before
}

TEST(StreamPacket, NonsenseHasNoPicture) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc, StreamCodec::av1}) {
    auto parser = PacketParser::open(codec);
    ASSERT_OK(parser);
    EXPECT_FALSE(parser->parse({}).picture);
    EXPECT_FALSE(parser->parse({}).nonsense) << "drivers send these at their start";
    EXPECT_FALSE(parser->parse(bytes_of({0xff, 0xff, 0xff, 0xff, 0xff})).picture);
    EXPECT_TRUE(parser->parse(bytes_of({0xff, 0xff, 0xff, 0xff, 0xff})).nonsense);
    EXPECT_FALSE(parser->parse(bytes_of({0, 0, 1})).picture);
    EXPECT_FALSE(parser->parse(bytes_of({0x32, 0xff, 0xff, 0xff, 0x7f})).picture);
  }
}

// The pictures behind a keyframe that is missing count on from the one before it, and give numbers that were given.
TEST(StreamPacket, AMissingH265KeyframeIsSeen) {
  for (const std::uint32_t b_frames : {0, 3}) {
    const auto packets = encode(StreamCodec::hevc, 30, 15, b_frames);
    ASSERT_EQ(packets.size(), 30u);
    auto whole = PacketParser::open(StreamCodec::hevc), missing = PacketParser::open(StreamCodec::hevc);
    ASSERT_OK(whole);
    ASSERT_OK(missing);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      EXPECT_TRUE(whole->parse(packets[i]).follows) << i;
      if (i != 15) {
        EXPECT_TRUE(missing->parse(packets[i]).follows == (i < 16) || i > 16) << i << ", " << b_frames << " B-frames";
      }
    }
  }
}

TEST(StreamPacket, HowManyPicturesOvertakeOne) {
  for (const StreamCodec codec : {StreamCodec::h264, StreamCodec::hevc}) {
    const auto most = [&](std::uint32_t b_frames) {
      auto parser = PacketParser::open(codec);
      EXPECT_OK(parser);
      std::uint32_t overtaken = 0;
      for (const auto& packet : encode(codec, 30, 30, b_frames)) overtaken = parser->parse(packet).sequence.overtaken;
      return overtaken;
    };
    EXPECT_EQ(most(0), 0u) << name_of(codec);
    EXPECT_EQ(most(5), 5u) << name_of(codec);
  }
}

// Its units have lengths, so that a cut one is known without decoding.
TEST(StreamPacket, ACutAv1PacketIsNonsense) {
  const auto packets = encode(StreamCodec::av1, 2, 5);
  auto parser = PacketParser::open(StreamCodec::av1);
  ASSERT_OK(parser);
  EXPECT_FALSE(parser->parse(packets[0]).nonsense);
  const PacketFacts cut = parser->parse(Bytes(packets[1]).first(packets[1].size() / 2));
  EXPECT_TRUE(cut.nonsense);
  EXPECT_FALSE(cut.picture);
}

}  // namespace
}  // namespace bagloom::media
