// Types that a definition's text needs and does not hold. Used by definition.cc only.
#pragma once

#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "msg/definition_set.h"
#include "msg/definition_text.h"

namespace bagloom::msg {

/// Adds the sections of such types from the set, with what those need; types that the set has not either are left to the linker
/// to name. Everything added goes into the hash. Returns whether anything was. Errors: of the set, with where the text stands;
/// more than any package needs.
Result<bool> add_missing_types(std::vector<Section>& sections, Wire wire, const DefinitionSet& set, Hasher& hasher);

/// The section of one type from the set, alone, with all others of its file. Nothing where the set has none.
Result<std::vector<Section>> sections_from(const std::string& type, Wire wire, const DefinitionSet& set);

/// All that the wire form depends on.
void hash_section(const Section& section, Hasher& hasher);

}  // namespace bagloom::msg
