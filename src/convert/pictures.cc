#include "convert/pictures.h"

namespace bagloom::convert {

Result<media::EncodedPicture> encoded_picture(const Recording& recording, std::uint32_t column, const MessageRef& ref,
                                              Bytes message) {
  const auto& extractor = recording.extractors[column].pictures[ref.connection];
  if (extractor == nullptr) return Error(ErrorKind::internal, "message of a connection without an extractor");
  ASSIGN_OR_RETURN(const msg::PictureMessage picture, extractor->run(message));
  media::EncodedPicture encoded;
  encoded.compressed = picture.compressed;
  encoded.encoding = picture.encoding;
  encoded.width = picture.width;
  encoded.height = picture.height;
  encoded.step = picture.step;
  encoded.big_endian = picture.big_endian;
  encoded.data = picture.data;
  encoded.holds = picture.holds;
  return encoded;
}

std::string size_text(std::uint32_t width, std::uint32_t height) { return std::to_string(width) + "x" + std::to_string(height); }

std::unique_ptr<media::PictureDecoder> make_decoder(const recipe::CameraFeature& rules) {
  return media::make_picture_decoder({rules.tolerate_warnings, rules.depth.has_value()});
}

media::ScaleFit scale_fit(recipe::Fit fit) {
  switch (fit) {
    case recipe::Fit::none: return media::ScaleFit::none;
    case recipe::Fit::stretch: return media::ScaleFit::stretch;
    case recipe::Fit::pad: return media::ScaleFit::pad;
    case recipe::Fit::crop: return media::ScaleFit::crop;
  }
  return media::ScaleFit::none;
}

std::unique_ptr<media::PictureScaler> make_scaler(const CameraOutput& camera, const recipe::CameraFeature& rules) {
  if (camera.depth) return media::make_depth_scaler(*camera.depth);
  media::ScaleTarget target;
  target.width = camera.stream.width;
  target.height = camera.stream.height;
  target.format = camera.encoder.format;
  switch (rules.filter) {
    case recipe::Filter::automatic: target.filter = media::ScaleFilter::automatic; break;
    case recipe::Filter::area: target.filter = media::ScaleFilter::area; break;
    case recipe::Filter::bicubic: target.filter = media::ScaleFilter::bicubic; break;
    case recipe::Filter::bilinear: target.filter = media::ScaleFilter::bilinear; break;
  }
  target.fit = scale_fit(rules.fit);
  return media::make_picture_scaler(target);
}

std::unique_ptr<media::HistogramSampler> make_sampler(const CameraOutput& camera) {
  return media::make_histogram_sampler(camera.depth ? camera.depth->range : std::nullopt);
}

}  // namespace bagloom::convert
