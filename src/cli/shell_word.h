// Commands that a user can paste.
#pragma once

#include <string>

namespace bagloom::cli {

/// `text` as one word for a POSIX shell, in quotes only where it needs them.
std::string shell_word(const std::string& text);

}  // namespace bagloom::cli
