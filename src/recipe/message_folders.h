// The user's own message definitions (--msg-path).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "msg/definition_set.h"

namespace bagloom::recipe {

/// The definitions in these folders, the first that has a type first, then the built-in ones. A folder is a package with a `msg`
/// folder in it, or holds packages (a workspace's `src` or an installation's `share`). Files are read when a type is wanted:
/// those called pkg/msg/Type.msg, pkg/Type.msg and the same with .idl, at most 1 MiB each. Errors (invalid): no folder.
Result<std::shared_ptr<const msg::DefinitionSet>> definitions_in(const std::vector<std::string>& folders);

}  // namespace bagloom::recipe
