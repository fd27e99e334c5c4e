// Writes numbered pictures, cut into uneven segments, for read_with_pyav.py; does nothing unless BAGLOOM_MEDIA_KEEP names a
// folder.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "pictures.h"

namespace bagloom::media {
namespace {

/// 8 blocks of 16x16: block k is bright where bit k of n is set.
void number(Picture& picture, int n) {
  for (int bit = 0; bit < 8; ++bit) {
    for (int y = 0; y < 16; ++y)
      std::fill_n(picture.plane(0) + y * picture.stride(0) + 16 * bit, 16, (n >> bit & 1) != 0 ? 220 : 30);
  }
}

void write_numbered(const std::string& folder, const std::string& codec, std::uint32_t fps) {
  EncoderSettings settings;
  settings.codec = codec;
  settings.width = 160;
  settings.height = 96;
  settings.fps = fps;
  std::vector<OwnedPacket> packets;
  StreamParameters stream;
  int n = 0;
  for (const int count : {64, 1, 64, 13, 2}) {
    auto encoder = SegmentEncoder::open(settings, [&](const Packet& packet) -> Status {
      packets.push_back({{packet.bytes.begin(), packet.bytes.end()}, packet.keyframe});
      return {};
    });
    ASSERT_OK(encoder);
    Picture picture;
    for (int i = 0; i < count; ++i, ++n) {
      paint_scene_yuv(picture, 160, 96, n);
      number(picture, n);
      ASSERT_OK((*encoder)->push(picture));
    }
    ASSERT_OK((*encoder)->finish());
    stream = (*encoder)->stream();
  }
  write_mp4(folder + "/" + codec + "_" + std::to_string(fps) + ".mp4", stream, packets);
}

TEST(WrittenForPyav, NumberedPictures) {
  const char* folder = std::getenv("BAGLOOM_MEDIA_KEEP");
  if (folder == nullptr) GTEST_SKIP() << "run by the test media_pyav";
  std::filesystem::create_directories(folder);
  for (const std::string& codec : available_encoders()) {
    for (const std::uint32_t fps : {10u, 30u}) write_numbered(folder, codec, fps);
  }
  // The same as JPEGs, copied.
  StreamParameters stream;
  stream.codec = "mjpeg";
  stream.width = 160;
  stream.height = 96;
  stream.fps = 15;
  stream.pix_fmt = "yuvj420p";
  std::vector<OwnedPacket> packets;
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 160, 96));
  for (int n = 0; n < 70; ++n) {
    paint_scene(rgb, n);
    for (int bit = 0; bit < 8; ++bit) {
      for (int y = 0; y < 16; ++y) std::fill_n(rgb.plane(0) + y * rgb.stride(0) + 48 * bit, 48, (n >> bit & 1) != 0 ? 220 : 30);
    }
    auto jpeg = encode_jpeg(rgb, 90);
    ASSERT_OK(jpeg);
    packets.push_back({*jpeg, true});
  }
  write_mp4(std::string(folder) + "/mjpeg_15.mp4", stream, packets);
}

}  // namespace
}  // namespace bagloom::media
