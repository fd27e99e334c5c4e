// Memory for video topics whose later parameter sets make the decoder keep more pictures than the first keyframes of all
// recordings, which memory was laid out for.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "convert/job_setup.h"
#include "convert/recording.h"

namespace bagloom::convert {

/// A recording's own sizes of tasks.
struct StreamRoom {
  /// Limits as wide as the recording's streams need, where the user set no limit or that fits; else those of the set-up, with a
  /// remedy.
  std::shared_ptr<const std::vector<CameraOutput>> cameras;
  std::vector<std::uint64_t> segment_tasks, sample_tasks;  ///< bytes, by camera
  std::uint64_t largest_task = 0;                          ///< bytes
};

/// After the keyframe pass (Recording::streams).
StreamRoom room_for_streams(const JobSetup& setup, const Recording& recording);

}  // namespace bagloom::convert
