#include "recipe/survey.h"

#include <algorithm>
#include <map>

#include "bag/first_messages.h"
#include "recipe/connection_definition.h"

namespace bagloom::recipe {
namespace {

// Enough to see a rate through a few drops; keeps the scan and its memory short.
constexpr std::size_t kMostTimes = 301;
// Enough to outvote an odd first message.
constexpr std::size_t kEarlyMessages = 5;
// Where none of those can be read; each may cost the inflating of a chunk.
constexpr std::size_t kLaterMessages = 16;

double rate_of(const std::vector<TimeNs>& times) {
  if (times.size() < 2 || times.back() <= times.front()) return 0;
  const auto intervals = static_cast<double>(times.size() - 1);
  const double mean = intervals / seconds(times.back() - times.front());
  std::vector<TimeNs> steps;
  for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  // The median sees through drops and pauses, but not through transports that batch (bag-formats.md 9: 12 us median, 2 ms mean).
  const auto median = static_cast<double>(*middle);
  if (median <= 0 || 1e9 / median > 10 * mean) return mean;
  // Of few messages that jitter, the median is 3 % off; the mean of the intervals in which no message is missing is not.
  double sum = 0, count = 0;
  for (const TimeNs step : steps) {
    if (static_cast<double>(step) > 1.75 * median) continue;
    sum += static_cast<double>(step);
    ++count;
  }
  return 1e9 * count / sum;
}

}  // namespace

std::string Topic::type_name() const {
  // "pkg/Type", or protobuf's "foxglove.Type"
  const std::size_t slash = type.find_last_of("/.");
  return slash == std::string::npos ? type : type.substr(slash + 1);
}

Result<Survey> Survey::take(bag::BagReader& bag, const msg::DefinitionSet& definitions) {
  const std::vector<bag::Connection>& connections = bag.info().connections;
  struct Seen {
    Topic topic;
    std::vector<TimeNs> times;
  };
  std::map<std::string, std::size_t> by_name;
  std::vector<Seen> seen;
  bag::ConnectionGroups topic_of(connections.size(), bag::kNoGroup);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    if (connections[i].messages == 0) continue;
    topic_of[i] = by_name.emplace(connections[i].topic, seen.size()).first->second;
    if (topic_of[i] == seen.size()) seen.emplace_back();
    seen[topic_of[i]].topic.messages += connections[i].messages;
  }
  RETURN_IF_ERROR(bag::visit_first(bag, topic_of, kMostTimes, [&](const MessageRef& ref) {
    Seen& of_topic = seen[topic_of[ref.connection]];
    if (of_topic.times.empty()) of_topic.topic.first = ref;
    if (of_topic.times.size() < kEarlyMessages) of_topic.topic.early.push_back(ref);
    of_topic.times.push_back(ref.time);
  }));

  Survey survey;
  survey.bag_ = &bag;
  for (const auto& [name, number] : by_name) {
    if (seen[number].times.empty()) continue;
    Topic topic = std::move(seen[number].topic);
    const bag::Connection& connection = connections[topic.first.connection];
    topic.name = name;
    topic.type = connection.type;
    topic.rate = rate_of(seen[number].times);
    auto definition = definition_of(connection, definitions);
    if (definition.ok())
      topic.definition = std::move(definition).value();
    else
      topic.trouble = definition.error().text();
    survey.topics_.push_back(std::move(topic));
  }
  return survey;
}

std::vector<MessageRef> Survey::later_messages(const Topic& topic) const {
  const std::vector<bag::Connection>& connections = bag_->info().connections;
  bag::ConnectionSet which(connections.size(), false);
  for (std::size_t i = 0; i < connections.size(); ++i) which[i] = connections[i].topic == topic.name;
  std::vector<MessageRef> later;
  // What was found before an error is tried all the same.
  (void)bag::find_first(*bag_, which, topic.early.size(), kLaterMessages, later).ok();
  later.erase(later.begin(), later.begin() + static_cast<std::ptrdiff_t>(std::min(topic.early.size(), later.size())));
  return later;
}

std::string Survey::read_early(const Topic& topic, const std::function<bool(const bag::Payload&)>& look) const {
  std::string why;
  bool read = false;
  for (const MessageRef& ref : topic.early) {
    auto payload = message(ref);
    read = read || payload.ok();
    if (payload.ok() && look(*payload)) return "";
    if (!payload.ok() && why.empty()) why = payload.error().text();
  }
  if (read) return "";
  for (const MessageRef& ref : later_messages(topic)) {
    auto payload = message(ref);
    if (!payload.ok()) continue;
    look(*payload);
    return "";
  }
  return why;
}

const Topic* Survey::find(const std::string& name) const {
  for (const Topic& topic : topics_) {
    if (topic.name == name) return &topic;
  }
  return nullptr;
}

}  // namespace bagloom::recipe
