#include "convert/camera_sample.h"

#include "convert/pictures.h"

namespace bagloom::convert {

CameraSample::CameraSample(const JobSetup& setup, Recording& recording, const CameraOutput& camera)
    : recording_(recording),
      camera_(camera),
      decoder_(make_decoder(setup.columns->columns[camera.column].camera_rules)),
      scaler_(make_scaler(camera, setup.columns->columns[camera.column].camera_rules)) {}

bool CameraSample::decode(const MessageRef& ref, Bytes message, media::Picture& into) {
  const auto picture = encoded_picture(recording_, camera_.column, ref, message);
  return picture && decoder_->decode(*picture, into);
}

bool CameraSample::make(const MessageRef& ref, Bytes message, media::Picture& into) {
  return decode(ref, message, decoded_) && scaler_->scale(decoded_, into);
}

}  // namespace bagloom::convert
