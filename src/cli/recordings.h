// The recordings that a command line names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bag/bag_reader.h"
#include "base/result.h"

namespace bagloom::cli {

/// One recording to open, or why an argument names none.
struct Input {
  std::string path;
  std::optional<Error> error;
};

/// A folder that is a rosbag2 recording stands for itself, another one for the recordings in it (bag/rosbag2_folder.h).
std::vector<Input> expand_recordings(const std::vector<std::string>& arguments);

/// The paths alone, for verbs whose library reports what cannot be opened. Error: a folder without a recording.
Result<std::vector<std::string>> recording_paths(const std::vector<std::string>& arguments);

/// What a verb that reads an index may take.
struct IndexMemory {
  std::uint64_t limit = 0;             ///< of the whole process; 0: none
  std::uint64_t topic_bytes = 0;       ///< that the output takes for a topic
  std::uint64_t busy_topic_bytes = 0;  ///< and besides for one with two messages or more
};

/// With a limit, index and output must fit beside what the program takes already. Error over_limit: names the smallest limit that
/// does.
Result<std::unique_ptr<bag::BagReader>> open_recording(const Input& input, const IndexMemory& room = {});

/// All connections of one name.
struct Topic {
  std::string name;
  std::string type;                        ///< several, separated by ", ", where its connections differ
  std::vector<std::uint32_t> connections;  ///< indices into BagInfo::connections
  std::uint64_t messages = 0, bytes = 0;
  TimeNs start = 0, end = 0;  ///< 0 where there is no message
  bool latching = false;      ///< all of them

  /// Messages a second between the first and the last; 0 where there are fewer than two.
  double rate_hz() const;
};
/// By name.
std::vector<Topic> topics_of(const bag::BagInfo& info);

}  // namespace bagloom::cli
