// Files that must be there after a crash: synced writes, renames, folders. architecture.md section 8.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace bagloom::convert {

Status make_folders(const std::string& path);
/// Writes under a temporary name, syncs, renames. The name is durable once its folder is synced.
Status write_synced(const std::string& path, const std::string& content);
/// The same, and syncs the folder.
Status write_durably(const std::string& path, const std::string& content);
/// Whole file; refuses more than `cap` bytes. Error: unreadable.
Result<std::string> read_small_file(const std::string& path, std::uint64_t cap);
Status sync_folder(const std::string& path);
Status remove_tree(const std::string& path);
Status remove_file(const std::string& path);
/// `from` becomes `to`, which does not exist; both folders of one file system.
Status put_in_place(const std::string& from, const std::string& to);
/// `from` takes the place of `to`, which exists: they change places in one step. Where the file system cannot do that (NFS, some
/// of FUSE), `to` becomes `aside`, which is removed first if it is there, and then `from` becomes `to`; a crash between the two
/// leaves no `to`.
Status replace(const std::string& from, const std::string& to, const std::string& aside);
bool exists(const std::string& path);
/// 0 where there is no such file.
std::uint64_t file_bytes(const std::string& path);
std::uint64_t tree_bytes(const std::string& path);
/// Free for this user on the file system of the nearest folder that exists.
std::uint64_t free_bytes(const std::string& path);

/// Error for errno: temporary for full disks and quotas, io else.
Error system_error(const std::string& what, int code);

}  // namespace bagloom::convert
