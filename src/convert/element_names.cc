#include "convert/element_names.h"

#include <algorithm>

#include "bag/first_messages.h"
#include "recipe/connection_definition.h"

namespace bagloom::convert {
namespace {

constexpr std::size_t kFirst = 8;  // messages of a connection
// From all over a topic: so many stretches of so many messages, since two publishers often take turns.
constexpr std::uint64_t kStretches = 16, kOfStretch = 4;
constexpr std::size_t kMostNamed = 8;

using Names = std::vector<std::string>;

msg::NumberSelection selection_of(const recipe::VectorPart& part) {
  msg::NumberSelection selection;
  selection.path = part.field;
  selection.width = part.width;
  return selection;
}

/// By connection; those that are not looked at have no parts.
std::vector<NamingConnection> naming_connections(const Recording& recording, const FeatureColumns& columns) {
  const auto& connections = recording.reader->info().connections;
  std::vector<NamingConnection> found(connections.size());
  const auto add = [&](NamingConnection::Part part, std::uint32_t index) {
    NamingConnection& connection = found[index];
    if (connection.definition == nullptr) {
      auto definition = recipe::definition_of(connections[index], *recording.definitions);
      if (!definition.ok()) return;
      connection.definition = std::move(*definition);
    }
    const msg::NumberSelection selection = selection_of(*part.rules);
    if (!msg::may_name_elements(*connection.definition, selection)) return;
    auto numbers = msg::NumberExtractor::compile(connection.definition, {selection});
    if (!numbers.ok()) return;
    part.numbers = std::make_shared<const msg::NumberExtractor>(std::move(*numbers));
    connection.parts.push_back(std::move(part));
  };
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    const FeatureColumn& column = columns.columns[i];
    const auto of_topic = recording.connections.find(column.topic);
    if (of_topic == recording.connections.end()) continue;
    for (std::size_t part = 0; part < column.parts.size(); ++part)
      if (column.parts[part].part.select.empty())
        for (const std::uint32_t index : of_topic->second)
          if (connections[index].messages > 0) add({i, part, &column.parts[part].part, nullptr}, index);
  }
  return found;
}

/// In the order of MessageRef. Where the index cannot be read, what was found before.
std::vector<MessageRef> first_messages(Recording& recording, const std::vector<NamingConnection>& connections) {
  std::vector<MessageRef> found;
  bag::ConnectionGroups groups(connections.size(), bag::kNoGroup);
  for (std::size_t i = 0; i < connections.size(); ++i)
    if (!connections[i].parts.empty()) groups[i] = i;
  (void)bag::visit_first(*recording.reader, groups, kFirst, [&](const MessageRef& ref) { found.push_back(ref); }).ok();
  return found;
}

std::vector<MessageRef> messages_from_all_over(Recording& recording, const bag::ConnectionSet& which) {
  std::vector<MessageRef> found;
  const auto& connections = recording.reader->info().connections;
  std::vector<std::uint64_t> seen(connections.size(), 0);
  (void)recording.reader
      ->scan(which,
             [&](const bag::IndexedMessage& message) -> Status {
               const std::uint32_t index = message.ref.connection;
               const std::uint64_t stretch = std::max(kOfStretch, connections[index].messages / kStretches);
               // Counted messages may be fewer than the index has.
               if (seen[index]++ % stretch < kOfStretch && seen[index] <= stretch * kStretches) found.push_back(message.ref);
               return {};
             })
      .ok();
  return found;
}

/// The names that the message gives the part's elements; none where it gives none, or cannot be used.
Names names_in(const NamingConnection& connection, const NamingConnection::Part& part, Bytes message) {
  std::vector<double> numbers(part.numbers->width());
  if (!part.numbers->run(message, numbers).ok()) return {};
  auto names = msg::element_names(*connection.definition, selection_of(*part.rules), message);
  return names.ok() ? std::move(*names) : Names();
}

std::string joined(const Names& words, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return text + (words.size() > kMostNamed ? ", ..." : "");
}

/// "position" of "position[3:5]", and 3.
struct WholeArray {
  std::string text;
  std::uint32_t begin = 0;
};
WholeArray whole_array(const msg::FieldPath& path) {
  WholeArray whole;
  for (const msg::PathStep& step : path.steps) {
    whole.text += (whole.text.empty() ? "" : ".") + step.field;
    if (!step.has_range) continue;
    if (step.end - step.begin == 1)
      whole.text += "[" + std::to_string(step.begin) + "]";
    else
      whole.begin = step.begin;
  }
  return whole;
}

Status compare(const recipe::VectorPart& part, const Names& found) {
  const Names& named = part.names;
  if (found == named || !std::is_permutation(found.begin(), found.end(), named.begin(), named.end())) return {};
  const WholeArray whole = whole_array(part.field);
  Names places, by_recipe, by_message;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named[i] == found[i]) continue;
    places.push_back(std::to_string(whole.begin + i));
    by_recipe.push_back(named[i]);
    by_message.push_back(found[i]);
  }
  return Error(ErrorKind::invalid, part.topic + ": the recipe names elements " + joined(places, " and ") + " " +
                                       joined(by_recipe, ", ") + "; the message names them " + joined(by_message, ", "))
      .fix("`field: " + whole.text + "` with `select" +
           (named.size() > kMostNamed ? "` and these names" : ": [" + joined(named, ", ") + "]`") + " takes them by name");
}

}  // namespace

Status check_element_names(Recording& recording, const FeatureColumns& columns) {
  std::vector<NamingConnection> connections = naming_connections(recording, columns);
  for (const MessageRef& ref : first_messages(recording, connections)) {
    NamingConnection& connection = connections[ref.connection];
    if (connection.parts.empty()) continue;
    const auto payload = recording.reader->fetch(ref);
    if (!payload.ok()) continue;
    // Of each part the first message that names it.
    std::vector<NamingConnection::Part> left;
    for (const NamingConnection::Part& part : connection.parts) {
      const Names names = names_in(connection, part, payload->bytes);
      if (names.empty()) left.push_back(part);
      if (auto status = compare(*part.rules, names); !status) return std::move(status).error().in(recording.path);
    }
    connection.parts = std::move(left);
  }
  return {};
}

void ExpectedNames::Seen::add(const Names& names, const Names& by_recipe) {
  if (names.empty()) return;
  recipe = recipe || names == by_recipe;
  if (first.empty()) first = names;
  if (other.empty() && names != first) other = names;
}

void ExpectedNames::read(Recording& recording, const std::vector<NamingConnection>& connections,
                         const std::vector<MessageRef>& messages) {
  for (const MessageRef& ref : messages) {
    const NamingConnection& connection = connections[ref.connection];
    const auto payload = recording.reader->fetch(ref);
    if (!payload.ok()) continue;
    for (const NamingConnection::Part& part : connection.parts)
      seen_[{part.column, part.part}].add(names_in(connection, part, payload->bytes), part.rules->names);
  }
}

void ExpectedNames::look(Recording& recording, const FeatureColumns& columns) {
  const std::vector<NamingConnection> connections = naming_connections(recording, columns);
  read(recording, connections, first_messages(recording, connections));
  bag::ConnectionSet other_words(connections.size(), false);
  bool any = false;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    for (const NamingConnection::Part& part : connections[i].parts) {
      const Seen& seen = seen_[{part.column, part.part}];
      if (seen.recipe || seen.first.empty()) continue;
      other_words[i] = any = true;
    }
  }
  if (any) read(recording, connections, messages_from_all_over(recording, other_words));
}

void ExpectedNames::settle(FeatureColumns& columns) const {
  for (const auto& [place, seen] : seen_) {
    PartPlace& part = columns.columns[place.first].parts[place.second];
    part.expected_by_recipe = seen.recipe;
    part.expected = seen.recipe ? part.part.names : seen.first;
  }
}

std::vector<std::string> ExpectedNames::notes(const FeatureColumns& columns) const {
  std::vector<std::string> lines;
  for (const auto& [place, seen] : seen_) {
    if (seen.other.empty()) continue;
    const FeatureColumn& column = columns.columns[place.first];
    const recipe::VectorPart& part = column.parts[place.second].part;
    lines.push_back(column.feature + ": " + column.topic + ": messages name the elements of `" + part.field.text + "` " +
                    joined(seen.first, ", ") + ", others " + joined(seen.other, ", ") + ": only those that name them as " +
                    (seen.recipe ? "the recipe" : "the first") + " does are taken");
  }
  return lines;
}

}  // namespace bagloom::convert
