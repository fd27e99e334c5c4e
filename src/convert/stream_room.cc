#include "convert/stream_room.h"

#include <algorithm>
#include <string>

#include "convert/stream_index.h"

namespace bagloom::convert {

StreamRoom room_for_streams(const JobSetup& setup, const Recording& recording) {
  StreamRoom room{setup.cameras, setup.segment_tasks, setup.sample_tasks, setup.needs.largest_task};
  const std::uint64_t most = task_bytes(setup.layout), held = setup.layout.limit - std::min(setup.layout.limit, most);
  auto cameras = std::make_shared<std::vector<CameraOutput>>(*setup.cameras);
  for (std::size_t i = 0; i < cameras->size(); ++i) {
    CameraOutput& camera = (*cameras)[i];
    const auto& stream = recording.streams[camera.column];
    if (stream == nullptr) continue;
    const media::SequencePictures known = camera.video_limits.sequence;
    const media::SequencePictures needs = most_of(known, stream->facts().sequence);
    if (needs == known) continue;
    const CameraShape& source = setup.sources[i];
    const std::uint64_t bytes = media::stream_decoder_bytes(source.video, source.width, source.height, needs);
    const std::uint64_t more = bytes - std::min(bytes, source.decoding_bytes);
    std::uint64_t& task = camera.packets ? room.sample_tasks[i] : room.segment_tasks[i];
    const std::uint64_t largest = std::max(room.largest_task, task + more);
    if (setup.layout.limit_given && largest > most) {
      constexpr std::uint64_t kMiB = 1024 * 1024;
      camera.video_limits.remedy = "--memory-limit " + std::to_string((held + largest) / kMiB + 3) + "MiB has room for them";
      continue;
    }
    task += more;
    room.largest_task = largest;
    camera.video_limits.sequence = needs;
  }
  room.cameras = cameras;
  return room;
}

}  // namespace bagloom::convert
