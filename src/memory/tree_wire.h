// The launcher's report as bytes: it travels through a socket between two processes of the same program.
#pragma once

#include <string>
#include <string_view>

#include "memory/process_tree.h"

namespace bagloom::memory {

std::string to_bytes(const TreeUse& use);
/// False where the bytes end early.
bool from_bytes(std::string_view bytes, TreeUse& use);

}  // namespace bagloom::memory
