// The methods that are compared. architecture.md section 6.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::bench {

struct Method {
  enum class Kind {
    scan,      ///< index, rates, plan: no payload but the first picture of each camera
    full,      ///< every message of the recipe's topics is decoded and held, then all rows are made
    chunked,   ///< the same for `rows` rows at a time
    planned,   ///< convert::convert
    external,  ///< a command of the user's
  };
  Kind kind = Kind::planned;
  std::uint64_t rows = 0;     ///< chunked
  std::string external_name;  ///< external
  std::string command;        ///< external: with {bag} and {out}

  std::string name() const;          ///< "chunked:100"
  std::string display_name() const;  ///< "Chunked (100)"
  bool makes_dataset() const { return kind != Kind::scan; }
  friend bool operator==(const Method&, const Method&) = default;
};

/// "scan", "full", "chunked:N", "planned". Error: invalid.
Result<Method> parse_method(const std::string& text);
/// "NAME=command with {bag} and {out}". Error: invalid.
Result<Method> parse_external(const std::string& text);
/// The command for a shell, with the paths quoted so that they stay one word each whatever they hold.
std::string external_command(const Method& method, const std::string& bag, const std::string& out);

}  // namespace bagloom::bench
