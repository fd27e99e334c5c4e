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
  return encoded;
}

media::ScaleTarget scale_target(const recipe::CameraFeature& rules, std::uint32_t width, std::uint32_t height) {
  media::ScaleTarget target;
  target.width = width;
  target.height = height;
  switch (rules.filter) {
    case recipe::Filter::automatic: target.filter = media::ScaleFilter::automatic; break;
    case recipe::Filter::area: target.filter = media::ScaleFilter::area; break;
    case recipe::Filter::bicubic: target.filter = media::ScaleFilter::bicubic; break;
    case recipe::Filter::bilinear: target.filter = media::ScaleFilter::bilinear; break;
  }
  switch (rules.fit) {
    case recipe::Fit::none: target.fit = media::ScaleFit::none; break;
    case recipe::Fit::stretch: target.fit = media::ScaleFit::stretch; break;
    case recipe::Fit::pad: target.fit = media::ScaleFit::pad; break;
    case recipe::Fit::crop: target.fit = media::ScaleFit::crop; break;
  }
  return target;
}

}  // namespace bagloom::convert
