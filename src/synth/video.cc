#include "synth/video.h"

#include <algorithm>

#include "media/picture_scaler.h"
#include "media/stream_encoder.h"

namespace bagloom::synth {
namespace {

class Camera : public VideoCamera {
 public:
  Status start(const SynthOptions& options) {
    media::ScaleTarget target;
    target.width = options.width;
    target.height = options.height;
    scaler_ = media::make_picture_scaler(target);
    media::StreamEncoderSettings settings;
    settings.codec = options.video;
    settings.width = options.width;
    settings.height = options.height;
    settings.fps = static_cast<std::uint32_t>(std::max(1.0, options.camera_hz + 0.5));
    settings.gop = options.gop;
    settings.arithmetic = true;  // as most encoders on robots do
    ASSIGN_OR_RETURN(auto encoder, media::StreamEncoder::open(settings, [this](Bytes bytes, std::uint64_t, bool) -> Status {
                       packet_.assign(bytes.begin(), bytes.end());
                       return {};
                     }));
    encoder_ = std::make_unique<media::StreamEncoder>(std::move(encoder));
    return {};
  }

  Result<Bytes> encode(const media::Picture& rgb) override {
    RETURN_IF_ERROR(scaler_->scale(rgb, planes_));
    packet_.clear();
    RETURN_IF_ERROR(encoder_->push(planes_));
    if (packet_.empty()) return Error(ErrorKind::internal, "the encoder keeps a picture back");
    return Bytes(packet_);
  }

 private:
  std::unique_ptr<media::PictureScaler> scaler_;
  std::unique_ptr<media::StreamEncoder> encoder_;
  media::Picture planes_;
  std::vector<std::byte> packet_;
};

}  // namespace

Result<std::unique_ptr<VideoCamera>> VideoCamera::open(const SynthOptions& options) {
  auto camera = std::make_unique<Camera>();
  RETURN_IF_ERROR(camera->start(options));
  return std::unique_ptr<VideoCamera>(std::move(camera));
}

}  // namespace bagloom::synth
