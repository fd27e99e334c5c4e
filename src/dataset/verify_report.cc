// What the parts of verify share: findings, small texts, JSON from a file that may be anything.
#include <sys/stat.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/source.h"
#include "dataset/verify_internal.h"

namespace bagloom::dataset {

bool VerifyReport::ok() const {
  for (const Problem& problem : problems) {
    if (problem.severity != 'Q') return false;
  }
  return true;
}

namespace verify {
namespace {

constexpr std::uint32_t kListedACheck = 20;
constexpr std::size_t kMaxKeys = 20'000;  // ordered_json looks a key up by walking: quadratic in an object's keys
constexpr int kMaxDepth = 64;

}  // namespace

std::uint64_t Feature::components() const {
  if (visual()) return channels;
  return shape.empty() ? 0 : static_cast<std::uint64_t>(shape.back());
}

std::vector<std::int64_t> Feature::stat_shape() const {
  auto size = static_cast<std::int64_t>(components());
  if (visual()) return {size, 1, 1};
  return {size};
}

void Context::problem(const char* check, char severity, std::string where, std::string what) {
  std::uint32_t& count = listed_[{check, severity}];
  if (count == kListedACheck) {
    ++report.unlisted;
    return;
  }
  ++count;
  report.problems.push_back({check, severity, std::move(where), std::move(what)});
}

bool Context::found(std::string_view check, char severity) const {
  for (const auto& [key, count] : listed_) {
    if (key.first == check && (severity == 0 || key.second == severity) && count > 0) return true;
  }
  return false;
}

Status Context::stopped() const {
  if (options.stop && options.stop()) return Error(ErrorKind::stopped, "stopped while verifying");
  return {};
}

std::string Context::full(const std::string& relative) const { return root + "/" + relative; }

const Feature* Context::feature(std::string_view name) const {
  for (const Feature& feature : features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

Result<std::shared_ptr<Json>> read_json(const std::string& path, std::uint64_t max_bytes) {
  if (!is_file(path)) return Error(ErrorKind::unreadable, "is not there");
  ASSIGN_OR_RETURN(auto source, open_file(path));
  if (source->size() > max_bytes) {
    return Error(ErrorKind::corrupt,
                 "has " + std::to_string(source->size()) + " bytes; at most " + std::to_string(max_bytes) + " are read");
  }
  std::string text(static_cast<std::size_t>(source->size()), '\0');
  RETURN_IF_ERROR(source->read_exactly(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  // nlohmann::json passes over it, Python's json does not.
  if (text.starts_with("\xef\xbb\xbf")) return Error(ErrorKind::corrupt, "begins with a byte order mark");
  std::size_t keys = 0;
  const char* refused = nullptr;
  auto guard = [&](int depth, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::key && ++keys > kMaxKeys) refused = "has too many keys";
    if (depth > kMaxDepth) refused = "is nested too deeply";
    return refused == nullptr;  // false: what follows is thrown away as it is read
  };
  try {
    auto value = std::make_shared<Json>(Json::parse(text, guard));
    if (refused != nullptr) return Error(ErrorKind::corrupt, refused);
    return value;
  } catch (const std::exception& error) {
    return Error(ErrorKind::corrupt, std::string("is not JSON: ") + error.what());
  }
}

std::string shown(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (char c : text.substr(0, 80)) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\') {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + (text.size() > 80 ? "\"..." : "\"");
}

std::string shown(const Json& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  if (value.is_array()) {
    if (value.size() <= 8) {
      std::string out = "[";
      for (const Json& item : value) out += (out.size() > 1 ? ", " : "") + (item.is_structured() ? "..." : shown(item));
      return out + "]";
    }
    return "an array of " + std::to_string(value.size());
  }
  if (value.is_object()) return "an object";
  if (value.is_number_float()) return shown(value.get<double>());
  return value.dump();  // null, boolean, integer
}

std::string row_of(const TableFile& file, std::uint64_t global_row) {
  return file.path + " row " + std::to_string(global_row - file.first_row);
}

bool is_file(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

}  // namespace verify
}  // namespace bagloom::dataset
