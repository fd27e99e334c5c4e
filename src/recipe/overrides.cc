#include "recipe/overrides.h"

#include <algorithm>

#include "msg/nearest_name.h"

namespace bagloom::recipe {
namespace {

struct Override {
  std::string path;
  YamlValue value;
  Place place;

  Error wrong(const std::string& what) const { return Error(ErrorKind::invalid, what).in(place.text()); }
};

std::string first_component(const std::string& path, std::size_t dots = 0) {
  std::size_t end = path.find('.');
  while (dots > 0 && end != std::string::npos) {
    end = path.find('.', end + 1);
    --dots;
  }
  return path.substr(0, end);
}

/// "" where `key` is all of the path.
bool strip_key(const std::string& path, const std::string& key, std::string& rest) {
  if (path == key) {
    rest.clear();
    return true;
  }
  if (path.size() <= key.size() + 1 || path.compare(0, key.size(), key) != 0 || path[key.size()] != '.') return false;
  rest = path.substr(key.size() + 1);
  return true;
}

Result<Override> parse_override(const std::string& text) {
  const auto name = std::make_shared<const std::string>("--set " + text);
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return Error(ErrorKind::invalid, "expected key=value").in(*name);
  Override result;
  result.path = text.substr(0, equals);
  result.place = {name, 0, 0};
  if (result.path.front() == '.' || result.path.back() == '.' || result.path.find("..") != std::string::npos) {
    return result.wrong("expected a key before and after each dot");
  }
  ASSIGN_OR_RETURN(result.value, parse_yaml(*name, text.substr(equals + 1), /*fixed_place=*/true));
  return result;
}

/// Feature names have dots, so the part of the path that was meant as the name is found by comparing as many dots.
Error no_such_feature(const Override& setting, const YamlValue& features, const std::string& path) {
  std::string best;
  std::size_t least = path.size() + 100;
  for (const std::string& known : features.keys()) {
    const auto dots = static_cast<std::size_t>(std::count(known.begin(), known.end(), '.'));
    const std::string meant = first_component(path, dots);
    const std::size_t distance = msg::edit_distance(meant, known);
    if (distance >= least) continue;
    least = distance;
    best = known;
  }
  return setting.wrong("no feature stands at `" + path + "`" + (best.empty() ? "" : "; did you mean `" + best + "`?"));
}

Status apply(YamlValue& node, const std::string& path, const Override& setting, std::size_t depth, bool in_features) {
  if (node.kind == YamlValue::Kind::null) node.kind = YamlValue::Kind::map;
  if (node.kind == YamlValue::Kind::sequence) {
    const std::string component = first_component(path);
    const bool digits =
        !component.empty() && component.size() < 7 && component.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoul(component) >= node.items.size()) {
      return setting.wrong("`" + component + "`: expected an index from 0 to " +
                           std::to_string(node.items.empty() ? 0 : node.items.size() - 1) + " of the list");
    }
    YamlValue& item = node.items[std::stoul(component)];
    if (path.size() > component.size() + 1) return apply(item, path.substr(component.size() + 1), setting, depth + 1, false);
    item = setting.value;
    return {};
  }
  if (node.kind != YamlValue::Kind::map) return setting.wrong("`" + path + "`: there is " + node.shown() + ", no map");

  YamlValue* next = nullptr;
  std::string chosen, rest;
  for (YamlEntry& entry : node.entries) {
    std::string after;
    if (!strip_key(path, entry.key, after) || (next != nullptr && entry.key.size() <= chosen.size())) continue;
    next = &entry.value;
    chosen = entry.key;
    rest = after;
  }
  if (next == nullptr) {
    if (in_features) return no_such_feature(setting, node, path);
    chosen = first_component(path);
    rest = path.size() > chosen.size() ? path.substr(chosen.size() + 1) : "";
    YamlValue created;
    created.place = setting.place;
    node.insert(chosen, setting.place, std::move(created));
    next = &node.entries.back().value;
  }
  if (!rest.empty()) return apply(*next, rest, setting, depth + 1, depth == 0 && chosen == "features");
  *next = setting.value;
  return {};
}

const YamlValue* codec_of(const YamlValue& root) {
  const YamlValue* video = root.find("video");
  return video != nullptr ? video->find("codec") : nullptr;
}

}  // namespace

Status apply_overrides(YamlValue& root, const std::vector<std::string>& overrides) {
  const YamlValue* codec = codec_of(root);
  const std::string codec_before = codec != nullptr ? codec->text : "";
  bool sets_quality = false;
  for (const std::string& text : overrides) {
    ASSIGN_OR_RETURN(const Override setting, parse_override(text));
    RETURN_IF_ERROR(apply(root, setting.path, setting, 0, false));
    sets_quality = sets_quality || setting.path == "video.crf" || setting.path == "video";
  }
  codec = codec_of(root);
  if (codec == nullptr || codec->text == codec_before || sets_quality) return {};
  YamlValue& video = *root.find("video");
  std::erase_if(video.entries, [](const YamlEntry& entry) { return entry.key == "crf"; });
  return {};
}

}  // namespace bagloom::recipe
