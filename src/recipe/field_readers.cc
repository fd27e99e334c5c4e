#include "recipe/field_readers.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "msg/nearest_name.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

Error expected(const YamlValue& value, const std::string& key, const std::string& what) {
  return value.wrong("`" + key + "`: expected " + what + ", found " + value.shown());
}

bool is_plain_scalar(const YamlValue& value) { return value.kind == YamlValue::Kind::scalar && !value.quoted; }

}  // namespace

Status check_keys(const YamlValue& map, const std::string& what, const std::vector<std::string>& known) {
  if (map.kind != YamlValue::Kind::map) return map.wrong(what + ": expected a map, found " + map.shown());
  for (const YamlEntry& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    return Error(ErrorKind::invalid, "unknown key `" + entry.key + "` in " + what + msg::suggestion(entry.key, known))
        .in(entry.place.text());
  }
  return {};
}

Result<std::string> read_text(const YamlValue& value, const std::string& key) {
  if (value.kind != YamlValue::Kind::scalar) return expected(value, key, "text");
  if (value.text.empty()) return value.wrong("`" + key + "` is empty");
  if (!is_one_line(value.text)) return value.wrong("`" + key + "`: expected one line without control characters");
  return value.text;
}

Result<std::vector<std::string>> read_texts(const YamlValue& value, const std::string& key) {
  if (value.kind != YamlValue::Kind::sequence) return expected(value, key, "a list such as [a, b]");
  std::vector<std::string> texts;
  for (const YamlValue& item : value.items) {
    ASSIGN_OR_RETURN(std::string text, read_text(item, key));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::int64_t> read_integer(const YamlValue& value, const std::string& key, std::int64_t least, std::int64_t most) {
  const std::string what = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!is_plain_scalar(value)) return expected(value, key, what);
  std::int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, code] = std::from_chars(value.text.data(), end, number);
  if (code != std::errc() || stop != end || number < least || number > most) return expected(value, key, what);
  return number;
}

Result<double> read_number(const YamlValue& value, const std::string& key) {
  if (!is_plain_scalar(value)) return expected(value, key, "a number");
  double number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, code] = std::from_chars(value.text.data(), end, number);
  if (code != std::errc() || stop != end || !std::isfinite(number)) return expected(value, key, "a finite number");
  return number;
}

Result<bool> read_boolean(const YamlValue& value, const std::string& key) {
  if (is_plain_scalar(value) && value.text == "true") return true;
  if (is_plain_scalar(value) && value.text == "false") return false;
  return expected(value, key, "true or false");
}

Result<TimeNs> read_seconds(const YamlValue& value, const std::string& key) {
  if (!is_plain_scalar(value)) return expected(value, key, "seconds such as 0.2, or 33ms");
  auto ns = parse_seconds(value.text);
  if (!ns.ok()) return value.wrong("`" + key + "`: " + ns.error().message() + ", found " + value.shown());
  return ns;
}

Result<std::size_t> read_choice(const YamlValue& value, const std::string& key, const std::vector<std::string>& names) {
  if (value.kind == YamlValue::Kind::scalar) {
    const auto found = std::find(names.begin(), names.end(), value.text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  std::string what;
  for (std::size_t i = 0; i < names.size(); ++i) what += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return expected(value, key, what);
}

Result<Tolerance> read_tolerance(const YamlValue& value, const std::string& key) {
  if (value.kind == YamlValue::Kind::scalar) {
    if (value.text == "period") return Tolerance{Tolerance::Kind::period, 0};
    if (value.text == "state") return Tolerance{Tolerance::Kind::state, 0};
    if (value.text == "none") return Tolerance{Tolerance::Kind::none, 0};
    if (!value.quoted) {
      if (const auto ns = parse_seconds(value.text); ns.ok()) return Tolerance{Tolerance::Kind::fixed, *ns};
    }
  }
  return expected(value, key, "period, state, none, or a time such as 0.05 (seconds) or 33ms");
}

const std::vector<std::string>& match_names() {
  static const std::vector<std::string> names{"nearest", "hold"};
  return names;
}
const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names{"auto", "area", "bicubic", "bilinear"};
  return names;
}
const std::vector<std::string>& storage_names() {
  static const std::vector<std::string> names{"video", "image"};
  return names;
}
const std::vector<std::string>& fit_names() {
  static const std::vector<std::string> names{"none", "stretch", "pad", "crop"};
  return names;
}
const std::vector<std::string>& long_gap_names() {
  static const std::vector<std::string> names{"reject", "split", "drop"};
  return names;
}
const std::vector<std::string>& non_finite_names() {
  static const std::vector<std::string> names{"gap", "keep"};
  return names;
}
const std::vector<std::string>& codec_names() {
  static const std::vector<std::string> names{"h264", "av1", "copy"};
  return names;
}

std::int32_t default_crf(const std::string& codec) { return codec == "av1" ? 30 : 24; }
std::int32_t largest_crf(const std::string& codec) { return codec == "h264" ? 51 : 63; }

}  // namespace bagloom::recipe
