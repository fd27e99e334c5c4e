#include "bench/heap_profile.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace bagloom::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Frame {
  std::string_view function, place, module;
};

struct Backtrace {
  std::uint64_t bytes = 0, calls = 0;
  std::vector<Frame> frames;  // the innermost first
};

constexpr std::string_view kOwn = "bagloom::";
constexpr std::size_t kMostFrames = 512, kMostName = 120;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// "262.66K" of 1000 each, "12B"; what is not a size is nothing.
std::optional<std::uint64_t> size_of(std::string_view text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || !(value >= 0)) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  double factor = 1;
  constexpr std::string_view kUnits = "KMGT";
  if (unit.empty()) return std::nullopt;
  if (const std::size_t at = kUnits.find(unit[0]); at != kUnits.npos)
    for (std::size_t i = 0; i <= at; ++i) factor *= 1000;
  else if (unit[0] != 'B')
    return std::nullopt;
  value *= factor;
  return value < 1e18 ? std::optional(static_cast<std::uint64_t>(value + 0.5)) : std::nullopt;
}

std::optional<std::uint64_t> count_of(std::string_view text) {
  std::uint64_t value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// "262.66K peak memory consumed over 6 calls from"
bool read_heading(std::string_view line, Backtrace& backtrace) {
  constexpr std::string_view kMiddle = " peak memory consumed over ";
  const std::size_t middle = line.find(kMiddle);
  if (middle == line.npos) return false;
  const auto bytes = size_of(line.substr(0, middle));
  const auto calls = count_of(line.substr(middle + kMiddle.size()));
  if (!bytes || !calls) return false;
  backtrace = {*bytes, *calls, {}};
  return true;
}

/// A frame's function, and below it "at FILE:LINE" and "in MODULE".
void read_frame_line(std::string_view line, Backtrace& backtrace) {
  const std::size_t indent = line.find_first_not_of(' ');
  const std::string_view text = trimmed(line);
  if (text.empty()) return;
  if (indent <= 2) {
    // An inlined function has no module of its own: it stands in that of the frame before it.
    const std::string_view module = backtrace.frames.empty() ? std::string_view() : backtrace.frames.back().module;
    if (backtrace.frames.size() < kMostFrames) backtrace.frames.push_back({text, {}, module});
  } else if (!backtrace.frames.empty()) {
    Frame& frame = backtrace.frames.back();
    if (text.starts_with("at ")) frame.place = text.substr(3);
    if (text.starts_with("in ")) frame.module = text.substr(3);
  }
}

bool is_own(const Frame& frame) { return frame.function.starts_with(kOwn); }
bool has_name(const Frame& frame) { return !frame.function.empty() && !frame.function.starts_with("0x"); }

std::string_view file_name(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

/// From the last "src/" on; other paths as they are.
std::string short_file(std::string_view path) {
  const std::size_t at = path.rfind("/src/");
  if (at != path.npos) path.remove_prefix(at + 1);
  return std::string(path.substr(0, kMostName));
}

void take_place(std::string_view place, HeapSite& site) {
  const std::size_t colon = place.find_last_of(':');
  if (colon == place.npos) return;
  const auto line = count_of(place.substr(colon + 1));
  if (!line || *line > 100'000'000) return;
  site.file = short_file(place.substr(0, colon));
  site.line = static_cast<std::uint32_t>(*line);
}

HeapSite site_of(const Backtrace& backtrace) {
  HeapSite site;
  site.bytes = backtrace.bytes;
  site.calls = backtrace.calls;
  const auto& frames = backtrace.frames;
  auto at = std::find_if(frames.begin(), frames.end(), is_own);
  const bool own = at != frames.end();
  if (!own) at = std::find_if(frames.begin(), frames.end(), has_name);
  if (at == frames.end()) {
    site.function = frames.empty() ? "(unknown)" : "(no name, in " + std::string(file_name(frames.front().module)) + ")";
    return site;
  }
  site.function = short_function(at->function);
  if (!own && !at->module.empty()) site.function += " (" + std::string(file_name(at->module)) + ")";
  take_place(at->place, site);
  for (auto outer = at + 1; own && outer != frames.end() && site.caller.empty(); ++outer)
    if (is_own(*outer) && outer->function != at->function) site.caller = short_function(outer->function);
  // The outermost named function of a library between bagloom's code and the allocator: what was called.
  for (auto inner = at; own && inner != frames.begin() && site.allocated_by.empty();) {
    --inner;
    if (has_name(*inner) && inner->module != at->module)
      site.allocated_by = short_function(inner->function) + " (" + std::string(file_name(inner->module)) + ")";
  }
  return site;
}

}  // namespace

std::string short_function(std::string_view function) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  std::string text;
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    const std::string_view rest = function.substr(i);
    if (depth == 0 && rest.starts_with(kAnonymous)) {
      i += kAnonymous.size() - 1;
    } else if (depth == 0 && rest.starts_with("operator()")) {
      text += "operator()";
      i += 9;
    } else if (function[i] == '(' || function[i] == '<') {
      ++depth;
    } else if (function[i] == ')' || function[i] == '>') {
      depth = std::max(0, depth - 1);
    } else if (depth == 0) {
      text += static_cast<unsigned char>(function[i]) < ' ' ? '?' : function[i];
    }
  }
  if (text.ends_with(" const")) text.resize(text.size() - 6);
  for (std::size_t at = text.find(kOwn); at != text.npos; at = text.find(kOwn)) text.erase(at, kOwn.size());
  if (text.size() > kMostName) text = text.substr(0, kMostName - 3) + "...";
  return text.empty() ? std::string(function.substr(0, kMostName)) : text;
}

std::uint64_t HeapProfile::listed_bytes() const {
  std::uint64_t sum = 0;
  for (const HeapSite& site : sites) sum += site.bytes;
  return sum;
}

Result<HeapProfile> read_heaptrack(std::string_view printed, std::size_t most) {
  HeapProfile profile;
  std::vector<HeapSite> sites;
  std::map<std::tuple<std::string, std::string, std::uint32_t, std::string, std::string>, std::size_t> places;
  Backtrace backtrace;
  bool within = false, has_peak = false;
  const auto take = [&] {
    if (!within) return;
    within = false;
    if (backtrace.bytes == 0) return;
    HeapSite site = site_of(backtrace);
    const auto [at, is_new] =
        places.try_emplace({site.function, site.file, site.line, site.caller, site.allocated_by}, sites.size());
    if (is_new) {
      sites.push_back(std::move(site));
    } else {
      sites[at->second].bytes += site.bytes;
      sites[at->second].calls += site.calls;
    }
  };
  const auto after = [](std::string_view line, std::string_view name) -> std::optional<std::string_view> {
    if (!line.starts_with(name)) return std::nullopt;
    return trimmed(line.substr(name.size()));
  };
  while (!printed.empty()) {
    const std::size_t end = std::min(printed.find('\n'), printed.size());
    const std::string_view line = printed.substr(0, end);
    printed.remove_prefix(std::min(end + 1, printed.size()));
    if (Backtrace next; read_heading(line, next)) {
      take();
      backtrace = std::move(next);
      within = true;
      continue;
    }
    if (within && line.starts_with(' ') && !trimmed(line).empty()) {
      read_frame_line(line, backtrace);
      continue;
    }
    take();  // only a backtrace's frames are indented
    if (const auto seconds = after(line, "total runtime: ")) {
      std::from_chars(seconds->data(), seconds->data() + seconds->size(), profile.seconds);
    } else if (const auto calls = after(line, "calls to allocation functions: ")) {
      profile.allocations = count_of(*calls).value_or(0);
    } else if (const auto temporary = after(line, "temporary memory allocations: ")) {
      profile.temporary = count_of(*temporary).value_or(0);
    } else if (const auto peak = after(line, "peak heap memory consumption: ")) {
      const auto bytes = size_of(*peak);
      has_peak = bytes.has_value();
      profile.peak_bytes = bytes.value_or(0);
    } else if (const auto rss = after(line, "peak RSS (including heaptrack overhead): ")) {
      profile.peak_rss_bytes = size_of(*rss).value_or(0);
    } else if (const auto leaked = after(line, "total memory leaked: ")) {
      profile.leaked_bytes = size_of(*leaked).value_or(0);
    }
  }
  take();
  if (!has_peak) return Error(ErrorKind::corrupt, "heaptrack_print said no peak");
  std::stable_sort(sites.begin(), sites.end(), [](const HeapSite& a, const HeapSite& b) { return a.bytes > b.bytes; });
  profile.other_sites = sites.size() > most ? sites.size() - most : 0;
  sites.resize(std::min(sites.size(), most));
  profile.sites = std::move(sites);
  return profile;
}

std::string heaptrack_missing() {
  const char* const variable = std::getenv("PATH");
  const std::string path = variable == nullptr ? "/usr/bin" : variable;
  for (const char* tool : {"heaptrack", "heaptrack_print"}) {
    bool found = false;
    for (std::size_t begin = 0; begin <= path.size() && !found;) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      found = ::access((path.substr(begin, end - begin) + "/" + tool).c_str(), X_OK) == 0;
      begin = end + 1;
    }
    if (!found) return std::string(tool) + " is not installed: it is in the package heaptrack (apt-get install heaptrack)";
  }
  return "";
}

std::string to_json(const HeapProfile& profile) {
  Json json = {{"kind", "heap"}, {"error", profile.error.empty() ? Json() : Json(profile.error)}};
  if (profile.error.empty()) {
    json["peak_heap_bytes"] = profile.peak_bytes;
    json["allocations"] = profile.allocations;
    json["temporary_allocations"] = profile.temporary;
    json["leaked_bytes"] = profile.leaked_bytes;
    json["peak_resident_bytes"] = profile.peak_rss_bytes;
    json["seconds"] = profile.seconds;
    json["sites"] = Json::array();
    for (const HeapSite& site : profile.sites)
      json["sites"].push_back({{"peak_bytes", site.bytes},
                               {"calls", site.calls},
                               {"function", site.function},
                               {"file", site.file.empty() ? Json() : Json(site.file)},
                               {"line", site.file.empty() ? Json() : Json(site.line)},
                               {"caller", site.caller.empty() ? Json() : Json(site.caller)},
                               {"allocated_by", site.allocated_by.empty() ? Json() : Json(site.allocated_by)}});
    json["sees_memalign"] = profile.sees_memalign;
    json["other_sites"] = profile.other_sites;
    json["other_bytes"] = profile.peak_bytes - std::min(profile.peak_bytes, profile.listed_bytes());
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bagloom::bench
