#include "convert/element_names.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "bag/first_messages.h"
#include "recipe/connection_definition.h"

namespace bagloom::convert {
namespace {

// Of a robot's joints a message is much smaller; names of hostile ones are not collected.
constexpr std::size_t kMostBytes = 256 << 10;
constexpr std::size_t kTries = 5;  // messages of a connection, where the first cannot be read
constexpr std::size_t kMostNamed = 8;

/// The path without the range that gives the part its numbers, and where that begins.
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

bool takes_by_place(const recipe::VectorPart& part) { return part.select.empty() && part.width > 1; }

/// A part whose numbers a connection's messages name.
struct NamedPart {
  const recipe::VectorPart* part = nullptr;
  WholeArray whole;
  msg::FieldPath names;
};
struct NamingConnection {
  std::shared_ptr<const msg::Definition> definition;
  std::vector<NamedPart> parts;
  std::vector<MessageRef> first;
};

/// Nothing where the messages do not name the part's numbers.
std::optional<NamedPart> named_part(const msg::Definition& definition, const recipe::VectorPart& part) {
  NamedPart named{&part, whole_array(part.field), {}};
  const auto path = msg::parse_field_path(named.whole.text);
  if (!path.ok()) return std::nullopt;
  auto beside = msg::find_names_beside(definition, *path);
  if (!beside.ok()) return std::nullopt;
  named.names = std::move(*beside);
  return named;
}

/// By connection; those that are not looked at have no parts.
std::vector<NamingConnection> naming_connections(const Recording& recording, const FeatureColumns& columns) {
  const auto& connections = recording.reader->info().connections;
  std::vector<NamingConnection> found(connections.size());
  const auto add = [&](const recipe::VectorPart& part, std::uint32_t index) {
    NamingConnection& connection = found[index];
    if (connection.definition == nullptr) {
      auto definition = recipe::definition_of(connections[index], *recording.definitions);
      if (!definition.ok()) return;
      connection.definition = std::move(*definition);
    }
    if (auto named = named_part(*connection.definition, part)) connection.parts.push_back(std::move(*named));
  };
  for (const FeatureColumn& column : columns.columns) {
    const auto of_topic = recording.connections.find(column.topic);
    if (of_topic == recording.connections.end()) continue;
    for (const PartPlace& place : column.parts)
      if (takes_by_place(place.part))
        for (const std::uint32_t index : of_topic->second)
          if (connections[index].messages > 0) add(place.part, index);
  }
  return found;
}

/// The message's names of the part's numbers; nothing where it has none.
std::optional<std::vector<std::string>> names_in(const msg::Definition& definition, const NamedPart& named, Bytes message) {
  const auto all = msg::string_array(definition, named.names, message);
  if (!all.ok() || all->size() < std::size_t{named.whole.begin} + named.part->width) return std::nullopt;
  const auto first = all->begin() + named.whole.begin;
  return std::vector<std::string>(first, first + named.part->width);
}

std::string joined(const std::vector<std::string>& words, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return text + (words.size() > kMostNamed ? ", ..." : "");
}

Status compare(const NamedPart& of, const std::vector<std::string>& found) {
  const std::vector<std::string>& named = of.part->names;
  if (found == named || !std::is_permutation(found.begin(), found.end(), named.begin(), named.end())) return {};
  std::vector<std::string> places, by_recipe, by_message;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named[i] == found[i]) continue;
    places.push_back(std::to_string(of.whole.begin + i));
    by_recipe.push_back(named[i]);
    by_message.push_back(found[i]);
  }
  return Error(ErrorKind::invalid, of.part->topic + ": the recipe names elements " + joined(places, " and ") + " " +
                                       joined(by_recipe, ", ") + "; the message names them " + joined(by_message, ", "))
      .fix("`field: " + of.whole.text + "` with `select" +
           (named.size() > kMostNamed ? "` and these names" : ": [" + joined(named, ", ") + "]`") + " takes them by name");
}

}  // namespace

Status check_element_names(Recording& recording, const FeatureColumns& columns) {
  std::vector<NamingConnection> connections = naming_connections(recording, columns);
  bag::ConnectionGroups groups(connections.size(), bag::kNoGroup);
  for (std::size_t i = 0; i < connections.size(); ++i)
    if (!connections[i].parts.empty()) groups[i] = i;
  RETURN_IF_ERROR(bag::visit_first(*recording.reader, groups, kTries,
                                   [&](const MessageRef& ref) { connections[ref.connection].first.push_back(ref); }));
  for (const NamingConnection& connection : connections) {
    for (const MessageRef& ref : connection.first) {
      const auto payload = recording.reader->fetch(ref);
      if (!payload.ok()) continue;
      if (payload->bytes.size() > kMostBytes) break;
      for (const NamedPart& part : connection.parts)
        if (const auto names = names_in(*connection.definition, part, payload->bytes))
          if (auto status = compare(part, *names); !status) return std::move(status).error().in(recording.path);
      break;
    }
  }
  return {};
}

}  // namespace bagloom::convert
