// A camera message's bytes as media/ wants them.
#pragma once

#include <memory>
#include <string>

#include "convert/recording.h"
#include "convert/unit_tasks.h"
#include "media/picture_decoder.h"
#include "media/picture_scaler.h"

namespace bagloom::convert {

/// Views into `message`, or of what it holds itself. Error: corrupt (the message does not fit its definition).
Result<media::EncodedPicture> encoded_picture(const Recording& recording, std::uint32_t column, const MessageRef& ref,
                                              Bytes message);

/// "848x480"
std::string size_text(std::uint32_t width, std::uint32_t height);

/// Of this camera's topic.
std::unique_ptr<media::PictureDecoder> make_decoder(const recipe::CameraFeature& rules);
media::ScaleFit scale_fit(recipe::Fit fit);
/// To the size and layout that its encoder takes.
std::unique_ptr<media::PictureScaler> make_scaler(const CameraOutput& camera, const recipe::CameraFeature& rules);
/// Of what its scaler gives.
std::unique_ptr<media::HistogramSampler> make_sampler(const CameraOutput& camera);

}  // namespace bagloom::convert
