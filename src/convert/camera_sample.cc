#include "convert/camera_sample.h"

#include "convert/picture_room.h"
#include "convert/pictures.h"

namespace bagloom::convert {

CameraSample::CameraSample(const JobSetup& setup, Recording& recording, const CameraOutput& camera)
    : recording_(recording),
      camera_(camera),
      decoder_(make_decoder(setup.columns->columns[camera.column].camera_rules)),
      scaler_(make_scaler(camera, setup.columns->columns[camera.column].camera_rules)) {
  if (recording.streams[camera.column] != nullptr)
    stream_.emplace(recording, camera.column, camera.video_limits,
                    [&recording](const MessageRef& ref) { return recording.reader->fetch(ref); });
}

const media::Picture* CameraSample::picture(const MessageRef& ref, Bytes message) {
  if (stream_) {
    align::Cell cell;
    cell.first = ref;
    if (!stream_->want({cell})) return nullptr;
    const auto streamed = stream_->picture(ref);
    return streamed ? *streamed : nullptr;
  }
  return decode(ref, message, decoded_) ? &decoded_ : nullptr;
}

bool CameraSample::decode(const MessageRef& ref, Bytes message, media::Picture& into) {
  const auto encoded = encoded_picture(recording_, camera_.column, ref, message);
  std::uint64_t needs = 0;
  return encoded && make_way(camera_, *encoded, into, needs) && decoder_->decode(*encoded, into);
}

bool CameraSample::make(const MessageRef& ref, Bytes message, media::Picture& into) {
  const media::Picture* decoded = picture(ref, message);
  return decoded != nullptr && scaler_->scale(*decoded, into);
}

}  // namespace bagloom::convert
