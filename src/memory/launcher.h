// The process between the caller and the command: starts it, follows every fork, exec and end by ptrace, samples, reports.
#pragma once

#include <cstdint>

#include "memory/process_tree.h"

namespace bagloom::memory {

/// What the launcher sends, each with a header and `size` bytes after it.
enum class LauncherMessage : std::uint32_t {
  progress = 1,  ///< a TreeProgress; the first is answered by an Order, before which nothing starts
  not_started,   ///< an int: errno of exec
  finished,      ///< a TreeUse as bytes (tree_wire.h)
};
struct MessageHeader {
  LauncherMessage kind;
  std::uint32_t reserved = 0;
  std::uint64_t size = 0;
};

/// Runs in a process that was just forked; `socket` leads to the caller: Orders come in, messages go out. Returns when all is
/// reported; the process should then end without destructors.
void launch(const MeasuredCommand& command, int socket);

}  // namespace bagloom::memory
