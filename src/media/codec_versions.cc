#include <dlfcn.h>

#include <string_view>

#include "media/av.h"
#include "media/encoder_options.h"
#include "media/png_encoder.h"
#include "media/segment_encoder.h"
#include "media/svt_av1.h"

namespace bagloom::media {
namespace {

std::string version(const char* library, unsigned number) {
  return std::string(library) + " " + std::to_string(AV_VERSION_MAJOR(number)) + "." + std::to_string(AV_VERSION_MINOR(number)) +
         "." + std::to_string(AV_VERSION_MICRO(number));
}

/// x264 has no call for it, but its first packet says "x264 - core 164 r3095 baee400 - H.264/...".
std::string x264_version() {
  EncoderSettings settings;
  settings.width = settings.height = 64;
  Picture grey;
  if (!grey.reshape(settings.format, 64, 64)) return {};
  for (int i = 0; i < 3; ++i) std::fill_n(grey.plane(i), grey.stride(i) * (i == 0 ? 64 : 32), std::uint8_t{128});
  auto context = open_encoder(settings);
  PacketPtr packet(av_packet_alloc());
  if (!context || packet == nullptr) return {};
  grey.frame()->pts = 0;
  if (avcodec_send_frame(context->get(), grey.frame()) < 0 || avcodec_send_frame(context->get(), nullptr) < 0 ||
      avcodec_receive_packet(context->get(), packet.get()) < 0) {
    return {};
  }
  std::string_view text(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
  const std::size_t begin = text.find("x264 - core ");
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin + 12, 60);
  return "; x264 " + std::string(text.substr(0, text.find(" - ")));
}

/// libx265's own constant text, "3.5+1-f0c1022b6"; nothing where this FFmpeg links none.
std::string x265_text() {
  const auto text = static_cast<const char* const*>(dlsym(RTLD_DEFAULT, "x265_version_str"));
  return text == nullptr || *text == nullptr ? std::string() : "; x265 " + std::string(*text);
}

std::string svt_text() {
  const std::string known = svt_av1_version();
  return known.empty() ? known : "; SVT-AV1 " + known;
}

}  // namespace

std::string svt_av1_version() {
  using Version = const char* (*)();
  const auto call = reinterpret_cast<Version>(dlsym(RTLD_DEFAULT, "svt_av1_get_version"));
  return call == nullptr || call() == nullptr ? std::string() : std::string(call());
}

std::string codec_versions() {
  return version("libavcodec", avcodec_version()) + "; " + version("libavformat", avformat_version()) + "; " +
         version("libswscale", swscale_version()) + x264_version() + svt_text() + "; turbojpeg " + BAGLOOM_TURBOJPEG_VERSION +
         "; " + png_versions() + x265_text();
}

}  // namespace bagloom::media
