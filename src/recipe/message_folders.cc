#include "recipe/message_folders.h"

#include <filesystem>

#include "base/source.h"

namespace bagloom::recipe {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = 1u << 20;

/// Where "pkg/Type" may stand under a folder, without the ending.
std::vector<fs::path> places(const fs::path& folder, const std::string& package, const std::string& type) {
  std::vector<fs::path> places{folder / package / "msg" / type, folder / package / type,
                               folder / "share" / package / "msg" / type};
  const fs::path name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  if (name == package) places.push_back(folder / "msg" / type);
  return places;
}

Result<msg::TypeText> read(const std::string& path, bool idl) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  if (source->size() > kMostBytes) return Error(ErrorKind::invalid, "is too large for a message definition").in(path);
  std::string text(static_cast<std::size_t>(source->size()), '\0');
  RETURN_IF_ERROR(source->read_exactly(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  return msg::TypeText{std::move(text), idl, path};
}

Result<std::optional<msg::TypeText>> find(const std::vector<fs::path>& folders, const std::string& type) {
  const std::size_t slash = type.find('/');
  if (slash == std::string::npos || type.find('/', slash + 1) != std::string::npos) return std::optional<msg::TypeText>();
  for (const fs::path& folder : folders) {
    for (const fs::path& place : places(folder, type.substr(0, slash), type.substr(slash + 1))) {
      for (const bool idl : {false, true}) {
        const std::string path = place.string() + (idl ? ".idl" : ".msg");
        std::error_code error;
        if (!fs::exists(path, error)) continue;
        ASSIGN_OR_RETURN(msg::TypeText text, read(path, idl));
        return std::optional<msg::TypeText>(std::move(text));
      }
    }
  }
  return std::optional<msg::TypeText>();
}

}  // namespace

Result<std::shared_ptr<const msg::DefinitionSet>> definitions_in(const std::vector<std::string>& folders) {
  std::vector<fs::path> paths;
  for (const std::string& folder : folders) {
    std::error_code error;
    // Absolute: the folder's own name is looked at, and "." has none.
    const fs::path path = fs::absolute(folder, error).lexically_normal();
    if (error || !fs::is_directory(path, error)) {
      return Error(ErrorKind::invalid, "is no folder that can be read").in(folder).fix("--msg-path takes a folder of .msg files");
    }
    paths.push_back(path);
  }
  if (paths.empty()) return std::make_shared<const msg::DefinitionSet>();
  return std::make_shared<const msg::DefinitionSet>(
      [paths = std::move(paths)](const std::string& type) { return find(paths, type); });
}

}  // namespace bagloom::recipe
