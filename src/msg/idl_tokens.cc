#include "msg/idl_tokens.h"

#include "msg/definition_text.h"

namespace bagloom::msg {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<std::vector<IdlToken>> split() {
    bool line_begins = true;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        ++at_;
        line_begins = true;
      } else if (kBlanks.find(c) != std::string_view::npos) {
        ++at_;
      } else if (line_begins && is_no_code()) {
        skip_line();
      } else {
        line_begins = false;
        RETURN_IF_ERROR(next());
      }
    }
    add(IdlToken::Kind::end, 0);
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  bool is_no_code() const {
    const std::string_view line = trimmed(rest().substr(0, rest().substr(0, 1024).find('\n')));
    return line.front() == '#' || is_separator(line) || line.substr(0, 4) == "IDL:";
  }

  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  Status next() {
    const char c = text_[at_];
    if (rest().substr(0, 2) == "//") {
      skip_line();
      return {};
    }
    if (rest().substr(0, 2) == "/*") return skip_comment();
    if (c == '"' || c == '\'') return literal(c);
    if (begins_name(c)) {
      std::size_t length = 1;
      while (at_ + length < text_.size() && (begins_name(text_[at_ + length]) || is_digit(text_[at_ + length]))) ++length;
      add(IdlToken::Kind::name, length);
      return {};
    }
    if (is_digit(c)) {
      std::size_t length = 1;
      while (at_ + length < text_.size() &&
             (begins_name(text_[at_ + length]) || is_digit(text_[at_ + length]) || text_[at_ + length] == '.'))
        ++length;
      add(IdlToken::Kind::number, length);
      return {};
    }
    if (c <= 0x20 || c > 0x7e) return wrong("a character that no definition has");
    add(IdlToken::Kind::punctuation, rest().substr(0, 2) == "::" ? 2 : 1);
    return {};
  }

  Status skip_comment() {
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return wrong("a comment without end");
    for (; at_ < end + 2; ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
    return {};
  }

  Status literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size() || text_[end] != quote) return wrong("a literal without end");
    add(IdlToken::Kind::literal, end + 1 - at_);
    return {};
  }

  void add(IdlToken::Kind kind, std::size_t length) {
    tokens_.push_back({kind, line_, text_.substr(at_, length)});
    at_ += length;
  }

  Error wrong(const std::string& what) const {
    return Error(ErrorKind::corrupt, what).in(shown_line(line_, rest().substr(0, rest().substr(0, 200).find('\n'))));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::vector<IdlToken> tokens_;
};

}  // namespace

Result<std::vector<IdlToken>> split_idl(std::string_view text) { return Splitter(text).split(); }

}  // namespace bagloom::msg
