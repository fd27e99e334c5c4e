// Pages of programs and libraries that this process has mapped but does not need.
#pragma once

#include <cstdint>

namespace bagloom::memory {

/// Lets go of resident pages of mapped files that were never written: code and constants of libraries. They stay in the page
/// cache, and those that are needed again come back from there at about a microsecond for 64 KiB. After start-up most of them are
/// pages that only the dynamic linker looked at. Gives the bytes let go; 0 where the kernel does not say which pages are clean.
/// May be called from any thread while others run.
std::uint64_t drop_file_pages();

}  // namespace bagloom::memory
