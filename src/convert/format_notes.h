// What users are told of messages that say something else than their bytes are: one line a topic, wherever it begins.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "convert/feature_columns.h"
#include "convert/recording.h"
#include "media/format_check.h"

namespace bagloom::convert {

struct JobSetup;

/// The first such message of a topic in one recording. Of still pictures only those that rows use are looked at.
struct TopicMismatch {
  std::string topic;
  TimeNs since_start = 0;  ///< of the recording
  std::string what;        ///< "says png, is jpeg"
};

/// Of one recording: the first of each topic, in whichever order they are found.
class TopicMismatches {
 public:
  void add(const std::string& topic, const std::optional<media::FormatMismatch>& found);
  /// What the keyframe passes of its video topics found.
  void add_streams(const Recording& recording, const FeatureColumns& columns);
  void clear() { first_.clear(); }
  std::vector<TopicMismatch> list(TimeNs start) const;

 private:
  std::map<std::string, media::FormatMismatch> first_;
};

/// "/camera: a picture's `format` says png, is jpeg; the bytes decide"; `where`: behind the topic, where that is known.
std::string format_note(const std::string& topic, const std::string& where, const std::string& what);

/// Of a job: lines for topics of which nothing was said before the work.
class FormatNotes {
 public:
  explicit FormatNotes(const JobSetup& setup);
  /// Recordings in the job's order.
  void add(const std::string& recording, const std::vector<TopicMismatch>& found);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const bool several_recordings_;
  std::set<std::string> said_;  ///< topics
  std::vector<std::string> lines_;
};

}  // namespace bagloom::convert
