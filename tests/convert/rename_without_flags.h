// A file system that knows no flags of rename, as NFS; and a process that is killed between two renames.
#pragma once

namespace bagloom::convert {

/// While this lives, renameat2 with a flag fails with `code` in this program, and rename ends the process at its `fatal_rename`th
/// call (0: never).
class RenameWithoutFlags {
 public:
  explicit RenameWithoutFlags(int code, int fatal_rename = 0);
  ~RenameWithoutFlags();
  RenameWithoutFlags(const RenameWithoutFlags&) = delete;
  RenameWithoutFlags& operator=(const RenameWithoutFlags&) = delete;

  static constexpr int kExitCode = 42;  ///< of the process that was ended
};

}  // namespace bagloom::convert
