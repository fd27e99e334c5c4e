// What this program is made of.
#pragma once

#include <string>

namespace bagloom::cli {

/// Lines: the program's version, the codec libraries', and where Arrow came from.
std::string version_text();

}  // namespace bagloom::cli
