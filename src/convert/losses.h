// What was lost, as entries for the report.
#pragma once

#include <vector>

#include "convert/job_setup.h"
#include "convert/recording_plan.h"
#include "convert/stream_index.h"

namespace bagloom::convert {

std::vector<Loss> losses_of_damage(const std::string& recording, const bag::BagInfo& info);
/// Held rows by column, rejection, rows of gaps, short pieces; and what is left out of nothing but should be known: times that go
/// back in the file, a topic that ends long before the rows do, many rows trimmed.
std::vector<Loss> losses_of_plan(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan);
/// `start` is the recording's, for the text. `messages`: that many of the topic, of which `unusable` is the first, for one
/// reason. All features of the topic lose them, whichever could not read them; `feature` is one that could not.
Loss unusable_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                   TimeNs start);
/// Of a feature that no message of its topic is left for, since all `messages` name other elements: the first is `unusable`.
Loss nothing_left_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                       TimeNs start);
/// Unusable messages of a topic that a report lists one by one.
inline constexpr std::uint64_t kListedOfTopic = 100;
/// The first hundred of each topic one by one, the rest of a topic as one entry with their number, and their reason where it is
/// one.
std::vector<Loss> shorten(std::vector<Loss> losses);

/// What the keyframe passes of a recording's video topics found unusable.
std::vector<Loss> losses_of_streams(const Recording& recording, const FeatureColumns& columns);

}  // namespace bagloom::convert
