// Scans a recording's index and makes its plan: ticks, cells, episodes. docs/alignment.md.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "align/episodes.h"
#include "align/plan.h"
#include "convert/recording.h"
#include "convert/stage_seconds.h"

namespace bagloom::convert {

/// What counts as not recorded: single messages, by locator, and all that stand in a compressed chunk that cannot be inflated, by
/// its place in the file.
struct Excluded {
  std::set<std::uint64_t> messages;
  std::set<std::uint64_t> chunks;
  std::vector<std::uint64_t> more_messages = {};  ///< in ascending order: half a topic takes 8 bytes a message
  /// By column, in ascending order: messages whose names are others than the column takes. They are another column's, or
  /// nobody's.
  std::map<std::uint32_t, std::vector<std::uint64_t>> of_column = {};
  /// For this column alone.
  bool contains(std::uint32_t column, const MessageRef& ref) const {
    const auto here = of_column.find(column);
    return here != of_column.end() && std::binary_search(here->second.begin(), here->second.end(), ref.locator);
  }
  bool contains(const bag::BagReader& reader, const MessageRef& ref) const {
    return messages.contains(ref.locator) || std::binary_search(more_messages.begin(), more_messages.end(), ref.locator) ||
           (!chunks.empty() && chunks.contains(reader.place_key(ref)));
  }
};

/// The connections whose messages a plan is made of: those of the columns, and of the timeline.
bag::ConnectionSet planned_connections(const Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns);

/// A topic whose times go back in the file, by more than jitter: rows may mix two moments there.
struct TimesSetBack {
  std::string topic;
  std::uint64_t messages = 0;  ///< that stand in a file before ones of earlier times
  TimeNs lag = 0;              ///< ns: by how much at most
  TimeNs from = 0, to = 0;     ///< where that is
};

struct RecordingPlan {
  align::PlanCells cells;
  align::PlanOutcome outcome;
  std::vector<std::uint64_t> largest_message = {};  ///< by column: record bytes of its topic's largest message
  std::vector<std::uint64_t> mean_message = {};     ///< by column: record bytes, rounded up
  std::vector<TimeNs> last_message = {};            ///< by column: its topic's
  std::vector<TimeNs> median_interval = {};         ///< by column: its topic's; 0 where it is not known
  std::vector<TimesSetBack> set_back = {};          ///< by topic
  TimeNs start = 0;                                 ///< of the recording: times in texts are relative to it
};

/// Needs compile_extractors only for what runs after it. `stages` gets the seconds of scan and align. Errors: invalid (the recipe
/// does not fit this recording), corrupt, io.
Result<RecordingPlan> plan_recording(Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns,
                                     const Excluded& excluded, StageSeconds* stages = nullptr);

}  // namespace bagloom::convert
