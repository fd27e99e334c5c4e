#include "msg/json_reader.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace bagloom::msg {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDeepest = 256;

bool ends_here(const FieldNode& node) {
  for (const PathUse& use : node.uses) {
    if (use.ends) return true;
  }
  return false;
}

/// A field of bytes by its schema, and not one of them in an array.
bool is_bytes(const FieldNode& node, std::uint32_t index) {
  return index == kSingle && node.field != nullptr && node.field->primitive == Primitive::uint8;
}

/// The word at which the parser ended, `position` bytes read, where it is one that some writers take for a number; else empty.
std::string_view no_number(std::string_view message, std::size_t position) {
  if (position == 0 || position > message.size()) return {};
  const std::string_view rest = message.substr(position - 1);
  if (position > 1 && message[position - 2] == '-' && rest.starts_with("Infinity")) return "-Infinity";
  for (const std::string_view word : {"NaN", "Infinity"})
    if (rest.starts_with(word)) return word;
  return {};
}

// No offset: a publisher that writes one writes many, and they are one line to the user.
Error not_json(std::string_view word) {
  return Error(ErrorKind::corrupt, "`" + std::string(word) + "` stands in it, which JSON does not have")
      .fix("Python's json.dumps writes it: record the text \"" + std::string(word) + "\" in its place");
}

/// What nlohmann's parser calls; false stops it.
class Events {
 public:
  Events(const FieldNode& root, std::string_view message, FieldVisit& visit) : root_(root), message_(message), visit_(visit) {}

  bool null() {
    return value([](const FieldNode&, std::uint32_t) {});
  }
  bool boolean(bool v) { return number(v ? 1 : 0); }
  bool number_integer(std::int64_t v) { return number(static_cast<double>(v)); }
  bool number_unsigned(std::uint64_t v) { return number(static_cast<double>(v)); }
  bool number_float(double v, const std::string&) { return number(v); }
  bool binary(Json::binary_t&) { return fail("no JSON"); }
  bool string(std::string& text) {
    return value([&](const FieldNode& node, std::uint32_t index) {
      if (is_bytes(node, index))
        visit_.take_bytes(node, text);
      else
        visit_.take_text(node, index, text);
    });
  }

  bool start_object(std::size_t) {
    if (levels_.empty()) {
      if (began_) return fail("no JSON");
      began_ = true;
      visit_.begin(root_);
      return push({Kind::object, &root_, kSingle, false});
    }
    const auto [node, index] = next_value();
    if (node == nullptr) return push({Kind::skipped, nullptr, kSingle, false});
    if (node->children.empty()) {
      time_ = {};
      return push({Kind::time, node, index, false});
    }
    visit_.enter(*node, index);
    visit_.begin(*node);
    return push({Kind::object, node, index, true});
  }

  bool end_object() {
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.kind == Kind::time) {
      if (!time_.seconds || !time_.nanoseconds || time_.other)
        return fail("`" + level.node->name + "` is an object, not a value");
      visit_.number(*level.node, level.index, *time_.seconds + *time_.nanoseconds / 1e9);
    }
    if (level.entered) visit_.leave(*level.node, level.index);
    return true;
  }

  bool start_array(std::size_t) {
    if (levels_.empty()) return fail("the message is no object");
    if (levels_.back().kind == Kind::array) return fail("`" + levels_.back().node->name + "` holds arrays of arrays");
    const FieldNode* node = next_value().first;
    return push({node == nullptr ? Kind::skipped : Kind::array, node, 0, false});
  }

  bool end_array() {
    levels_.pop_back();
    return true;
  }

  bool key(std::string& name) {
    const Level& level = levels_.back();
    wanted_ = nullptr;
    if (level.kind == Kind::time) {
      time_.part = name == "sec" || name == "secs" || name == "seconds"     ? &time_.seconds
                   : name == "nsec" || name == "nsecs" || name == "nanosec" ? &time_.nanoseconds
                                                                            : nullptr;
      time_.other = time_.other || time_.part == nullptr || time_.part->has_value();
    } else if (level.kind == Kind::object) {
      wanted_ = level.node->child(std::string_view(name));
      if (wanted_ != nullptr && visit_.next(*wanted_) > 0) return fail("`" + wanted_->name + "` stands there twice");
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) {
    // Of the parser's words only those that do not quote the message.
    if (error.id == 406) return fail("a number that no double can hold");
    if (const std::string_view word = no_number(message_, position); !word.empty()) {
      if (!failure_) failure_ = not_json(word);
      return false;
    }
    return fail("no JSON, or cut off (at offset " + std::to_string(std::min(position, message_.size())) + ")");
  }

  Error failure() const { return failure_ ? *failure_ : Error(ErrorKind::corrupt, "no JSON"); }
  /// The message was one object.
  bool done() const { return began_; }

 private:
  enum class Kind : std::uint8_t {
    object,   ///< keys are children of the node
    array,    ///< of elements of the node
    time,     ///< an object where a number is wanted
    skipped,  ///< nothing in it is wanted
  };
  struct Level {
    Kind kind = Kind::skipped;
    const FieldNode* node = nullptr;
    std::uint32_t index = kSingle;  ///< of an object: which element it is; of an array: the next one
    bool entered = false;
  };
  struct Time {
    std::optional<double> seconds, nanoseconds;
    std::optional<double>* part = nullptr;  ///< that the next number gives
    bool other = false;                     ///< the object holds something else
  };

  bool push(Level level) {
    if (levels_.size() == kDeepest) return fail("nests deeper than " + std::to_string(kDeepest) + " levels");
    levels_.push_back(level);
    return true;
  }

  /// The node of the value that comes, null where it is not wanted, and its index.
  std::pair<const FieldNode*, std::uint32_t> next_value() {
    Level& level = levels_.back();
    if (level.kind == Kind::array) return {level.node, level.index++};
    if (level.kind == Kind::time) time_.other = true;
    if (level.kind == Kind::object) return {wanted_, kSingle};
    return {nullptr, kSingle};
  }

  template <class Give>
  bool value(const Give& give) {
    if (levels_.empty()) return fail("the message is no object");
    const auto [node, index] = next_value();
    if (node != nullptr && ends_here(*node)) give(*node, index);
    return true;
  }

  bool number(double v) {
    if (!levels_.empty() && levels_.back().kind == Kind::time) {
      if (time_.part != nullptr) *time_.part = v;
      time_.part = nullptr;
      return true;
    }
    const FieldNode* no_text = nullptr;
    const bool taken = value([&](const FieldNode& node, std::uint32_t index) {
      if (is_bytes(node, index))
        no_text = &node;
      else
        visit_.number(node, index, v);
    });
    if (no_text != nullptr) return fail("`" + no_text->name + "` is a number, where base64 text is wanted");
    return taken;
  }

  bool fail(std::string what) {
    if (!failure_) failure_ = Error(ErrorKind::corrupt, std::move(what));
    return false;
  }

  const FieldNode& root_;
  const std::string_view message_;
  FieldVisit& visit_;
  std::vector<Level> levels_;
  const FieldNode* wanted_ = nullptr;
  Time time_;
  bool began_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Status read_json(const FieldTree& tree, Bytes message, FieldVisit& visit) {
  const std::string_view text = as_text(message);
  Events events(tree.root(), text, visit);
  try {
    if (Json::sax_parse(text.begin(), text.end(), &events) && events.done()) return {};
    return events.failure();
  } catch (const std::exception&) {
    return Error(ErrorKind::corrupt, "no JSON that can be read");
  }
}

}  // namespace bagloom::msg
