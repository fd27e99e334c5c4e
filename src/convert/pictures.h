// A camera message's bytes as media/ wants them.
#pragma once

#include "convert/recording.h"
#include "media/picture_decoder.h"
#include "media/picture_scaler.h"

namespace bagloom::convert {

/// Views into `message`. Error: corrupt (the message does not fit its definition).
Result<media::EncodedPicture> encoded_picture(const Recording& recording, std::uint32_t column, const MessageRef& ref,
                                              Bytes message);

media::ScaleTarget scale_target(const recipe::CameraFeature& rules, std::uint32_t width, std::uint32_t height);

}  // namespace bagloom::convert
