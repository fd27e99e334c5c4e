// How this process's memory goes back to the system.
#pragma once

namespace bagloom::memory {

/// Few arenas and a fixed mapping threshold, so that large blocks go back at once and threads do not each keep a heap of their
/// own. Call once, before threads start. Does nothing where the C library is not glibc.
void configure_allocator();

/// Gives free heap pages back, between phases.
void trim_heap();

}  // namespace bagloom::memory
