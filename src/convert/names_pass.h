// Messages of a topic that are of use to some of its features only, because of the elements that they name: several publishers
// share it (an arm's and a gripper's joints on /joint_states). docs/alignment.md section 4.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "convert/recording_plan.h"
#include "convert/unit_tasks.h"

namespace bagloom::convert {

/// How many of a topic's messages have the names of each of its features; only of topics where some lack one's.
struct TopicNames {
  std::string topic;
  std::uint64_t messages = 0;  ///< without those that are lost
  std::uint64_t unused = 0;    ///< of them: another publisher's, which no feature selects from
  /// By feature; of one that takes them in several columns, by the names that each selects.
  std::vector<std::pair<std::string, std::uint64_t>> taken;
};

/// Columns of topics whose first messages name other elements than a column takes.
std::set<std::uint32_t> columns_of_other_names(const RecordingWork& work);
/// Those of numbers from the topic.
std::set<std::uint32_t> number_columns(const FeatureColumns& columns, const std::string& topic);

struct NamesPass {
  std::map<std::uint32_t, std::vector<std::uint64_t>> of_column;  ///< as Excluded::of_column
  std::vector<TopicNames> topics;
  /// Of each column that no message is left for: the first one that names other elements, and how many do.
  std::vector<std::pair<Unusable, std::uint64_t>> nothing_left;
};

/// Reads all messages of the columns' topics as each number column of the topic reads them. What is wrong with one but its names
/// makes it unusable for all of them. One that merely lacks what a column takes is not for that column; one that no column takes
/// is unusable, unless the columns select by name and it has none of their names: it is another publisher's then.
/// `unusable`: gets each such message, in the order of time, with one entry for each column that says why.
/// Memory: 8 bytes for each message and column that does not take it; 16 while they are looked for. Errors: stopped, the disk's.
Result<NamesPass> look_through(const RecordingWork& work, const std::set<std::uint32_t>& columns, const Excluded& excluded,
                               const std::function<void(const MessageRef&, std::vector<Unusable>)>& unusable);

/// Adds what a pass has found; `unusable`: the locators of the messages that it gave.
void exclude_found(NamesPass& pass, const std::vector<std::uint64_t>& unusable, Excluded& excluded);

/// Sums over recordings, and the line of each topic for the user.
class NamesNotes {
 public:
  void add(const std::vector<TopicNames>& topics);
  std::vector<std::string> lines() const;

 private:
  std::map<std::string, TopicNames> topics_;
};

}  // namespace bagloom::convert
