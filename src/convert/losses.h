// What was lost, as entries for the report.
#pragma once

#include <set>
#include <vector>

#include "convert/job_setup.h"
#include "convert/recording_plan.h"
#include "convert/stream_index.h"

namespace bagloom::convert {

std::vector<Loss> losses_of_damage(const std::string& recording, const bag::BagInfo& info);
/// Held rows by column, rejection, rows of gaps, short pieces.
std::vector<Loss> losses_of_plan(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan);
/// `start` is the recording's, for the text. `messages`: that many of the topic, of which `unusable` is the first, for one
/// reason. `columns`: those that wanted it.
Loss unusable_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                   const std::set<std::uint32_t>& columns, TimeNs start);
/// Losses that differ in nothing but their feature become one, which names all of them.
std::vector<Loss> join_features(std::vector<Loss> losses);
/// The first hundred of each topic one by one, the rest of a topic as one entry with their number.
std::vector<Loss> shorten(std::vector<Loss> losses);

/// What a video topic's keyframe pass found unusable.
std::vector<Loss> losses_of_stream(const std::string& recording, const FeatureColumn& column, const StreamFacts& facts);

}  // namespace bagloom::convert
