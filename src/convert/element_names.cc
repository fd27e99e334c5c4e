#include "convert/element_names.h"

#include <algorithm>
#include <optional>

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

/// The message's names of the part's numbers; nothing where it has none.
std::optional<std::vector<std::string>> names_in(const msg::Definition& definition, const recipe::VectorPart& part,
                                                 Bytes message) {
  const WholeArray whole = whole_array(part.field);
  const auto path = msg::parse_field_path(whole.text);
  if (!path.ok()) return std::nullopt;
  const auto beside = msg::find_names_beside(definition, *path);
  if (!beside.ok()) return std::nullopt;
  const auto all = msg::string_array(definition, *beside, message);
  if (!all.ok() || all->size() < std::size_t{whole.begin} + part.width) return std::nullopt;
  const auto first = all->begin() + whole.begin;
  return std::vector<std::string>(first, first + part.width);
}

std::string joined(const std::vector<std::string>& words, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return text + (words.size() > kMostNamed ? ", ..." : "");
}

Status compare(const recipe::VectorPart& part, const std::vector<std::string>& found) {
  const std::vector<std::string>& named = part.names;
  if (found == named || !std::is_permutation(found.begin(), found.end(), named.begin(), named.end())) return {};
  const WholeArray whole = whole_array(part.field);
  std::vector<std::string> places, by_recipe, by_message;
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
  const auto& connections = recording.reader->info().connections;
  bag::ConnectionSet which(connections.size(), false);
  std::vector<std::vector<const recipe::VectorPart*>> parts(connections.size());
  for (const FeatureColumn& column : columns.columns)
    for (const PartPlace& place : column.parts)
      if (takes_by_place(place.part))
        for (const std::uint32_t index : recording.connections[column.topic])
          if (connections[index].messages > 0) parts[index].push_back(&place.part);
  std::size_t open = 0;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    if (parts[i].empty()) continue;
    const auto definition = recipe::definition_of(connections[i], *recording.definitions);
    if (!definition.ok()) continue;
    std::erase_if(parts[i], [&](const recipe::VectorPart* part) {
      const auto path = msg::parse_field_path(whole_array(part->field).text);
      return !path.ok() || !msg::find_names_beside(**definition, *path).ok();
    });
    which[i] = !parts[i].empty();
    open += which[i] ? 1 : 0;
  }
  if (open == 0) return {};
  std::vector<std::vector<MessageRef>> first(connections.size());
  // The Error that ends the scan early is ours, and not one.
  const auto scanned = recording.reader->scan(which, [&](const bag::IndexedMessage& message) -> Status {
    std::vector<MessageRef>& of_connection = first[message.ref.connection];
    if (of_connection.size() == kTries) return {};
    of_connection.push_back(message.ref);
    if (of_connection.size() == std::min<std::size_t>(kTries, connections[message.ref.connection].messages)) --open;
    return open == 0 ? Status(Error(ErrorKind::stopped, "enough")) : Status();
  });
  if (!scanned && scanned.error().kind() != ErrorKind::stopped) return scanned.error();
  for (std::size_t i = 0; i < connections.size(); ++i) {
    for (const MessageRef& ref : first[i]) {
      const auto payload = recording.reader->fetch(ref);
      if (!payload.ok()) continue;
      if (payload->bytes.size() > kMostBytes) break;
      const auto definition = recipe::definition_of(connections[i], *recording.definitions);
      if (!definition.ok()) break;
      for (const recipe::VectorPart* part : parts[i])
        if (const auto names = names_in(**definition, *part, payload->bytes))
          if (auto status = compare(*part, *names); !status) return std::move(status).error().in(recording.path);
      break;
    }
  }
  return {};
}

}  // namespace bagloom::convert
