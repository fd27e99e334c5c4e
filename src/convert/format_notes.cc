#include "convert/format_notes.h"

#include "convert/job_setup.h"
#include "convert/stream_index.h"

namespace bagloom::convert {

void TopicMismatches::add(const std::string& topic, const std::optional<media::FormatMismatch>& found) {
  if (!found) return;
  const auto [first, is_new] = first_.try_emplace(topic, *found);
  if (!is_new && found->time < first->second.time) first->second = *found;
}

void TopicMismatches::add_streams(const Recording& recording, const FeatureColumns& columns) {
  for (std::size_t i = 0; i < columns.columns.size(); ++i)
    if (recording.streams[i] != nullptr) add(columns.columns[i].topic, recording.streams[i]->facts().mismatch);
}

std::vector<TopicMismatch> TopicMismatches::list(TimeNs start) const {
  std::vector<TopicMismatch> list;
  for (const auto& [topic, found] : first_) list.push_back({topic, found.time - start, found.what});
  return list;
}

std::string format_note(const std::string& topic, const std::string& where, const std::string& what) {
  return topic + where + ": a picture's `format` " + what + "; the bytes decide";
}

FormatNotes::FormatNotes(const JobSetup& setup) : several_recordings_(setup.inputs.size() > 1) {
  for (std::size_t i = 0; i < setup.sources.size(); ++i)
    if (!setup.sources[i].mismatch.empty()) said_.insert(setup.columns->columns[(*setup.cameras)[i].column].topic);
}

void FormatNotes::add(const std::string& recording, const std::vector<TopicMismatch>& found) {
  for (const TopicMismatch& one : found)
    if (said_.insert(one.topic).second)
      lines_.push_back((several_recordings_ ? recording + ": " : "") +
                       format_note(one.topic, " at " + relative_text(one.since_start), one.what));
}

}  // namespace bagloom::convert
