#include "bag/rosbag2_folder.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "base/source.h"

namespace bagloom::bag {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMetadataName = "metadata.yaml";

/// The name of a storage file in parts: run_7.db3.zstd is stem "run_7", prefix "run", number 7, kind ".db3", packed.
struct StorageName {
  std::string file, stem, prefix, kind;
  std::optional<std::uint64_t> number;
  bool packed = false;
};

std::optional<StorageName> storage_name(const std::string& file) {
  StorageName name;
  name.file = file;
  std::string_view rest = file;
  if (rest.ends_with(".zstd")) {
    name.packed = true;
    rest.remove_suffix(5);
  }
  for (const char* kind : {".db3", ".mcap"})
    if (rest.ends_with(kind)) name.kind = kind;
  if (name.kind.empty()) return std::nullopt;
  rest.remove_suffix(name.kind.size());
  name.stem = name.prefix = std::string(rest);
  const auto digits = rest.find_last_not_of("0123456789");
  if (digits != std::string_view::npos && rest[digits] == '_' && rest.size() - digits - 1 > 0 && rest.size() - digits <= 19) {
    name.number = std::stoull(std::string(rest.substr(digits + 1)));
    name.prefix = std::string(rest.substr(0, digits));
  }
  return name;
}

bool natural_order(const StorageName& a, const StorageName& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  if (a.number != b.number) return a.number < b.number;
  return a.file < b.file;
}

struct Listing {
  std::vector<StorageName> storage;        ///< in natural order
  std::vector<std::string> bags, folders;  ///< by name
  bool metadata = false;
};

Result<Listing> list(const std::string& path) {
  Listing listing;
  std::error_code failed;
  fs::directory_iterator entry(path, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      listing.folders.push_back(name);
    } else if (auto storage = storage_name(name)) {
      listing.storage.push_back(std::move(*storage));
    } else if (entry->path().extension() == ".bag") {
      listing.bags.push_back(name);
    } else if (name == kMetadataName) {
      listing.metadata = true;
    }
  }
  if (failed) return Error(ErrorKind::unreadable, failed.message()).in(std::string(path));
  std::sort(listing.storage.begin(), listing.storage.end(), natural_order);
  std::sort(listing.bags.begin(), listing.bags.end());
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

std::string below(const std::string& folder, const std::string& name) { return (fs::path(folder) / name).string(); }

Result<Rosbag2Metadata> read_metadata(const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  if (source->size() > kMostMetadataBytes) return Error(ErrorKind::corrupt, "it is too large");
  std::string text(static_cast<std::size_t>(source->size()), '\0');
  RETURN_IF_ERROR(source->read_exactly(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  return parse_rosbag2_metadata(text);
}

class Examination {
 public:
  Examination(const std::string& path, Listing listing, DamageLog& damage)
      : path_(path), listing_(std::move(listing)), damage_(damage) {}

  Result<Rosbag2Folder> run() {
    if (listing_.storage.empty())
      return Error(ErrorKind::unreadable, "no *.db3 or *.mcap file in this folder").in(std::string(path_));
    if (listing_.metadata) {
      folder_.metadata_path = below(path_, kMetadataName);
      auto metadata = read_metadata(folder_.metadata_path);
      if (metadata) {
        folder_.metadata = std::move(*metadata);
      } else {
        note("cannot be read: " + metadata.error().message());
      }
    }
    if (folder_.metadata) take_listed();
    RETURN_IF_ERROR(take_others());
    std::sort(taken_.begin(), taken_.end(), natural_order);
    for (const StorageName& name : taken_) folder_.files.push_back(below(path_, name.file));
    return std::move(folder_);
  }

 private:
  void note(const std::string& what, bool loss = false) { damage_.add(0, std::string(kMetadataName) + " " + what, loss); }

  const StorageName* find(const std::string& file) const {
    const auto found =
        std::find_if(listing_.storage.begin(), listing_.storage.end(), [&](const auto& s) { return s.file == file; });
    return found == listing_.storage.end() ? nullptr : &*found;
  }

  bool take(const StorageName& name) {
    const auto same = [&](const StorageName& other) { return other.stem == name.stem && other.kind == name.kind; };
    if (std::any_of(taken_.begin(), taken_.end(), same)) return false;
    taken_.push_back(name);
    return true;
  }

  void take_listed() {
    for (const std::string& listed : folder_.metadata->paths) {
      // The last component: earlier versions prefix it with the folder's name, whatever that is today.
      const std::string name = fs::path(listed).filename().string();
      const StorageName* found = find(name);
      if (found == nullptr) found = find(name + ".zstd");
      if (found == nullptr && name.ends_with(".zstd")) found = find(name.substr(0, name.size() - 5));
      if (found == nullptr) {
        folder_.file_is_missing = true;
        note("lists " + listed + ", which is not there", true);
        continue;
      }
      const std::string prefix = fs::path(listed).parent_path().string();
      if (!prefix.empty() && prefix != own_name()) note("lists " + listed + "; " + found->file + " is read");
      if (!take(*found)) note("lists " + listed + " twice");
    }
  }

  Status take_others() {
    std::set<std::string> kinds;
    for (const StorageName& name : taken_) kinds.insert(name.kind);
    if (kinds.empty() && folder_.metadata && folder_.metadata->storage == "sqlite3") kinds.insert(".db3");
    if (kinds.empty() && folder_.metadata && folder_.metadata->storage == "mcap") kinds.insert(".mcap");
    const bool some_listed = !taken_.empty();
    if (kinds.empty()) {
      for (const StorageName& name : listing_.storage) kinds.insert(name.kind);
      if (kinds.size() > 1)
        return Error(ErrorKind::unreadable, "the folder has *.db3 and *.mcap files and no metadata.yaml that says which to read")
            .fix("name the files")
            .in(std::string(path_));
    }
    // By name, so that X.db3 comes before X.db3.zstd, which is then the same.
    for (const StorageName& name : listing_.storage) {
      const auto same = [&](const StorageName& other) { return other.file == name.file; };
      if (std::any_of(taken_.begin(), taken_.end(), same)) continue;
      if (!kinds.contains(name.kind)) {
        damage_.add(0, name.file + " is left out: the recording's files are *" + *kinds.begin(), false);
      } else if (!take(name)) {
        damage_.add(0, name.file + " is left out: the same file is there " + (name.packed ? "uncompressed" : "compressed"),
                    false);
      } else if (some_listed) {
        note("does not list " + name.file + ", which is read too");
      }
    }
    if (taken_.empty())
      return Error(ErrorKind::unreadable, "no storage file that metadata.yaml speaks of").in(std::string(path_));
    return {};
  }

  std::string own_name() const {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path_, ignored);
    return whole.filename().string();
  }

  const std::string path_;
  const Listing listing_;
  DamageLog& damage_;
  Rosbag2Folder folder_;
  std::vector<StorageName> taken_;
};

bool is_rosbag2_metadata(const std::string& path) {
  const auto source = open_file(path);
  if (!source) return false;
  std::string head(static_cast<std::size_t>(std::min<std::uint64_t>((*source)->size(), 4096)), '\0');
  return (*source)->read_exactly(0, {reinterpret_cast<std::byte*>(head.data()), head.size()}) &&
         head.find("rosbag2_bagfile_information") != std::string::npos;
}

bool is_one_recording(const std::string& path, const Listing& listing) {
  if (listing.storage.empty()) return false;
  if (listing.metadata && is_rosbag2_metadata(below(path, kMetadataName))) return true;
  if (listing.storage.size() < 2) return false;
  std::error_code ignored;
  const std::string folder = fs::weakly_canonical(path, ignored).filename().string();
  const StorageName& first = listing.storage.front();
  return std::all_of(listing.storage.begin(), listing.storage.end(), [&](const StorageName& name) {
    return name.number && name.kind == first.kind && name.prefix == first.prefix &&
           (name.kind == ".db3" || name.prefix == folder);
  });
}

}  // namespace

Result<Rosbag2Folder> examine_rosbag2_folder(const std::string& path, DamageLog& damage) {
  ASSIGN_OR_RETURN(Listing listing, list(path));
  return Examination(path, std::move(listing), damage).run();
}

Result<std::vector<std::string>> recordings_in_folder(const std::string& path) {
  ASSIGN_OR_RETURN(const Listing listing, list(path));
  if (is_one_recording(path, listing)) return std::vector{path};
  std::vector<std::string> names = listing.bags;
  for (const StorageName& name : listing.storage) names.push_back(name.file);
  for (const std::string& folder : listing.folders) {
    const std::string sub = below(path, folder);
    if (const auto inside = list(sub); inside && is_one_recording(sub, *inside)) names.push_back(folder);
  }
  std::sort(names.begin(), names.end());
  for (std::string& name : names) name = below(path, name);
  return names;
}

}  // namespace bagloom::bag
