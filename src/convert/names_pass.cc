#include "convert/names_pass.h"

#include <algorithm>

#include "bag/first_messages.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

// Of a connection: an arm's driver may send ten messages in the time in which a gripper's sends one.
constexpr std::size_t kFirst = 32;

bool selects(const FeatureColumn& column) { return !column.parts.front().part.select.empty(); }

std::vector<std::vector<std::uint32_t>> by_connection(const RecordingWork& work, const std::set<std::uint32_t>& columns) {
  std::vector<std::vector<std::uint32_t>> found(work.recording->reader->info().connections.size());
  for (const std::uint32_t column : columns)
    if (const auto of_topic = work.recording->connections.find(work.columns->columns[column].topic);
        of_topic != work.recording->connections.end())
      for (const std::uint32_t index : of_topic->second) found[index].push_back(column);
  return found;
}

std::set<std::uint32_t> of_same_topics(const FeatureColumns& columns, const std::set<std::uint32_t>& some) {
  std::set<std::uint32_t> all;
  for (const std::uint32_t column : some) all.merge(number_columns(columns, columns.columns[column].topic));
  return all;
}

/// What is counted of a topic.
struct Count {
  std::uint64_t messages = 0, unused = 0;
};

std::string label(const FeatureColumns& columns, std::uint32_t column) {
  const FeatureColumn& of = columns.columns[column];
  const auto same = std::count_if(columns.columns.begin(), columns.columns.end(), [&](const FeatureColumn& other) {
    return other.topic == of.topic && other.feature == of.feature;
  });
  if (same == 1 || !selects(of)) return of.feature;
  const std::vector<std::string>& names = of.parts.front().part.select;
  return of.feature + " (" + names.front() + (names.size() > 1 ? ", ...)" : ")");
}

std::vector<TopicNames> topics_of(const FeatureColumns& columns, const std::set<std::uint32_t>& passed,
                                  const std::map<std::string, Count>& counts,
                                  const std::map<std::uint32_t, std::uint64_t>& others) {
  std::map<std::string, TopicNames> topics;
  for (const std::uint32_t column : passed) {
    const std::string& topic = columns.columns[column].topic;
    const auto count = counts.find(topic);
    if (count == counts.end()) continue;
    TopicNames& names = topics[topic];
    names.topic = topic;
    names.messages = count->second.messages;
    names.unused = count->second.unused;
    const auto missing = others.find(column);
    names.taken.emplace_back(label(columns, column), names.messages - (missing == others.end() ? 0 : missing->second));
  }
  std::vector<TopicNames> found;
  for (auto& [topic, names] : topics)
    if (std::any_of(names.taken.begin(), names.taken.end(), [&](const auto& one) { return one.second < names.messages; }))
      found.push_back(std::move(names));
  return found;
}

}  // namespace

std::set<std::uint32_t> number_columns(const FeatureColumns& columns, const std::string& topic) {
  std::set<std::uint32_t> found;
  for (std::uint32_t column = 0; column < columns.columns.size(); ++column)
    if (!columns.columns[column].camera && columns.columns[column].topic == topic) found.insert(column);
  return found;
}

std::set<std::uint32_t> columns_of_other_names(const RecordingWork& work) {
  std::set<std::uint32_t> numbers, found;
  for (std::uint32_t column = 0; column < work.columns->columns.size(); ++column)
    if (!work.columns->columns[column].camera) numbers.insert(column);
  const auto columns = by_connection(work, numbers);
  bag::ConnectionGroups groups(columns.size(), bag::kNoGroup);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].empty()) groups[i] = i;
  // Where the index cannot be read, what was found before; planning says why.
  (void)bag::visit_first(*work.recording->reader, groups, kFirst, [&](const MessageRef& ref) {
    for (const std::uint32_t column : columns[ref.connection]) {
      if (found.contains(column)) continue;
      msg::Misnamed misnamed = msg::Misnamed::no;
      if (!check_numbers(work, column, ref, misnamed) && misnamed != msg::Misnamed::no) found.insert(column);
    }
  }).ok();
  return of_same_topics(*work.columns, found);
}

Result<NamesPass> look_through(const RecordingWork& work, const std::set<std::uint32_t>& chosen, const Excluded& excluded,
                               const std::function<void(const MessageRef&, std::vector<Unusable>)>& unusable) {
  NamesPass pass;
  if (chosen.empty()) return pass;
  const std::set<std::uint32_t> passed = of_same_topics(*work.columns, chosen);
  const auto columns = by_connection(work, passed);
  bag::ConnectionSet which(columns.size(), false);
  for (std::size_t i = 0; i < columns.size(); ++i) which[i] = !columns[i].empty();
  std::map<std::string, Count> counts;
  std::map<std::uint32_t, Unusable> first_others;  // by column
  bag::BagReader& reader = *work.recording->reader;
  std::vector<std::uint32_t> misnamed_here;
  RETURN_IF_ERROR(reader.scan(which, [&](const bag::IndexedMessage& message) -> Status {
    if (work.stop && work.stop()) return stopped_error();
    const MessageRef& ref = message.ref;
    if (excluded.contains(reader, ref)) return {};
    std::vector<Unusable> wrong, lost;
    misnamed_here.clear();
    const std::vector<std::uint32_t>& here = columns[ref.connection];
    for (const std::uint32_t column : here) {
      msg::Misnamed misnamed = msg::Misnamed::no;
      const auto status = check_numbers(work, column, ref, misnamed);
      if (status || !concerns_message(status.error())) continue;
      const FeatureColumn& of = work.columns->columns[column];
      if (misnamed == msg::Misnamed::no) {
        wrong.push_back(unusable_message(work, ref, column, status.error()));
        continue;
      }
      misnamed_here.push_back(column);
      if (!first_others.contains(column)) first_others.emplace(column, unusable_message(work, ref, column, status.error()));
      if (misnamed == msg::Misnamed::some || !selects(of)) lost.push_back(unusable_message(work, ref, column, status.error()));
    }
    if (!wrong.empty()) {
      unusable(ref, std::move(wrong));
      return {};
    }
    const bool is_unused = misnamed_here.size() == here.size();
    if (is_unused && !lost.empty()) {
      unusable(ref, std::move(lost));
      return {};
    }
    Count& count = counts[work.columns->columns[here.front()].topic];
    ++count.messages;
    if (is_unused) ++count.unused;
    for (const std::uint32_t column : misnamed_here) pass.of_column[column].push_back(ref.locator);
    return {};
  }));
  std::map<std::uint32_t, std::uint64_t> left_to_others;
  for (auto& [column, messages] : pass.of_column) {
    std::sort(messages.begin(), messages.end());
    left_to_others[column] = messages.size();
    if (messages.size() == counts[work.columns->columns[column].topic].messages)
      pass.nothing_left.emplace_back(std::move(first_others.at(column)), messages.size());
  }
  pass.topics = topics_of(*work.columns, passed, counts, left_to_others);
  return pass;
}

void exclude_found(NamesPass& pass, const std::vector<std::uint64_t>& unusable, Excluded& excluded) {
  std::vector<std::uint64_t>& more = excluded.more_messages;
  more.insert(more.end(), unusable.begin(), unusable.end());
  std::sort(more.begin(), more.end());
  for (auto& [column, messages] : pass.of_column) {
    std::vector<std::uint64_t>& known = excluded.of_column[column];
    if (known.empty()) {
      known = std::move(messages);
      continue;
    }
    known.insert(known.end(), messages.begin(), messages.end());
    std::sort(known.begin(), known.end());
  }
}

void NamesNotes::add(const std::vector<TopicNames>& topics) {
  for (const TopicNames& one : topics) {
    TopicNames& sum = topics_[one.topic];
    sum.topic = one.topic;
    sum.messages += one.messages;
    sum.unused += one.unused;
    for (const auto& [feature, count] : one.taken) {
      const auto known =
          std::find_if(sum.taken.begin(), sum.taken.end(), [&](const auto& taken) { return taken.first == feature; });
      if (known == sum.taken.end())
        sum.taken.emplace_back(feature, count);
      else
        known->second += count;
    }
  }
}

std::vector<std::string> NamesNotes::lines() const {
  std::vector<std::string> lines;
  for (const auto& [topic, names] : topics_) {
    std::string text;
    for (const auto& [feature, count] : names.taken)
      text += text.empty()
                  ? std::to_string(count) + " of " + std::to_string(names.messages) + " messages have the names of " + feature
                  : ", " + std::to_string(count) + " those of " + feature;
    if (names.unused > 0) text += ", " + std::to_string(names.unused) + " those of no feature";
    lines.push_back(topic + ": " + text);
  }
  return lines;
}

}  // namespace bagloom::convert
