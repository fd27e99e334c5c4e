// RecordingRun's messages that cannot be used: looked for, and excluded from the next plan.
#include <algorithm>
#include <iterator>
#include <map>

#include "convert/losses.h"
#include "convert/recording_run.h"
#include "convert/task_messages.h"

namespace bagloom::convert {

void RecordingRun::forget_unusable() {
  unusable_.clear();
  more_unusable_ = {};
  more_losses_.clear();
  names_ = {};
}

void RecordingRun::exclude_unusable() {
  // Several tasks may have found the same message; the order in which they ended does not show.
  const auto same = [](const Unusable& a, const Unusable& b) { return a.message == b.message && a.column == b.column; };
  std::sort(unusable_.begin(), unusable_.end(), [&](const Unusable& a, const Unusable& b) {
    if (same(a, b)) return a.reason < b.reason;
    return a.message == b.message ? a.column < b.column : a.message < b.message;
  });
  unusable_.erase(std::unique(unusable_.begin(), unusable_.end(), same), unusable_.end());
  struct Found {
    const Unusable* first;
    std::uint64_t messages;
  };
  std::vector<Found> found;
  std::map<std::pair<std::uint64_t, std::string>, std::size_t> of_chunk;  // of a chunk and a topic: place in `found`
  const MessageRef* last = nullptr;
  bag::BagReader& reader = *work_->recording->reader;
  for (const Unusable& unusable : unusable_) {
    const bool again = last != nullptr && *last == unusable.message;  // by another column
    last = &unusable.message;
    excluded_.messages.insert(unusable.message.locator);
    // A chunk that cannot be inflated, or whose checksum does not fit, takes all of its messages with it, not only those that
    // rows asked for.
    if (!reader.chunk_readable(unusable.message)) {
      const std::uint64_t chunk = reader.place_key(unusable.message);
      excluded_.chunks.insert(chunk);
      const auto [known, is_new] = of_chunk.try_emplace({chunk, setup_.columns->columns[unusable.column].topic}, found.size());
      if (!is_new) {
        found[known->second].messages += again ? 0 : 1;
        continue;
      }
    } else if (again) {
      continue;
    }
    found.push_back({&unusable, 1});
  }
  for (const Found& one : found)
    unusable_losses_.push_back(unusable_loss(setup_, number_, *one.first, one.messages, reader.info().start));
  for (auto& [topic, loss] : more_losses_) unusable_losses_.push_back(std::move(loss));
  exclude_found(names_, more_unusable_, excluded_);
  for (const auto& [first, messages] : names_.nothing_left)
    unusable_losses_.push_back(nothing_left_loss(setup_, number_, first, messages, reader.info().start));
  record_.names.insert(record_.names.end(), names_.topics.begin(), names_.topics.end());
  forget_unusable();
}

// Numbers are cheap to check: where one message of a topic is unusable its neighbours are often too, and three new plans would
// not get past them.
Status RecordingRun::find_more_unusable() {
  std::set<std::uint32_t> columns;
  for (const Unusable& unusable : unusable_)
    if (!setup_.columns->columns[unusable.column].camera && !searched_.contains(unusable.column)) columns.insert(unusable.column);
  return look_through_topics_of(columns);
}

// What tasks have found of these columns is found again, and told from what is of use to other columns.
Status RecordingRun::look_through_topics_of(const std::set<std::uint32_t>& columns) {
  if (columns.empty()) return {};
  std::set<std::uint32_t> all;
  for (const std::uint32_t column : columns) all.merge(number_columns(*setup_.columns, setup_.columns->columns[column].topic));
  const auto others = std::stable_partition(unusable_.begin(), unusable_.end(),
                                            [&](const Unusable& unusable) { return !all.contains(unusable.column); });
  std::vector<Unusable> by_tasks(std::make_move_iterator(others), std::make_move_iterator(unusable_.end()));
  unusable_.erase(others, unusable_.end());
  searched_.insert(all.begin(), all.end());
  std::set<std::uint64_t> known_messages;
  for (const Unusable& unusable : unusable_) known_messages.insert(unusable.message.locator);
  bag::BagReader& reader = *work_->recording->reader;
  std::map<std::string, std::uint64_t> listed;
  const auto take = [&](const MessageRef& message, std::vector<Unusable> here) {
    // One more than is listed, so that the first of those behind is the same whichever the tasks have found. A chunk that cannot
    // be read is one entry, however many messages it holds.
    const std::string& topic = setup_.columns->columns[here.front().column].topic;
    if (known_messages.contains(message.locator) || !reader.chunk_readable(message) || listed[topic]++ <= kListedOfTopic) {
      unusable_.insert(unusable_.end(), std::make_move_iterator(here.begin()), std::make_move_iterator(here.end()));
      return;
    }
    more_unusable_.push_back(message.locator);
    Loss loss = unusable_loss(setup_, number_, here.front(), 1, reader.info().start);
    const auto [of_topic, is_first] = more_losses_.try_emplace(topic, loss);
    if (!is_first) ++of_topic->second.count;
    if (of_topic->second.reason != loss.reason) of_topic->second.reason.clear();
  };
  ASSIGN_OR_RETURN(names_, look_through(*work_, columns, excluded_, take));
  // What was not found again stood in a unit's way all the same.
  for (Unusable& unusable : by_tasks) {
    const std::uint64_t locator = unusable.message.locator;
    const std::vector<std::uint64_t>& left_to_others = names_.of_column[unusable.column];
    const bool found =
        std::binary_search(left_to_others.begin(), left_to_others.end(), locator) ||
        std::find(more_unusable_.begin(), more_unusable_.end(), locator) != more_unusable_.end() ||
        std::any_of(unusable_.begin(), unusable_.end(), [&](const Unusable& one) { return one.message == unusable.message; });
    if (!found) unusable_.push_back(std::move(unusable));
  }
  std::erase_if(names_.of_column, [](const auto& column) { return column.second.empty(); });
  return {};
}

// Publishers that share a topic: known before the first plan, whose rates and rows would be those of a mixture.
Status RecordingRun::look_at_names() {
  RETURN_IF_ERROR(look_through_topics_of(columns_of_other_names(*work_)));
  if (work_->recording->reader->index_is_wrong()) {
    forget_unusable();
    searched_.clear();
    RETURN_IF_ERROR(mend());
    if (record_.failure) return {};
    RETURN_IF_ERROR(look_through_topics_of(columns_of_other_names(*work_)));
  }
  exclude_unusable();
  return {};
}

}  // namespace bagloom::convert
