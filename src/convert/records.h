// What is kept of a finished recording: its episodes with their units and statistics, and what was lost. JSON in the staging
// folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convert/convert.h"
#include "convert/format_notes.h"
#include "convert/names_pass.h"
#include "dataset/assembly.h"

namespace bagloom::convert {

struct EpisodeRecord {
  dataset::EpisodeUnits units;  ///< names of units without their folder
  std::uint64_t held = 0;
  TimeNs start_ns = 0, end_ns = 0;  ///< first and last row
};

struct RecordingRecord {
  std::vector<EpisodeRecord> episodes;
  std::vector<Loss> losses;
  std::vector<TopicNames> names;          ///< of topics that several publishers share
  std::vector<TopicMismatch> mismatches;  ///< of topics of pictures, each once
  bool rejected = false;                  ///< by the gap rule: in losses
  std::optional<Failure> failure;         ///< could not be read, or does not fit the recipe
};

std::string to_json(const RecordingRecord& record);
/// Nothing where the text is not such a record.
std::optional<RecordingRecord> record_from_json(const std::string& text);

}  // namespace bagloom::convert
