// How this process's memory goes back to the system.
#pragma once

namespace bagloom::memory {

/// Few arenas and a fixed mapping threshold, so that large blocks go back at once and threads do not each keep a heap of their
/// own. Call once, before threads start. Does nothing where the C library is not glibc.
void configure_allocator();

/// The other way: what is freed stays in the process, as in programs that leave the C library's thresholds to themselves once
/// they have freed a block of 32 MiB (glibc raises them to that). For showing what that does to measurements. trim_heap does
/// nothing from then on.
void keep_freed_memory();

/// Gives free heap pages back, between phases.
void trim_heap();

}  // namespace bagloom::memory
