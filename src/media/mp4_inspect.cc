#include <algorithm>

#include "base/source.h"
#include "media/av.h"
#include "media/mp4.h"
#include "media/mp4_boxes.h"
#include "media/mp4_input.h"

namespace bagloom::media {
namespace {

/// Whether tick/timescale is exactly frame/fps.
bool on_grid(std::int64_t tick, std::size_t frame, const AVRational& base, std::uint32_t fps) {
  return av_compare_ts(tick, base, static_cast<std::int64_t>(frame), AVRational{1, static_cast<int>(fps)}) == 0;
}

}  // namespace

Result<Mp4Facts> inspect_mp4(const std::string& path, std::uint32_t fps) {
  if (fps < 1 || fps > 1000) return Error(ErrorKind::invalid, "fps " + std::to_string(fps) + " (1 to 1000)");
  Mp4Facts facts;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Source> file, open_file(path));
    auto boxes = read_mp4_boxes(*file);
    if (!boxes) return std::move(boxes).error().in(path);
    facts.fragmented = boxes->moof;
    facts.constant_duration = !boxes->moof && boxes->stts_entries == 1;
    facts.rotation = boxes->rotation;
  }
  ASSIGN_OR_RETURN(const Mp4Input input, open_mp4(path));
  const AVStream* video = input.video;
  const AVCodecParameters* codec = video->codecpar;
  facts.video_streams = input.video_streams;
  facts.other_streams = input.other_streams;
  facts.codec = avcodec_get_name(codec->codec_id);
  if (const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(codec->format))) facts.pix_fmt = format;
  facts.width = static_cast<std::uint32_t>(std::max(0, codec->width));
  facts.height = static_cast<std::uint32_t>(std::max(0, codec->height));
  facts.timescale = video->time_base.num == 1 ? video->time_base.den : 0;
  facts.rate_num = video->r_frame_rate.num;
  facts.rate_den = video->r_frame_rate.den;
  facts.average_num = video->avg_frame_rate.num;
  facts.average_den = video->avg_frame_rate.den;
  if (video->duration != AV_NOPTS_VALUE) facts.duration_s = static_cast<double>(video->duration) * av_q2d(video->time_base);

  PacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return Error(ErrorKind::over_limit, "no memory for a packet");
  // With B-frames packets come in decoding order: the grid is asked of the sorted times.
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> keyframes;
  for (;;) {
    const int code = av_read_frame(input.demuxer.get(), packet.get());
    if (code == AVERROR_EOF) break;
    if (code < 0) return av_error(ErrorKind::corrupt, "packet " + std::to_string(times.size()), code).in(path);
    if (packet->stream_index == video->index && packet->pts != AV_NOPTS_VALUE) {
      if (packet->pts != packet->dts) facts.b_frames = true;
      if ((packet->flags & AV_PKT_FLAG_KEY) != 0) keyframes.push_back(packet->pts);
      times.push_back(packet->pts);
    }
    av_packet_unref(packet.get());
  }
  std::sort(times.begin(), times.end());
  facts.frames = times.size();
  if (!times.empty()) facts.start_pts = times.front();
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!on_grid(times[i], i, video->time_base, fps)) {
      facts.first_wrong_frame = static_cast<std::int64_t>(i);
      break;
    }
  }
  for (const std::int64_t pts : keyframes) {
    facts.keyframes.push_back(static_cast<std::uint32_t>(std::lower_bound(times.begin(), times.end(), pts) - times.begin()));
  }
  return facts;
}

Status visit_mp4_packets(const std::string& path, const std::function<Status(const Packet&)>& visit) {
  ASSIGN_OR_RETURN(const Mp4Input input, open_mp4(path));
  PacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return Error(ErrorKind::over_limit, "no memory for a packet");
  for (std::uint64_t n = 0;; ++n) {
    const int code = av_read_frame(input.demuxer.get(), packet.get());
    if (code == AVERROR_EOF) return {};
    if (code < 0) return av_error(ErrorKind::corrupt, "packet " + std::to_string(n), code).in(path);
    Status status;
    if (packet->stream_index == input.video->index)
      status = visit({{reinterpret_cast<const std::byte*>(packet->data), static_cast<std::size_t>(std::max(0, packet->size))},
                      (packet->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet.get());
    RETURN_IF_ERROR(status);
  }
}

}  // namespace bagloom::media
