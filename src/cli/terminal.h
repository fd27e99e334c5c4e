// What the other end of a stream is: a terminal of some width, or a pipe or file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bagloom::cli {

bool is_terminal(int descriptor);
/// Columns of the terminal; 0 where it is none, which means: no limit.
std::size_t terminal_width(int descriptor);

/// Columns that UTF-8 text takes, each code point counted as one.
std::size_t display_width(std::string_view text);
/// At most `width` columns: the middle is replaced by "…", so that both ends of a topic can be read.
std::string shortened(std::string_view text, std::size_t width);
/// Names from a recording may hold anything: control characters become '?', so that they cannot steer the terminal.
std::string printable(std::string_view text);

}  // namespace bagloom::cli
