#include "bag/rosbag2_metadata.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "bag/rosbag2_schema.h"

namespace bagloom::bag {
namespace {

constexpr std::string_view kRoot = "rosbag2_bagfile_information";
constexpr std::size_t kMostEntries = 100'000;

template <class T>
std::optional<T> number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Follows the path of keys ("topics_with_message_count[].topic_metadata.name") and takes the scalars that are known.
class Events : public YAML::EventHandler {
 public:
  Rosbag2Metadata metadata;
  bool has_root = false;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override { value(""); }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { value(""); }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string& text) override { value(text); }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { begin(true); }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { begin(false); }
  void OnMapEnd() override { end(); }

 private:
  struct Level {
    bool sequence = false;
    bool wants_key = true;       ///< of a map
    std::size_t path_bytes = 0;  ///< of the path that leads to this level
  };

  /// A value stands where the level wants one; a key becomes the path's last part.
  void value(const std::string& text) {
    if (levels_.empty()) return;
    Level& level = levels_.back();
    if (!level.sequence && level.wants_key) {
      level.wants_key = false;
      path_.resize(level.path_bytes);
      path_ += (path_.empty() ? "" : ".") + text.substr(0, 100);
      has_root |= path_ == kRoot;
      return;
    }
    if (path_.starts_with(kRoot) && path_.size() > kRoot.size()) take(std::string_view(path_).substr(kRoot.size() + 1), text);
    done();
  }

  void begin(bool sequence) {
    // A map or list as a key names nothing that is known.
    if (!levels_.empty() && !levels_.back().sequence && levels_.back().wants_key) path_.resize(levels_.back().path_bytes);
    if (sequence) path_ += "[]";
    levels_.push_back({sequence, true, path_.size()});
    if (!sequence && path_.ends_with(".topics_with_message_count[]")) topic_ = {};
  }

  void end() {
    const bool sequence = levels_.back().sequence;
    path_.resize(levels_.back().path_bytes);
    if (!sequence && path_.ends_with(".topics_with_message_count[]") && topic_.profiles > 0 && topic_.all_latched &&
        metadata.latched_topics.size() < kMostEntries)
      metadata.latched_topics.insert(topic_.name);
    levels_.pop_back();
    if (sequence && path_.size() >= 2) path_.resize(path_.size() - 2);
    done();
  }

  /// The level's value is complete: a map wants its next key, or, where it was the key, its value.
  void done() {
    if (levels_.empty() || levels_.back().sequence) return;
    levels_.back().wants_key = !levels_.back().wants_key;
    if (levels_.back().wants_key) path_.resize(levels_.back().path_bytes);
  }

  void take(std::string_view path, const std::string& text) {
    if (path == "version") metadata.version = number<int>(text).value_or(0);
    if (path == "storage_identifier") metadata.storage = text.substr(0, 100);
    if (path == "message_count") metadata.messages = number<std::uint64_t>(text);
    if (path == "starting_time.nanoseconds_since_epoch") metadata.start = number<TimeNs>(text);
    if (path == "duration.nanoseconds") metadata.duration = number<TimeNs>(text);
    if (path == "relative_file_paths[]" && metadata.paths.size() < kMostEntries) metadata.paths.push_back(text);
    if (path == "compression_mode") {
      metadata.compression_mode = text.substr(0, 100);
      for (char& c : metadata.compression_mode) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      if (metadata.compression_mode == "NONE") metadata.compression_mode.clear();
    }
    constexpr std::string_view kTopic = "topics_with_message_count[].topic_metadata.";
    if (!path.starts_with(kTopic)) return;
    path.remove_prefix(kTopic.size());
    if (path == "name") topic_.name = text;
    // Versions up to 8: a string that holds YAML; then a list.
    if (path == "offered_qos_profiles" && !text.empty()) add_profile(is_latched(text));
    if (path == "offered_qos_profiles[].durability") add_profile(is_latched("durability: " + text));
  }

  void add_profile(bool latched) {
    ++topic_.profiles;
    topic_.all_latched &= latched;
  }

  struct Topic {
    std::string name;
    int profiles = 0;
    bool all_latched = true;
  };

  std::vector<Level> levels_;
  std::string path_;
  Topic topic_;
};

}  // namespace

Result<Rosbag2Metadata> parse_rosbag2_metadata(std::string_view text) {
  Events events;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(events);
  } catch (const YAML::Exception& error) {
    return Error(ErrorKind::corrupt, "line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  if (!events.has_root) return Error(ErrorKind::corrupt, "it has no " + std::string(kRoot));
  return std::move(events.metadata);
}

}  // namespace bagloom::bag
