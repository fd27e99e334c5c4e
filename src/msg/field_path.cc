#include "msg/field_path.h"

#include <limits>

namespace bagloom::msg {
namespace {

constexpr std::size_t kLongestPath = 1024;
constexpr std::size_t kMostSteps = 64;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Result<FieldPath> parse() {
    if (text_.size() > kLongestPath) return Error(ErrorKind::invalid, "a field path of more than 1024 bytes");
    FieldPath path;
    path.text = std::string(text_);
    bool ranged = false;
    do {
      if (path.steps.size() == kMostSteps) return wrong("a shorter path");
      ASSIGN_OR_RETURN(PathStep step, parse_step());
      if (step.has_range && step.end - step.begin > 1) {
        if (ranged) return Error(ErrorKind::invalid, "field path `" + path.text + "`: only one step may carry a range");
        ranged = true;
      }
      path.steps.push_back(std::move(step));
    } while (take('.'));
    if (at_ < text_.size()) return wrong("`.`, `[` or the end");
    return path;
  }

 private:
  Result<PathStep> parse_step() {
    if (at_ == text_.size() || !begins_name(text_[at_])) return wrong("a field's name");
    PathStep step;
    while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) step.field += text_[at_++];
    if (!take('[')) return step;
    step.has_range = true;
    const std::size_t begins = at_;
    ASSIGN_OR_RETURN(step.begin, parse_number());
    if (take(':')) {
      ASSIGN_OR_RETURN(step.end, parse_number());
      if (step.end <= step.begin) {
        at_ = begins;
        return wrong("a range of at least one element, such as [" + std::to_string(step.begin) + ":" +
                     std::to_string(step.begin + std::uint64_t{1}) + "] (the end is exclusive)");
      }
    } else {
      step.end = step.begin + 1;
    }
    if (!take(']')) return wrong("`]`");
    return step;
  }

  Result<std::uint32_t> parse_number() {
    const std::size_t begins = at_;
    std::uint64_t number = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      number = number * 10 + static_cast<std::uint64_t>(text_[at_++] - '0');
      // The largest is kept free, so that an index + 1 always fits.
      if (number >= std::numeric_limits<std::uint32_t>::max()) {
        at_ = begins;
        return wrong("a smaller number");
      }
    }
    if (at_ == begins) return wrong("a number");
    return static_cast<std::uint32_t>(number);
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Error wrong(const std::string& expected) const {
    return Error(ErrorKind::invalid,
                 "field path `" + std::string(text_) + "`: expected " + expected + " at column " + std::to_string(at_ + 1));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<FieldPath> parse_field_path(std::string_view text) { return PathParser(text).parse(); }

}  // namespace bagloom::msg
