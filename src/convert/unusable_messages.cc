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
  std::vector<std::uint64_t>& more = excluded_.more_messages;
  more.insert(more.end(), more_unusable_.begin(), more_unusable_.end());
  std::sort(more.begin(), more.end());
}

// Numbers are cheap to check: where one message of a topic is unusable its neighbours are often too, and three new plans would
// not get past them.
Status RecordingRun::find_more_unusable() {
  std::set<std::uint32_t> columns;
  for (const Unusable& unusable : unusable_)
    if (!setup_.columns->columns[unusable.column].camera && searched_.insert(unusable.column).second)
      columns.insert(unusable.column);
  if (columns.empty()) return {};
  bag::BagReader& reader = *work_->recording->reader;
  std::vector<std::vector<std::uint32_t>> of_connection(reader.info().connections.size());
  bag::ConnectionSet which(of_connection.size(), false);
  for (const std::uint32_t column : columns) {
    for (const std::uint32_t index : work_->recording->connections[setup_.columns->columns[column].topic]) {
      which[index] = true;
      of_connection[index].push_back(column);
    }
  }
  std::set<std::pair<std::uint32_t, std::uint64_t>> known;
  std::set<std::uint64_t> known_messages;
  for (const Unusable& unusable : unusable_) {
    known.emplace(unusable.column, unusable.message.locator);
    known_messages.insert(unusable.message.locator);
  }
  std::map<std::string, std::uint64_t> listed;
  return reader.scan(which, [&](const bag::IndexedMessage& message) -> Status {
    if (options_.stop && options_.stop()) return stopped_error();
    if (excluded_.contains(reader, message.ref)) return {};
    std::vector<Unusable> here;
    for (const std::uint32_t column : of_connection[message.ref.connection]) {
      if (known.contains({column, message.ref.locator})) continue;
      const auto status = check_numbers(*work_, column, message.ref);
      if (!status && concerns_message(status.error()))
        here.push_back(unusable_message(*work_, message.ref, column, status.error()));
    }
    if (here.empty()) return {};
    // One more than is listed, so that the first of those behind is the same whichever the tasks have found. A chunk that cannot
    // be read is one entry, however many messages it holds.
    const std::string& topic = setup_.columns->columns[here.front().column].topic;
    if (known_messages.contains(message.ref.locator) || !reader.chunk_readable(message.ref) ||
        listed[topic]++ <= kListedOfTopic) {
      unusable_.insert(unusable_.end(), std::make_move_iterator(here.begin()), std::make_move_iterator(here.end()));
      return {};
    }
    more_unusable_.push_back(message.ref.locator);
    Loss loss = unusable_loss(setup_, number_, here.front(), 1, reader.info().start);
    const auto [of_topic, is_first] = more_losses_.try_emplace(topic, loss);
    if (!is_first) ++of_topic->second.count;
    if (of_topic->second.reason != loss.reason) of_topic->second.reason.clear();
    return {};
  });
}

}  // namespace bagloom::convert
