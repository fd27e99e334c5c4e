#include "recipe/yaml_tree.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

constexpr std::size_t kLongestText = 1u << 20;
constexpr std::size_t kDeepest = 32;

/// Builds the tree from yaml-cpp's events. Throws YAML::ParserException; events come before the parser goes deeper, so that the
/// depth limit here also bounds its recursion.
class TreeBuilder : public YAML::EventHandler {
 public:
  /// `text` must live as long as this.
  TreeBuilder(std::shared_ptr<const std::string> name, const std::string& text, bool fixed_place)
      : name_(std::move(name)), text_(text), fixed_place_(fixed_place) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_starts_.push_back(i + 1);
  }

  YamlValue take() { return std::move(root_); }
  Place place_of(const YAML::Mark& mark) const {
    if (fixed_place_ || mark.is_null()) return {name_, 0, 0};
    return {name_, static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    const bool in_list = !levels_.empty() && levels_.back().value.kind == YamlValue::Kind::sequence;
    add(in_list ? empty_item(mark) : mark, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fail(mark, "aliases (`*name`) are not taken"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) override {
    check_tag(mark, tag);
    YamlValue value;
    value.kind = YamlValue::Kind::scalar;
    value.text = text;
    value.quoted = tag == "!";
    add(mark, std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, YamlValue::Kind::sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, YamlValue::Kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlValue value;
    bool has_key = false;
    std::string key;
    Place key_place;
  };

  [[noreturn]] static void fail(const YAML::Mark& mark, const std::string& what) { throw YAML::ParserException(mark, what); }
  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") fail(mark, "tags (`!name`) are not taken");
  }

  /// The line with this number, from 0; empty behind the last.
  std::string_view line(int number) const {
    const auto n = static_cast<std::size_t>(number);
    if (number < 0 || n >= line_starts_.size()) return {};
    const std::string_view rest = std::string_view(text_).substr(line_starts_[n]);
    return rest.substr(0, rest.find('\n'));
  }

  /// Where a list's item that is empty stands. yaml-cpp marks what comes next, which may be lines below: its place is then where
  /// the last line before it begins that is neither blank nor a comment.
  YAML::Mark empty_item(YAML::Mark mark) const {
    if (line(mark.line).find_first_not_of(" ") < static_cast<std::size_t>(std::max(mark.column, 0))) return mark;  // `[a, ~]`
    for (int above = mark.line - 1; above >= 0; --above) {
      const std::string_view before = line(above);
      const std::size_t first = before.find_first_not_of(" \t\r");
      if (first == std::string_view::npos || before[first] == '#') continue;
      mark.line = above;
      mark.column = static_cast<int>(first);
      return mark;
    }
    return mark;
  }

  void open(const YAML::Mark& mark, YamlValue::Kind kind) {
    if (levels_.size() == kDeepest) fail(mark, "nested deeper than " + std::to_string(kDeepest));
    if (!levels_.empty() && levels_.back().value.kind == YamlValue::Kind::map && !levels_.back().has_key) {
      fail(mark, "a key must be text");
    }
    levels_.emplace_back();
    levels_.back().value.kind = kind;
    levels_.back().value.place = place_of(mark);
    levels_.back().value.items.reserve(4);
  }

  void close() {
    YamlValue value = std::move(levels_.back().value);
    levels_.pop_back();
    attach(std::move(value));
  }

  void add(const YAML::Mark& mark, YamlValue value) {
    value.place = place_of(mark);
    if (levels_.empty() || levels_.back().value.kind != YamlValue::Kind::map || levels_.back().has_key) {
      attach(std::move(value));
      return;
    }
    Level& level = levels_.back();
    if (value.kind != YamlValue::Kind::scalar || value.text.empty()) fail(mark, "a key must be text");
    if (level.value.find(value.text) != nullptr) fail(mark, "`" + value.text + "` stands here twice");
    level.key = std::move(value.text);
    level.key_place = value.place;
    level.has_key = true;
  }

  void attach(YamlValue value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (level.value.kind == YamlValue::Kind::sequence) {
      level.value.items.push_back(std::move(value));
      return;
    }
    // An empty value is marked at what comes next: its key says where it is.
    const bool behind_key = value.place.line == level.key_place.line && value.place.column > level.key_place.column;
    if (value.kind == YamlValue::Kind::null && !behind_key) value.place = level.key_place;
    level.value.insert(level.key, level.key_place, std::move(value));
    level.has_key = false;
  }

  std::shared_ptr<const std::string> name_;
  const std::string& text_;
  std::vector<std::size_t> line_starts_{0};
  bool fixed_place_;
  std::vector<Level> levels_;
  YamlValue root_;
};

class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    throw YAML::ParserException(mark, "a second document; one is expected");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// yaml-cpp takes byte 4 for the end and guesses UTF-16 from zeros: neither reaches it.
Status check_bytes(const std::shared_ptr<const std::string>& name, const std::string& text) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    if (length == 0 || control) {
      return Error(ErrorKind::invalid, control ? "a control character" : "not UTF-8").in(Place{name, line, column}.text());
    }
    i += length;
    ++column;
    if (byte == '\n') {
      ++line;
      column = 1;
    }
  }
  return {};
}

}  // namespace

std::string Place::text() const {
  const std::string& known = name ? *name : std::string("recipe");
  if (line == 0) return known;
  return known + ":" + std::to_string(line) + ":" + std::to_string(column);
}

YamlValue* YamlValue::find(const std::string& key) {
  for (YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}
const YamlValue* YamlValue::find(const std::string& key) const { return const_cast<YamlValue*>(this)->find(key); }

std::vector<std::string> YamlValue::keys() const {
  std::vector<std::string> names;
  for (const YamlEntry& entry : entries) names.push_back(entry.key);
  return names;
}

void YamlValue::insert(const std::string& key, const Place& key_place, YamlValue value) {
  entries.push_back({key, key_place, std::move(value)});
}

std::string YamlValue::shown() const {
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "`" + text.substr(0, 80) + "`";
    case Kind::sequence: return "a list";
    case Kind::map: return "a map";
  }
  return "";
}

Result<YamlValue> parse_yaml(const std::string& name, const std::string& text, bool fixed_place) {
  const auto shared_name = std::make_shared<const std::string>(name);
  if (text.size() > kLongestText) return Error(ErrorKind::invalid, "a recipe of more than 1 MiB").in(name);
  RETURN_IF_ERROR(check_bytes(shared_name, text));
  TreeBuilder builder(shared_name, text, fixed_place);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      YamlValue nothing;
      nothing.place = {shared_name, 0, 0};
      return nothing;
    }
    SecondDocument second;
    parser.HandleNextDocument(second);
  } catch (const YAML::Exception& exception) {
    return Error(ErrorKind::invalid, exception.msg).in(builder.place_of(exception.mark).text());
  } catch (const std::exception& exception) {
    return Error(ErrorKind::invalid, std::string("not YAML: ") + exception.what()).in(name);
  }
  return builder.take();
}

}  // namespace bagloom::recipe
