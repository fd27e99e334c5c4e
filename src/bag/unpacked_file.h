// A storage file that is compressed whole (rosbag2's mode FILE: X.db3.zstd, X.mcap.zstd; bag-formats.md 4.3).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

struct Unpacked {
  std::unique_ptr<Source> source;  ///< its name is the packed file's
  std::string damage;              ///< what was wrong with the packed file; empty: nothing
  bool loss = false;               ///< bytes are missing
};

/// Streams a zstd file into a temporary file in `folder` (empty: $TMPDIR, else /var/tmp, else /tmp) that has no name, so that it
/// is gone with the Source however the program ends. Its size is known before where the frame or the database declares it, and
/// then has to be free; where it is not, 64 MiB are left free. Takes a few 100 KiB of memory and the frame's window, at most 16
/// MiB. A stream that is broken or without its end gives what comes before. Errors: unreadable (no recording inside), temporary
/// (no space), io.
Result<Unpacked> unpack_zstd_file(const Source& packed, const std::string& folder);

/// What unpack_zstd_file takes, as the frame's header says. Error: io.
Result<std::uint64_t> unpacking_bytes(const Source& packed);

}  // namespace bagloom::bag
