// Small files that the user asks for by name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bagloom::cli {

/// Error (invalid, with the remedy --force) where something stands at `path` and `force` is false.
Status may_write(const std::string& path, bool force);

/// Writes the whole text or nothing: a file beside it is renamed. Errors: invalid as above, io, temporary (disk full).
Status write_new_file(const std::string& path, std::string_view text, bool force);

}  // namespace bagloom::cli
