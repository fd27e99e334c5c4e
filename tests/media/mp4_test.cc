#include "media/mp4.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include "base/source.h"
#include "jpegs.h"

namespace bagloom::media {
namespace {

EncoderSettings small(std::uint32_t fps = 30) {
  EncoderSettings settings;
  settings.width = 128;
  settings.height = 96;
  settings.fps = fps;
  return settings;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_on_the_grid(const std::string& path, std::uint32_t fps, std::uint64_t frames, const std::string& codec) {
  const auto facts = inspect_mp4(path, fps);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->codec, codec);
  EXPECT_EQ(facts->frames, frames);
  EXPECT_EQ(facts->start_pts, 0);
  EXPECT_EQ(facts->first_wrong_frame, -1);
  EXPECT_EQ(facts->timescale % fps, 0);
  EXPECT_TRUE(facts->constant_duration);
  EXPECT_FALSE(facts->b_frames);
  EXPECT_FALSE(facts->fragmented);
  EXPECT_EQ(facts->video_streams, 1);
  EXPECT_EQ(facts->other_streams, 0);
  EXPECT_EQ(facts->rotation, 0);
  EXPECT_EQ(facts->rate_num, static_cast<std::int64_t>(fps) * facts->rate_den);
  EXPECT_EQ(facts->average_num, static_cast<std::int64_t>(fps) * facts->average_den);
  EXPECT_NEAR(facts->duration_s, static_cast<double>(frames) / fps, 1e-9);
}

TEST(Mp4Writer, PutsPictureNAtNByFps) {
  for (const std::uint32_t fps : {1u, 7u, 10u, 15u, 24u, 25u, 30u, 50u, 60u, 100u, 1000u}) {
    const Encoded encoded = encode_scene(small(fps), 0, 37);
    const std::string path = temp_path("grid.mp4");
    write_mp4(path, encoded.stream, encoded.packets);
    expect_on_the_grid(path, fps, 37, "h264");
    const auto facts = inspect_mp4(path, fps);
    ASSERT_OK(facts);
    ASSERT_EQ(facts->keyframes.size(), 19u);
    for (std::uint32_t i = 0; i < 19; ++i) EXPECT_EQ(facts->keyframes[i], 2 * i);
    EXPECT_EQ(facts->pix_fmt, "yuv420p");
    EXPECT_EQ(facts->width, 128u);
    EXPECT_EQ(facts->height, 96u);
    std::remove(path.c_str());
  }
}

TEST(Mp4Writer, OneFrameIsAFile) {
  const Encoded encoded = encode_scene(small(), 0, 1);
  const std::string path = temp_path("one.mp4");
  write_mp4(path, encoded.stream, encoded.packets);
  expect_on_the_grid(path, 30, 1, "h264");
  std::remove(path.c_str());
}

TEST(Mp4Writer, SamePacketsSameBytes) {
  const Encoded encoded = encode_scene(small(), 0, 9);
  const std::string a = temp_path("a.mp4"), b = temp_path("b.mp4");
  write_mp4(a, encoded.stream, encoded.packets);
  write_mp4(b, encoded.stream, encoded.packets);
  EXPECT_EQ(bytes_of(a), bytes_of(b));
  EXPECT_EQ(bytes_of(a).find("Lavf"), std::string::npos);
  std::remove(a.c_str());
  std::remove(b.c_str());
}

/// Segments of odd lengths, joined; each picture must come out, in random order, as its own segment's decoder gives it.
void join_and_read(const std::string& codec) {
  EncoderSettings settings = small();
  settings.codec = codec;
  settings.crf = 20;
  Encoded joined;
  std::vector<int> source;
  int first = 0;
  for (const int count : {5, 1, 64, 2, 31}) {
    Encoded piece = encode_scene(settings, first, count);
    joined.stream = piece.stream;
    std::move(piece.packets.begin(), piece.packets.end(), std::back_inserter(joined.packets));
    for (int i = 0; i < count; ++i) source.push_back(first + i);
    first += 400;  // another stretch of the scene
  }
  const std::string path = temp_path("joined_" + codec + ".mp4");
  write_mp4(path, joined.stream, joined.packets);
  expect_on_the_grid(path, 30, source.size(), codec);
  auto reader = Mp4Reader::open(path, 30);
  ASSERT_OK(reader);
  ASSERT_EQ((*reader)->frames(), source.size());
  Picture original, decoded;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::size_t n = i * 41 % source.size();  // 41 and 103 have no common divisor: each once, far apart
    ASSERT_OK((*reader)->decode(n, decoded));
    paint_scene_yuv(original, 128, 96, source[n]);
    EXPECT_GT(psnr(original, decoded), 32) << n;
    // Not its neighbour: the right picture is the nearest one.
    if (n > 0 && source[n - 1] == source[n] - 1) {
      Picture neighbour;
      paint_scene_yuv(neighbour, 128, 96, source[n - 1]);
      EXPECT_GT(psnr(original, decoded), psnr(neighbour, decoded)) << n;
    }
  }
  const Status beyond = (*reader)->decode(source.size(), decoded);
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().kind(), ErrorKind::corrupt);
  std::remove(path.c_str());
}

TEST(Mp4Reader, JoinedH264IsFrameExactInRandomOrder) { join_and_read("h264"); }
TEST(Mp4Reader, JoinedAv1IsFrameExactInRandomOrder) {
  const auto available = available_encoders();
  if (std::find(available.begin(), available.end(), "av1") == available.end()) GTEST_SKIP();
  join_and_read("av1");
}

TEST(Mp4Writer, JpegsAreCopiedBitForBit) {
  for (const auto& [sampling, format] : {std::pair{TJSAMP_420, PixelFormat::yuv420p_full},
                                         {TJSAMP_422, PixelFormat::yuv422p_full},
                                         {TJSAMP_444, PixelFormat::yuv444p_full}}) {
    StreamParameters stream;
    stream.codec = "mjpeg";
    stream.width = 160;
    stream.height = 120;
    stream.fps = 10;
    stream.pix_fmt = name_of(format);
    std::vector<OwnedPacket> packets;
    for (int i = 0; i < 20; ++i) packets.push_back({scene_jpeg(160, 120, 5 * i, sampling), true});
    const std::string path = temp_path("copy.mp4");
    write_mp4(path, stream, packets);
    expect_on_the_grid(path, 10, 20, "mjpeg");
    const std::string file = bytes_of(path);
    for (const OwnedPacket& packet : packets) EXPECT_NE(file.find(as_text(packet.bytes)), std::string::npos);
    auto reader = Mp4Reader::open(path, 10);
    ASSERT_OK(reader);
    auto decoder = make_picture_decoder({});
    Picture from_mp4, from_jpeg;
    for (const std::uint64_t n : {19u, 0u, 7u, 8u, 1u}) {
      ASSERT_OK((*reader)->decode(n, from_mp4));
      ASSERT_OK(decoder->decode(as_compressed(packets[n].bytes), from_jpeg));
      EXPECT_EQ(from_mp4.format(), format);
      EXPECT_GT(psnr(from_mp4, from_jpeg), 45) << n;  // two decoders' inverse transforms differ by a rounding
    }
    std::remove(path.c_str());
  }
}

TEST(Mp4Writer, AFullDiskIsTemporary) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP();
  EncoderSettings settings = small();
  settings.crf = 1;
  const Encoded encoded = encode_scene(settings, 0, 64);
  auto writer = Mp4Writer::create("/dev/full", encoded.stream);
  Status status = writer.ok() ? Status() : Status(writer.error());
  for (std::size_t i = 0; i < encoded.packets.size() && status.ok(); ++i)
    status = (*writer)->write({encoded.packets[i].bytes, encoded.packets[i].keyframe});
  if (status.ok()) status = (*writer)->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::temporary);
  EXPECT_NE(status.error().text().find("No space left"), std::string::npos) << status.error().text();
}

TEST(Mp4Writer, AFileThatMayNotGrowIsAnError) {
  const Encoded encoded = encode_scene(small(), 0, 64);
  const std::string path = temp_path("limited.mp4");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  auto writer = Mp4Writer::create(path, encoded.stream);
  Status status = writer.ok() ? Status() : Status(writer.error());
  for (std::size_t i = 0; i < encoded.packets.size() && status.ok(); ++i)
    status = (*writer)->write({encoded.packets[i].bytes, encoded.packets[i].keyframe});
  if (status.ok()) status = (*writer)->finish();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
  std::remove(path.c_str());
}

TEST(Mp4Writer, WrongUseIsAnError) {
  const Encoded encoded = encode_scene(small(), 0, 3);
  EXPECT_FALSE(Mp4Writer::create(temp_path("no/such/folder.mp4"), encoded.stream).ok());
  StreamParameters unknown = encoded.stream;
  unknown.codec = "nosuch";
  const auto refused = Mp4Writer::create(temp_path("x.mp4"), unknown);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::unsupported);
  const std::string path = temp_path("use.mp4");
  auto writer = Mp4Writer::create(path, encoded.stream);
  ASSERT_OK(writer);
  EXPECT_FALSE((*writer)->write({encoded.packets[1].bytes, false}).ok());  // the first must be a keyframe
  EXPECT_FALSE((*writer)->write({{}, true}).ok());
  EXPECT_FALSE((*writer)->finish().ok());  // nothing in it
  std::remove(path.c_str());
}

}  // namespace
}  // namespace bagloom::media
