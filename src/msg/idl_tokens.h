// The words of an .idl text. Internal to msg/.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bagloom::msg {

struct IdlToken {
  enum class Kind : std::uint8_t {
    name,         ///< a word, a keyword or not
    number,       ///< as written
    literal,      ///< a string or character in its quotes
    punctuation,  ///< "::" or one character
    end,          ///< behind the last
  };
  Kind kind = Kind::end;
  std::uint32_t line = 0;  ///< from 1
  std::string_view text;   ///< lives as long as the text

  bool is(std::string_view word) const { return kind != Kind::literal && text == word; }
};

/// Comments, lines that begin with `#`, and the lines between sections (`====`, `IDL: pkg/msg/Type`) are left out; the last token
/// is `end`. Errors (corrupt): a comment or literal without end, a character that IDL does not have.
Result<std::vector<IdlToken>> split_idl(std::string_view text);

}  // namespace bagloom::msg
