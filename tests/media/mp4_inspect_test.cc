// Each fault that makes LeRobot's readers wrong (lerobot-format.md 6.2 to 6.4) must be seen by inspect_mp4. The faulty files
// are made with libavformat directly.
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

#include "media/av.h"
#include "pictures.h"

namespace bagloom::media {
namespace {

struct Fault {
  std::function<std::int64_t(std::int64_t)> pts = [](std::int64_t n) { return n; };  // in steps of 1/300 s
  const char* flags = nullptr;
  int second_stream = 0;
  std::int64_t reorder = 0;  // dts = pts - reorder for odd packets
  int timescale = 0;
};

std::string faulty(const std::string& name, const Fault& fault, int count = 20) {
  EncoderSettings settings;
  settings.width = 128;
  settings.height = 96;
  settings.fps = 30;
  const Encoded encoded = encode_scene(settings, 0, count);
  const std::string path = temp_path(name);
  AVFormatContext* muxer = nullptr;
  EXPECT_GE(avformat_alloc_output_context2(&muxer, nullptr, "mp4", path.c_str()), 0);
  for (int i = 0; i <= fault.second_stream; ++i) {
    AVStream* track = avformat_new_stream(muxer, nullptr);
    track->time_base = {1, 300};
    track->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    track->codecpar->codec_id = AV_CODEC_ID_H264;
    track->codecpar->width = 128;
    track->codecpar->height = 96;
    track->codecpar->extradata =
        static_cast<std::uint8_t*>(av_mallocz(encoded.stream.extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::memcpy(track->codecpar->extradata, encoded.stream.extradata.data(), encoded.stream.extradata.size());
    track->codecpar->extradata_size = static_cast<int>(encoded.stream.extradata.size());
  }
  EXPECT_GE(avio_open(&muxer->pb, path.c_str(), AVIO_FLAG_WRITE), 0);
  AVDictionary* options = nullptr;
  if (fault.flags != nullptr) av_dict_set(&options, "movflags", fault.flags, 0);
  if (fault.timescale != 0) av_dict_set_int(&options, "video_track_timescale", fault.timescale, 0);
  EXPECT_GE(avformat_write_header(muxer, &options), 0);
  av_dict_free(&options);
  for (int n = 0; n < count; ++n) {
    for (int i = 0; i <= fault.second_stream; ++i) {
      PacketPtr packet(av_packet_alloc());
      const auto& bytes = encoded.packets[static_cast<std::size_t>(n)].bytes;
      EXPECT_GE(av_new_packet(packet.get(), static_cast<int>(bytes.size())), 0);
      std::memcpy(packet->data, bytes.data(), bytes.size());
      packet->stream_index = i;
      packet->flags = n % 2 == 0 ? AV_PKT_FLAG_KEY : 0;
      const AVRational from{1, 300}, base = muxer->streams[i]->time_base;
      packet->pts = av_rescale_q(fault.pts(10 * n), from, base);
      packet->dts = packet->pts - (n % 2 == 1 ? av_rescale_q(fault.reorder, from, base) : 0);
      packet->duration = av_rescale_q(10, from, base);
      EXPECT_GE(av_write_frame(muxer, packet.get()), 0);
    }
  }
  EXPECT_GE(av_write_trailer(muxer), 0);
  avio_closep(&muxer->pb);
  avformat_free_context(muxer);
  return path;
}

Mp4Facts facts_of(const std::string& path, std::uint32_t fps = 30) {
  auto facts = inspect_mp4(path, fps);
  EXPECT_OK(facts);
  return facts.ok() ? *facts : Mp4Facts();
}

TEST(InspectMp4, FindsNothingInAGoodFile) {
  const Mp4Facts facts = facts_of(faulty("good.mp4", {}));
  EXPECT_EQ(facts.frames, 20u);
  EXPECT_EQ(facts.first_wrong_frame, -1);
  EXPECT_TRUE(facts.constant_duration);
  EXPECT_FALSE(facts.b_frames);
  EXPECT_FALSE(facts.fragmented);
}

TEST(InspectMp4, FindsAGapAtAJoin) {
  Fault gap;
  gap.pts = [](std::int64_t n) { return n < 100 ? n : n + 1; };
  const Mp4Facts facts = facts_of(faulty("gap.mp4", gap));
  EXPECT_EQ(facts.first_wrong_frame, 10);
  EXPECT_FALSE(facts.constant_duration);
}

TEST(InspectMp4, FindsAMissingPicture) {
  Fault hole;
  hole.pts = [](std::int64_t n) { return n < 70 ? n : n + 10; };
  EXPECT_EQ(facts_of(faulty("hole.mp4", hole)).first_wrong_frame, 7);
}

TEST(InspectMp4, FindsALateStart) {
  Fault late;
  late.pts = [](std::int64_t n) { return n + 20; };
  late.flags = "negative_cts_offsets";
  const Mp4Facts facts = facts_of(faulty("late.mp4", late));
  EXPECT_TRUE(facts.start_pts != 0 || facts.first_wrong_frame == 0 || facts.duration_s > 20.0 / 30);
}

TEST(InspectMp4, FindsFragments) {
  Fault fragments;
  fragments.flags = "frag_keyframe+empty_moov";
  const Mp4Facts facts = facts_of(faulty("fragments.mp4", fragments));
  EXPECT_TRUE(facts.fragmented);
  EXPECT_FALSE(facts.constant_duration);
}

TEST(InspectMp4, FindsReorderedPackets) {
  Fault reordered;
  reordered.reorder = 3;
  EXPECT_TRUE(facts_of(faulty("reordered.mp4", reordered)).b_frames);
}

TEST(InspectMp4, FindsACoarseClock) {
  Fault coarse;
  coarse.timescale = 1000;
  const Mp4Facts facts = facts_of(faulty("coarse.mp4", coarse));
  EXPECT_EQ(facts.timescale, 1000);
  EXPECT_EQ(facts.first_wrong_frame, 1);
  EXPECT_FALSE(facts.constant_duration);
}

TEST(InspectMp4, FindsAnotherRate) {
  const Mp4Facts facts = facts_of(faulty("rate.mp4", {}), 25);
  EXPECT_EQ(facts.first_wrong_frame, 1);
  EXPECT_EQ(facts.rate_num, 30 * facts.rate_den);
}

TEST(InspectMp4, FindsASecondStream) {
  Fault two;
  two.second_stream = 1;
  EXPECT_EQ(facts_of(faulty("two.mp4", two)).video_streams, 2);
}

TEST(InspectMp4, FindsRotation) {
  const std::string path = faulty("rotated.mp4", {});
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::string bytes(1 << 20, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  const std::size_t header = bytes.find("tkhd");
  ASSERT_NE(header, std::string::npos);
  const unsigned char quarter[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0};
  std::fseek(file, static_cast<long>(header) + 4 + 4 + 20 + 16, SEEK_SET);
  std::fwrite(quarter, 1, sizeof quarter, file);
  std::fclose(file);
  EXPECT_NEAR(std::abs(facts_of(path).rotation), 90, 1e-6);
}

TEST(InspectMp4, RefusesWhatIsNoMp4) {
  EXPECT_FALSE(inspect_mp4(temp_path("nosuch.mp4"), 30).ok());
  for (const std::string& content : {std::string(), std::string("hello"), std::string(1000, '\0'),
                                     std::string("\0\0\0\x10"
                                                 "ftypisom\0\0\0\0",
                                                 16)}) {
    const std::string path = temp_path("none.mp4");
    std::FILE* file = std::fopen(path.c_str(), "wb");
    std::fwrite(content.data(), 1, content.size(), file);
    std::fclose(file);
    EXPECT_FALSE(inspect_mp4(path, 30).ok()) << content.size();
    EXPECT_FALSE(Mp4Reader::open(path, 30).ok());
    std::remove(path.c_str());
  }
  EXPECT_FALSE(inspect_mp4(faulty("good.mp4", {}), 0).ok());
}

// libavformat would allocate what is declared.
TEST(InspectMp4, ATableLargerThanItsBoxIsRefused) {
  const std::string good = faulty("whole.mp4", {});
  std::ifstream in(good, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (const auto& [type, count_at] :
       {std::pair<std::string, std::size_t>{"stts", 8}, {"stss", 8}, {"stsc", 8}, {"stco", 8}, {"stsz", 12}}) {
    std::string wrong = bytes;
    const std::size_t box = wrong.find(type);
    ASSERT_NE(box, std::string::npos) << type;
    wrong[box + count_at] = 1;  // the highest byte of the count: 16,777,216 more
    const std::string path = temp_path("table.mp4");
    std::ofstream(path, std::ios::binary) << wrong;
    const auto facts = inspect_mp4(path, 30);
    ASSERT_FALSE(facts.ok()) << type;
    EXPECT_NE(facts.error().text().find(type + " at 0x"), std::string::npos) << facts.error().text();
    EXPECT_NE(facts.error().text().find("declares 167772"), std::string::npos) << facts.error().text();
  }
}

// Samples of one size need no table: libavformat makes an index entry for each that is declared.
TEST(InspectMp4, MoreSamplesOfOneSizeThanTheFileHolds) {
  std::ifstream in(faulty("whole.mp4", {}), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const std::size_t box = bytes.find("stsz");
  ASSERT_NE(box, std::string::npos);
  bytes[box + 9] = 3;   // 196,608 bytes each
  bytes[box + 12] = 3;  // 50 million of them
  const std::string path = temp_path("same_size.mp4");
  std::ofstream(path, std::ios::binary) << bytes;
  const auto facts = inspect_mp4(path, 30);
  ASSERT_FALSE(facts.ok());
  EXPECT_NE(facts.error().text().find("samples of 196608 bytes, the file has " + std::to_string(bytes.size())), std::string::npos)
      << facts.error().text();
}

TEST(InspectMp4, EveryCutIsSeen) {
  const std::string path = faulty("whole.mp4", {}), cut = temp_path("cut.mp4");
  std::FILE* file = std::fopen(path.c_str(), "rb");
  std::string bytes(1 << 20, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    file = std::fopen(cut.c_str(), "wb");
    std::fwrite(bytes.data(), 1, length, file);
    std::fclose(file);
    EXPECT_FALSE(inspect_mp4(cut, 30).ok()) << length;
  }
  std::remove(cut.c_str());
}

TEST(Mp4Reader, SeesWrongTimes) {
  Fault gap;
  gap.pts = [](std::int64_t n) { return n < 100 ? n : n + 1; };
  auto reader = Mp4Reader::open(faulty("gap.mp4", gap), 30);
  ASSERT_OK(reader);
  Picture out;
  EXPECT_OK((*reader)->decode(4, out));
  const Status status = (*reader)->decode(12, out);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
  EXPECT_OK((*reader)->decode(9, out));  // and goes on
}

}  // namespace
}  // namespace bagloom::media
