// Few pictures of one camera, made as its tasks make them: to measure what all of them will take.
#pragma once

#include <memory>
#include <optional>

#include "convert/job_setup.h"
#include "convert/recording.h"
#include "convert/stream_pictures.h"
#include "media/picture_decoder.h"
#include "media/picture_scaler.h"

namespace bagloom::convert {

/// Takes a segment task's memory while an encoder is open beside it. What it is given outlives it.
class CameraSample {
 public:
  CameraSample(const JobSetup& setup, Recording& recording, const CameraOutput& camera);

  /// Decoded and scaled. False where the message cannot be used.
  bool make(const MessageRef& ref, Bytes message, media::Picture& into);
  /// Decoded only; not of a video topic.
  bool decode(const MessageRef& ref, Bytes message, media::Picture& into);
  /// Decoded only, of any topic; null where the message cannot be used.
  const media::Picture* picture(const MessageRef& ref, Bytes message);

 private:
  Recording& recording_;
  const CameraOutput& camera_;
  std::unique_ptr<media::PictureDecoder> decoder_;
  std::optional<StreamPictures> stream_;
  std::unique_ptr<media::PictureScaler> scaler_;
  media::Picture decoded_;
};

}  // namespace bagloom::convert
