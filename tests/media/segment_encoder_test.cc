#include "media/segment_encoder.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "pictures.h"

namespace bagloom::media {
namespace {

EncoderSettings settings_for(const std::string& codec, std::uint32_t width = 320, std::uint32_t height = 240) {
  EncoderSettings settings;
  settings.codec = codec;
  settings.width = width;
  settings.height = height;
  settings.fps = 30;
  settings.crf = codec == "av1" ? 30 : 24;
  return settings;
}

class EveryCodec : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto available = available_encoders();
    if (std::find(available.begin(), available.end(), GetParam()) == available.end())
      GTEST_SKIP() << "this FFmpeg does not encode " << GetParam();
  }
};
INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec, testing::Values("h264", "av1"), [](const auto& one) { return one.param; });

TEST_P(EveryCodec, OnePacketAPictureEverySecondAKeyframe) {
  for (const int count : {1, 2, 3, 17, 64}) {
    const Encoded encoded = encode_scene(settings_for(GetParam(), 128, 96), 5, count);
    ASSERT_EQ(encoded.packets.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < encoded.packets.size(); ++i)
      EXPECT_EQ(encoded.packets[i].keyframe, i % 2 == 0) << i << " of " << count;
  }
}

TEST_P(EveryCodec, SegmentsShareTheirHeaders) {
  const Encoded first = encode_scene(settings_for(GetParam()), 0, 5), second = encode_scene(settings_for(GetParam()), 100, 12);
  EXPECT_FALSE(first.stream.extradata.empty());
  EXPECT_EQ(first.stream.extradata, second.stream.extradata);
  EXPECT_EQ(first.stream.pix_fmt, "yuv420p");
  EXPECT_EQ(first.stream.codec, GetParam());
  EXPECT_EQ(first.stream.width, 320u);
  EXPECT_EQ(first.stream.fps, 30u);
}

TEST_P(EveryCodec, SamePicturesSameBytes) {
  const Encoded first = encode_scene(settings_for(GetParam()), 3, 10), second = encode_scene(settings_for(GetParam()), 3, 10);
  ASSERT_EQ(first.packets.size(), second.packets.size());
  for (std::size_t i = 0; i < first.packets.size(); ++i) EXPECT_EQ(first.packets[i].bytes, second.packets[i].bytes) << i;
}

TEST_P(EveryCodec, NothingOfTheEncoderStandsInThePackets) {
  const Encoded encoded = encode_scene(settings_for(GetParam()), 0, 3);
  for (const OwnedPacket& packet : encoded.packets) EXPECT_EQ(as_text(packet.bytes).find("options:"), std::string_view::npos);
  EXPECT_EQ(as_text(encoded.stream.extradata).find("x264"), std::string_view::npos);
}

TEST_P(EveryCodec, ASinksErrorComesBack) {
  auto encoder = SegmentEncoder::open(settings_for(GetParam(), 128, 96),
                                      [](const Packet&) -> Status { return Error(ErrorKind::temporary, "full"); });
  ASSERT_OK(encoder);
  Picture picture;
  Status status;
  for (int i = 0; i < 8 && status.ok(); ++i) {
    paint_scene_yuv(picture, 128, 96, i);
    status = (*encoder)->push(picture);
  }
  if (status.ok()) status = (*encoder)->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::temporary);
}

TEST_P(EveryCodec, ThePictureStaysTheCallers) {
  auto encoder = SegmentEncoder::open(settings_for(GetParam(), 128, 96), [](const Packet&) -> Status { return {}; });
  ASSERT_OK(encoder);
  Picture picture;
  paint_scene_yuv(picture, 128, 96, 0);
  const std::uint8_t* pixels = picture.plane(0);
  for (int i = 0; i < 6; ++i) {
    ASSERT_OK((*encoder)->push(picture));
    ASSERT_OK(picture.reshape(PixelFormat::yuv420p, 128, 96));
    EXPECT_EQ(picture.plane(0), pixels);  // no one holds on to it: no new memory a row
  }
  ASSERT_OK((*encoder)->finish());
}

TEST_P(EveryCodec, RefusesPicturesOfAnotherShape) {
  auto encoder = SegmentEncoder::open(settings_for(GetParam(), 128, 96), [](const Packet&) -> Status { return {}; });
  ASSERT_OK(encoder);
  Picture picture;
  ASSERT_OK(picture.reshape(PixelFormat::yuv420p, 128, 98));
  EXPECT_FALSE((*encoder)->push(picture).ok());
  ASSERT_OK(picture.reshape(PixelFormat::yuv444p_full, 128, 96));
  EXPECT_FALSE((*encoder)->push(picture).ok());
}

TEST_P(EveryCodec, AbandonedInTheMiddleLeaksNothingAndEnds) {
  auto encoder = SegmentEncoder::open(settings_for(GetParam(), 128, 96), [](const Packet&) -> Status { return {}; });
  ASSERT_OK(encoder);
  Picture picture;
  paint_scene_yuv(picture, 128, 96, 0);
  ASSERT_OK((*encoder)->push(picture));
}

TEST_P(EveryCodec, OpenedForNothingEnds) {
  auto encoder = SegmentEncoder::open(settings_for(GetParam(), 128, 96), [](const Packet&) -> Status { return {}; });
  ASSERT_OK(encoder);
  EXPECT_FALSE((*encoder)->finish().ok());
}

/// The demand: pieces of 64 rows are as good and as small as one of 256.
TEST_P(EveryCodec, CutIsAsGoodAsUncut) {
  const EncoderSettings settings = settings_for(GetParam());
  constexpr int kRows = 256, kSegment = 64;
  const Encoded uncut = encode_scene(settings, 0, kRows);
  Encoded cut;
  for (int first = 0; first < kRows; first += kSegment) {
    Encoded piece = encode_scene(settings, first, kSegment);
    if (first == 0) cut.stream = piece.stream;
    std::move(piece.packets.begin(), piece.packets.end(), std::back_inserter(cut.packets));
  }
  ASSERT_EQ(cut.packets.size(), uncut.packets.size());
  const auto size_of = [](const Encoded& encoded) {
    double bytes = 0;
    for (const OwnedPacket& packet : encoded.packets) bytes += static_cast<double>(packet.bytes.size());
    return bytes;
  };
  EXPECT_NEAR(size_of(cut) / size_of(uncut), 1.0, 0.005);
  RecordProperty("bytes_cut_by_uncut_permille", static_cast<int>(1000 * size_of(cut) / size_of(uncut)));

  const std::string cut_path = temp_path(std::string("cut_") + GetParam() + ".mp4"),
                    uncut_path = temp_path(std::string("uncut_") + GetParam() + ".mp4");
  write_mp4(cut_path, cut.stream, cut.packets);
  write_mp4(uncut_path, uncut.stream, uncut.packets);
  auto cut_reader = Mp4Reader::open(cut_path, settings.fps), uncut_reader = Mp4Reader::open(uncut_path, settings.fps);
  ASSERT_OK(cut_reader);
  ASSERT_OK(uncut_reader);
  Picture source, a, b;
  for (int row = 0; row < kRows; row += kSegment) {
    paint_scene_yuv(source, settings.width, settings.height, row);
    ASSERT_OK((*cut_reader)->decode(static_cast<std::uint64_t>(row), a));
    ASSERT_OK((*uncut_reader)->decode(static_cast<std::uint64_t>(row), b));
    EXPECT_NEAR(psnr(source, a), psnr(source, b), 0.2) << "row " << row;
    EXPECT_GT(psnr(source, a), 28) << "row " << row;
  }
  std::remove(cut_path.c_str());
  std::remove(uncut_path.c_str());
}

TEST_P(EveryCodec, RefusesWhatItCannotEncode) {
  const EncoderSettings good = settings_for(GetParam());
  EXPECT_OK(check_encoder(good));
  std::vector<EncoderSettings> bad(7, good);
  bad[0].width = 321;
  bad[1].height = 241;
  bad[2].width = 0;
  bad[3].crf = 64;
  bad[4].fps = 0;
  bad[5].format = PixelFormat::yuv444p_full;
  bad[6].height = 20000;
  for (const EncoderSettings& settings : bad) {
    for (const Status& status :
         {check_encoder(settings),
          SegmentEncoder::open(settings, {}).ok() ? Status() : Status(SegmentEncoder::open(settings, {}).error())}) {
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().kind(), ErrorKind::invalid);
    }
  }
}

TEST_P(EveryCodec, FullRangeIsSaid) {
  EncoderSettings settings = settings_for(GetParam(), 128, 96);
  settings.format = PixelFormat::yuv420p_full;
  std::vector<OwnedPacket> packets;
  auto encoder = SegmentEncoder::open(settings, [&](const Packet& packet) -> Status {
    packets.push_back({{packet.bytes.begin(), packet.bytes.end()}, packet.keyframe});
    return {};
  });
  ASSERT_OK(encoder);
  Picture picture, out;
  ASSERT_OK(picture.reshape(PixelFormat::yuv420p_full, 128, 96));
  for (int i = 0; i < 3; ++i) std::fill_n(picture.plane(i), picture.stride(i) * (i == 0 ? 96 : 48), i == 0 ? 250 : 128);
  for (int i = 0; i < 3; ++i) ASSERT_OK((*encoder)->push(picture));
  ASSERT_OK((*encoder)->finish());
  const std::string path = temp_path(std::string("full_") + GetParam() + ".mp4");
  write_mp4(path, (*encoder)->stream(), packets);
  auto reader = Mp4Reader::open(path, 30);
  ASSERT_OK(reader);
  ASSERT_OK((*reader)->decode(1, out));
  EXPECT_EQ(out.format(), PixelFormat::yuv420p_full);
  EXPECT_NEAR(out.plane(0)[500], 250, 3);
  std::remove(path.c_str());
}

// SVT-AV1 1.4 crashed where some encoders started while others ended: now and then, a conversion of several tasks.
TEST_P(EveryCodec, ManyStartAndEndAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> opened = 0;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 15; ++i)
        if (SegmentEncoder::open(settings_for(GetParam(), 64, 64), [](const Packet&) -> Status { return {}; }).ok()) ++opened;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 8 * 15);
}

TEST(SegmentEncoder, Av1NeedsSixtyFourRows) {
  EncoderSettings settings = settings_for("av1", 128, 62);
  const Status status = check_encoder(settings);
  ASSERT_FALSE(status.ok());
  const auto available = available_encoders();
  if (std::find(available.begin(), available.end(), "av1") != available.end()) {
    EXPECT_EQ(status.error().kind(), ErrorKind::invalid);
  }
}

TEST(SegmentEncoder, ListsWhatThereIsForACodecThatThereIsNot) {
  for (const char* codec : {"nosuch", "vp9", "libx264", ""}) {
    EncoderSettings settings = settings_for("h264");
    settings.codec = codec;
    const auto opened = SegmentEncoder::open(settings, {});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind(), ErrorKind::unsupported);
    for (const std::string& name : available_encoders())
      EXPECT_NE(opened.error().text().find(name), std::string::npos) << opened.error().text();
    EXPECT_EQ(check_encoder(settings).error().text(), opened.error().text());
  }
}

TEST(CodecVersions, NameEachLibrary) {
  const std::string versions = codec_versions();
  for (const char* library : {"libavcodec ", "libavformat ", "libswscale ", "turbojpeg "})
    EXPECT_NE(versions.find(library), std::string::npos) << versions;
  for (const std::string& codec : available_encoders()) {
    EXPECT_NE(versions.find(codec == "h264" ? "x264 " : "SVT-AV1 "), std::string::npos) << versions;
  }
  EXPECT_EQ(codec_versions(), versions);
}

TEST_P(EveryCodec, NoThreadBecomesARealTimeOne) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may make real-time threads, so no encoder does here";
  if (sched_getscheduler(0) != SCHED_OTHER) GTEST_SKIP() << "the tests themselves were started with another scheduling";
  const auto encoder = SegmentEncoder::open(settings_for(GetParam()), [](const Packet&) -> Status { return {}; });
  ASSERT_TRUE(encoder.ok()) << encoder.error().text();
  int threads = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    EXPECT_EQ(sched_getscheduler(std::stoi(entry.path().filename())), SCHED_OTHER) << entry.path();
    ++threads;
  }
  if (GetParam() == std::string_view("av1")) {
    EXPECT_GT(threads, 1) << "SVT-AV1 has no threads of its own any more: what does this test see?";
  }
}

TEST(EncoderBytes, GrowWithThePicture) {
  for (const char* codec : {"h264", "av1"}) {
    EXPECT_LT(encoder_bytes(codec, 320, 240), encoder_bytes(codec, 640, 480));
    EXPECT_GT(encoder_bytes(codec, 640, 480), picture_bytes(PixelFormat::yuv420p, 640, 480) * 3);
  }
  EXPECT_EQ(encoder_bytes("nosuch", 320, 240), 0u);
  EXPECT_GT(decoder_bytes(848, 480, 640, 480, PixelFormat::yuv444p_full), decoder_bytes(848, 480, 640, 480));
  EXPECT_GE(decoder_bytes(848, 480, 640, 480),
            picture_bytes(PixelFormat::yuv420p_full, 848, 480) + picture_bytes(PixelFormat::yuv420p, 640, 480));
}

}  // namespace
}  // namespace bagloom::media
