#include "convert/picture_room.h"

#include <algorithm>
#include <memory>
#include <string>

#include "convert/memory_layout.h"
#include "convert/pictures.h"

namespace bagloom::convert {

std::uint64_t picture_room(const media::PictureShape& shape) {
  return shape.decoding_bytes + media::picture_bytes(shape.format, shape.width, shape.height);
}

Status make_way(const CameraOutput& camera, const media::EncodedPicture& picture, media::Picture& into, std::uint64_t& needs) {
  needs = 0;
  const auto shape = media::probe_picture(picture, camera.depth.has_value());
  if (!shape) return {};  // decoding says why
  if (into.width() != shape->width || into.height() != shape->height || into.format() != shape->format) into = media::Picture();
  if (picture_room(*shape) <= camera.picture_room) return {};
  needs = picture_room(*shape);
  return Error(ErrorKind::corrupt, "a picture of " + size_text(shape->width, shape->height) + " that takes " + size_text(needs) +
                                       " to decode, and the topic's first " + size_text(camera.picture_room) +
                                       ", which memory was laid out for");
}

bool make_picture_room(const JobSetup& setup, bool limited, StreamRoom& room, std::vector<Unusable>& unusable) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  const std::uint64_t most = task_bytes(setup.layout), held = setup.layout.limit - std::min(setup.layout.limit, most);
  const auto cameras = std::make_shared<std::vector<CameraOutput>>(*room.cameras);
  bool grown = false;
  std::erase_if(unusable, [&](Unusable& one) {
    if (one.needs == 0) return false;
    for (std::size_t i = 0; i < cameras->size(); ++i) {
      CameraOutput& camera = (*cameras)[i];
      if (camera.column != one.column || one.needs <= camera.picture_room) continue;
      const std::uint64_t task = room.segment_tasks[i] + one.needs - camera.picture_room;
      if (limited && task > most) {
        one.reason += "; --memory-limit " + std::to_string((held + task) / kMiB + 3) + "MiB has room for it";
        return false;
      }
      room.segment_tasks[i] = task;
      room.largest_task = std::max(room.largest_task, task);
      camera.picture_room = one.needs;
      grown = true;
    }
    return true;
  });
  if (grown) room.cameras = cameras;
  return grown;
}

}  // namespace bagloom::convert
