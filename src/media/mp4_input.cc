#include "media/mp4_input.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bagloom::media {

Result<Mp4Input> open_mp4(const std::string& path) {
  if (::access(path.c_str(), R_OK) != 0) return Error(ErrorKind::io, std::string("opening: ") + std::strerror(errno)).in(path);
  Mp4Input input;
  AVFormatContext* raw = nullptr;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2", 0);
  // "file:": a path with a colon in it is a path.
  const int code = avformat_open_input(&raw, ("file:" + path).c_str(), av_find_input_format("mp4"), &options);
  av_dict_free(&options);
  if (code < 0) return av_error(ErrorKind::corrupt, "not an mp4", code).in(path);
  input.demuxer.reset(raw);
  if (int found = avformat_find_stream_info(raw, nullptr); found < 0)
    return av_error(ErrorKind::corrupt, "its streams", found).in(path);
  for (unsigned i = 0; i < raw->nb_streams; ++i) {
    if (raw->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
      ++input.video_streams;
      if (input.video == nullptr) input.video = raw->streams[i];
    } else {
      ++input.other_streams;
    }
  }
  if (input.video == nullptr) return Error(ErrorKind::corrupt, "no video stream").in(path);
  for (unsigned i = 0; i < raw->nb_streams; ++i) {
    if (raw->streams[i] != input.video) raw->streams[i]->discard = AVDISCARD_ALL;
  }
  return input;
}

}  // namespace bagloom::media
