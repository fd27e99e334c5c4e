// Commands for a shell: ones that a user can paste, and ones that bench runs.
#pragma once

#include <string>

namespace bagloom {

/// `text` as one word for a POSIX shell, in quotes only where it needs them.
std::string shell_word(const std::string& text);

}  // namespace bagloom
