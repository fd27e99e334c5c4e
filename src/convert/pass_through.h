// `copy` of video topics: packets go into the dataset as they were recorded, where each row of it is one of them. Decided for a
// camera's whole dataset, before anything is written.
#pragma once

#include <cstdint>
#include <string>

#include "convert/job_setup.h"
#include "convert/recording_plan.h"
#include "convert/stream_index.h"

namespace bagloom::convert {

/// Looks at every recording's keyframe pass and plan. Cameras whose packets can be passed through become such (CameraOutput:
/// copy, packets, stream); the others stay what job_setup made of them, to be encoded again. Fills JobSetup::pass_through and
/// ::streams, and notes. What concerns one recording alone is left to its run. Errors: io, stopped, invalid (encoding again is
/// not possible).
Status decide_pass_through(const Options& options, JobSetup& setup);

/// What keeps the rows of one recording from being its packets one by one, in order, beginning at a keyframe in each episode;
/// empty: nothing. "episode 0: row 7 repeats a picture".
Result<std::string> why_not_packets(const StreamIndex& index, const RecordingPlan& plan, std::uint32_t column);

/// The message's packet, with the parameter sets in it that a reader needs and that stand elsewhere.
Result<std::vector<std::byte>> packet_of(const Recording& recording, std::uint32_t column, const StreamIndex& index,
                                         const StreamEntry& entry,
                                         const std::function<Result<bag::Payload>(const MessageRef&)>& fetch);

}  // namespace bagloom::convert
