// A YAML document as a plain tree that knows where each value stands. yaml-cpp stays behind yaml_tree.cc. Internal to recipe/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::recipe {

/// Where a value came from: a place in a file, or a --set.
struct Place {
  std::shared_ptr<const std::string> name;  ///< the recipe's name, or "--set key=value"
  std::size_t line = 0, column = 0;         ///< from 1; 0: the name says all

  std::string text() const;
};

struct YamlEntry;

struct YamlValue {
  enum class Kind { null, scalar, sequence, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;                ///< of a scalar
  bool quoted = false;             ///< a quoted scalar is text, never a number
  std::vector<YamlValue> items;    ///< of a sequence
  std::vector<YamlEntry> entries;  ///< of a map, in order; keys are unique

  YamlValue* find(const std::string& key);
  const YamlValue* find(const std::string& key) const;
  std::vector<std::string> keys() const;
  void insert(const std::string& key, const Place& key_place, YamlValue value);

  /// An Error (invalid) at this place.
  Error wrong(const std::string& what) const { return Error(ErrorKind::invalid, what).in(place.text()); }
  /// "a map", "a list", "nothing", "`text`": for messages.
  std::string shown() const;
};

struct YamlEntry {
  std::string key;
  Place place;  ///< of the key
  YamlValue value;
};

/// Parses one document. Errors (invalid) with NAME:LINE:COLUMN: not YAML, more than 1 MiB, nested deeper than 32, not UTF-8,
/// control characters, duplicate keys, keys that are no text, aliases, tags, a second document. `fixed_place`: every value's
/// place is just the name (for --set).
Result<YamlValue> parse_yaml(const std::string& name, const std::string& text, bool fixed_place = false);

}  // namespace bagloom::recipe
