// What happened: resident memory of this process as the kernel counts it. architecture.md section 4.
#pragma once

#include <cstdint>

namespace bagloom::memory {

/// Bytes, from /proc/self/status; zeros where there is none.
struct Resident {
  std::uint64_t now = 0;        ///< VmRSS
  std::uint64_t peak = 0;       ///< VmHWM: since the start or the last reset_peak
  std::uint64_t anonymous = 0;  ///< RssAnon
  std::uint64_t file = 0;       ///< RssFile: mapped libraries
};
Resident resident();

/// Starts a new high-water mark (writes 5 to /proc/self/clear_refs). False where the kernel refuses.
bool reset_peak();

}  // namespace bagloom::memory
