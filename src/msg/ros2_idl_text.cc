// ROS 2's .idl texts: the part of IDL that robots' messages are written in. bag-formats.md 6.3.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "msg/definition_text.h"
#include "msg/idl_tokens.h"
#include "msg/ros2_names.h"

namespace bagloom::msg {
namespace {

// Far deeper than any package; keeps scopes short and their search cheap.
constexpr std::size_t kDeepestModules = 16;
constexpr std::size_t kLongestAliases = 64;

/// A type as it stands in a declaration: names are looked up when all are known.
struct TypeUse {
  std::string name;   ///< a primitive of ours, or a name as written (`a::b`)
  std::string scope;  ///< of the modules that the use stands in: "pkg::msg"
  bool primitive = false;
  bool sequence = false;
  std::uint64_t elements = 1;  ///< product of the dimensions of an array
  bool array = false;
  std::uint32_t line = 0;
};

struct Member {
  TypeUse type;
  std::string name;
};

struct Struct {
  std::uint32_t line = 0;
  std::vector<Member> members;
};

/// Reads declarations; struct bodies hold no other declarations in what ROS writes.
class IdlReader {
 public:
  explicit IdlReader(std::vector<IdlToken> tokens) : tokens_(std::move(tokens)) {}

  Status read() {
    for (;;) {
      RETURN_IF_ERROR(skip_annotations());
      if (next().kind == IdlToken::Kind::end) break;
      if (take("module")) {
        RETURN_IF_ERROR(begin_module());
      } else if (take("struct")) {
        RETURN_IF_ERROR(read_struct());
      } else if (take("typedef")) {
        RETURN_IF_ERROR(read_typedef());
      } else if (take("enum")) {
        RETURN_IF_ERROR(read_enum());
      } else if (take("const")) {
        RETURN_IF_ERROR(read_constant());
      } else if (take("}")) {
        if (modules_.empty()) return wrong("a `}` too many");
        scope_.resize(modules_.back());
        modules_.pop_back();
        take(";");
      } else if (!take(";")) {
        skip_declaration();
      }
    }
    if (!modules_.empty()) return wrong("a module without end");
    return {};
  }

  /// The structs as sections, `root` first.
  Result<std::vector<Section>> sections(const std::string& root) const {
    std::vector<Section> sections;
    for (const auto& [name, body] : structs_) {
      Section section;
      section.type = type_name(name);
      section.line = body.line;
      for (const Member& member : body.members) {
        ASSIGN_OR_RETURN(FieldLine field, resolve(member.type, 0));
        field.name = member.name;
        section.fields.push_back(std::move(field));
      }
      sections.push_back(std::move(section));
    }
    const auto found =
        std::find_if(sections.begin(), sections.end(), [&](const Section& section) { return section.type == root; });
    if (found == sections.end()) return Error(ErrorKind::corrupt, "the definition has no struct " + root);
    std::swap(*found, sections.front());
    return sections;
  }

 private:
  const IdlToken& next() const { return tokens_[at_]; }
  bool take(std::string_view word) {
    if (!next().is(word) || next().kind == IdlToken::Kind::end) return false;
    ++at_;
    return true;
  }
  Status expect(std::string_view word) { return take(word) ? Status() : wrong("expected `" + std::string(word) + "`"); }
  Error wrong(const std::string& what) const {
    const std::string found = next().kind == IdlToken::Kind::end ? "the end" : "`" + std::string(next().text.substr(0, 40)) + "`";
    return Error(ErrorKind::corrupt, what + ", found " + found).in("definition line " + std::to_string(next().line));
  }

  Result<std::string> take_name() {
    if (next().kind != IdlToken::Kind::name || next().text.size() > kLongestTypeName) return wrong("expected a name");
    return std::string(tokens_[at_++].text);
  }

  std::string scoped(const std::string& name) const { return scope_.empty() ? name : scope_ + "::" + name; }

  static std::string type_name(const std::string& scoped_name) {
    std::string name = scoped_name;
    for (std::size_t at = name.find("::"); at != std::string::npos; at = name.find("::", at)) name.replace(at, 2, "/");
    return plain_type_name(name).value_or(name);
  }

  /// Those that change what stands in the bytes are refused where they stand.
  Status skip_annotations() {
    while (take("@")) {
      if (next().is("optional") || next().is("bit_bound"))
        return wrong("annotation `" + std::string(next().text) + "`, which changes the bytes, is not supported");
      ASSIGN_OR_RETURN(const std::string name, take_name());
      if (next().is("::")) RETURN_IF_ERROR(read_scoped_name());
      if (next().is("(")) RETURN_IF_ERROR(skip_balanced());
    }
    return {};
  }

  Status skip_balanced() {
    std::size_t depth = 0;
    do {
      if (next().is("(") || next().is("{")) ++depth;
      if (next().is(")") || next().is("}")) --depth;
      if (next().kind == IdlToken::Kind::end) return wrong("a bracket without end");
      ++at_;
    } while (depth > 0);
    return {};
  }

  /// A union, a bitmask, ...: whoever needs it is told that it is not there.
  void skip_declaration() {
    while (next().kind != IdlToken::Kind::end && !take(";")) {
      if (next().is("{")) {
        if (!skip_balanced().ok()) return;
      } else {
        ++at_;
      }
    }
  }

  Status begin_module() {
    ASSIGN_OR_RETURN(const std::string name, take_name());
    RETURN_IF_ERROR(expect("{"));
    if (modules_.size() == kDeepestModules) return wrong("modules nest too deep");
    modules_.push_back(scope_.size());
    scope_ = scoped(name);
    return {};
  }

  Status read_struct() {
    const std::uint32_t line = next().line;
    ASSIGN_OR_RETURN(const std::string name, take_name());
    if (take(";")) return {};
    if (next().is(":")) return wrong("a struct that inherits is not supported");
    RETURN_IF_ERROR(expect("{"));
    Struct body;
    body.line = line;
    while (!take("}")) {
      RETURN_IF_ERROR(skip_annotations());
      RETURN_IF_ERROR(read_members(body.members));
    }
    take(";");
    const auto [place, is_new] = structs_.try_emplace(scoped(name), std::move(body));
    if (!is_new) return wrong("struct " + type_name(place->first) + " stands twice");
    return {};
  }

  /// `TYPE NAME, NAME[3];`
  Status read_members(std::vector<Member>& members) {
    ASSIGN_OR_RETURN(const TypeUse type, read_type());
    do {
      RETURN_IF_ERROR(skip_annotations());
      Member member{type, ""};
      ASSIGN_OR_RETURN(member.name, take_name());
      RETURN_IF_ERROR(read_dimensions(member.type));
      members.push_back(std::move(member));
    } while (take(","));
    return expect(";");
  }

  Status read_dimensions(TypeUse& type) {
    while (take("[")) {
      ASSIGN_OR_RETURN(const std::uint64_t length, read_length());
      type.array = true;
      type.elements *= length;
      if (type.elements > std::numeric_limits<std::uint32_t>::max()) return wrong("an array longer than any message");
      RETURN_IF_ERROR(expect("]"));
    }
    return {};
  }

  /// A number, or the name of a constant that stands before. Below 2^32.
  Result<std::uint64_t> read_length() {
    if (next().kind == IdlToken::Kind::number) {
      std::uint32_t length = 0;
      if (!read_array_length(next().text, length)) return wrong("expected the length of an array");
      ++at_;
      return std::uint64_t{length};
    }
    ASSIGN_OR_RETURN(const std::string name, read_scoped_name());
    const auto found = look_up(constants_, name, scope_);
    if (found == constants_.end()) return wrong("`" + name.substr(0, 80) + "` is no constant number");
    return std::uint64_t{found->second};
  }

  Result<std::string> read_scoped_name() {
    std::string name = take("::") ? "::" : "";
    for (;;) {
      ASSIGN_OR_RETURN(const std::string part, take_name());
      name += part;
      if (name.size() > kLongestTypeName) return wrong("a longer name than any type has");
      if (!take("::")) return name;
      name += "::";
    }
  }

  Result<TypeUse> read_type() {
    if (!take("sequence")) return read_element_type();
    RETURN_IF_ERROR(expect("<"));
    if (next().is("sequence")) return wrong("a sequence of sequences is not supported");
    ASSIGN_OR_RETURN(TypeUse type, read_element_type());
    type.sequence = true;
    if (take(",")) RETURN_IF_ERROR(read_length());
    RETURN_IF_ERROR(expect(">"));
    return type;
  }

  Result<TypeUse> read_element_type() {
    TypeUse type;
    type.line = next().line;
    type.scope = scope_;
    type.primitive = true;
    const bool is_unsigned = take("unsigned");
    if (take("short")) {
      type.name = is_unsigned ? "uint16" : "int16";
    } else if (take("long")) {
      const bool is_long = take("long");
      if (next().is("double")) return wrong("long double is not supported");
      type.name = std::string(is_unsigned ? "uint" : "int") + (is_long ? "64" : "32");
    } else if (is_unsigned) {
      return wrong("expected `short` or `long`");
    } else if (take("string") || take("wstring")) {
      type.name = std::string(tokens_[at_ - 1].text);
      if (take("<")) {
        RETURN_IF_ERROR(read_length());
        RETURN_IF_ERROR(expect(">"));
      }
    } else if (const char* primitive = primitive_of(next().text); primitive != nullptr) {
      type.name = primitive;
      ++at_;
    } else {
      type.primitive = false;
      ASSIGN_OR_RETURN(type.name, read_scoped_name());
    }
    return type;
  }

  static const char* primitive_of(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 13> kNames{{
        {"boolean", "bool"},
        {"octet", "uint8"},
        {"char", "uint8"},
        {"float", "float32"},
        {"double", "float64"},
        {"int8", "int8"},
        {"uint8", "uint8"},
        {"int16", "int16"},
        {"uint16", "uint16"},
        {"int32", "int32"},
        {"uint32", "uint32"},
        {"int64", "int64"},
        {"uint64", "uint64"},
    }};
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& name) { return name.first == word; });
    return found == kNames.end() ? nullptr : found->second;
  }

  /// `typedef double double__9[9];`
  Status read_typedef() {
    std::vector<Member> members;
    RETURN_IF_ERROR(read_members(members));
    for (Member& member : members) aliases_.try_emplace(scoped(member.name), std::move(member.type));
    return {};
  }

  Status read_enum() {
    ASSIGN_OR_RETURN(const std::string name, take_name());
    if (!next().is("{")) return wrong("expected `{`");
    RETURN_IF_ERROR(skip_balanced());
    take(";");
    TypeUse type;
    type.name = "uint32";
    type.primitive = true;
    aliases_.try_emplace(scoped(name), std::move(type));
    return {};
  }

  /// Kept where it is a plain number, for lengths of arrays.
  Status read_constant() {
    RETURN_IF_ERROR(read_type());
    ASSIGN_OR_RETURN(const std::string name, take_name());
    RETURN_IF_ERROR(expect("="));
    std::uint32_t value = 0;
    if (next().kind == IdlToken::Kind::number && tokens_[at_ + 1].is(";") && read_array_length(next().text, value))
      constants_.try_emplace(scoped(name), value);
    skip_declaration();
    return {};
  }

  /// From the innermost scope outwards.
  template <class Value>
  static typename std::map<std::string, Value>::const_iterator look_up(const std::map<std::string, Value>& map,
                                                                       const std::string& name, std::string scope) {
    if (name.substr(0, 2) == "::") return map.find(name.substr(2));
    for (;;) {
      const auto found = map.find(scope.empty() ? name : scope + "::" + name);
      if (found != map.end() || scope.empty()) return found;
      const std::size_t outer = scope.rfind("::");
      scope.resize(outer == std::string::npos ? 0 : outer);
    }
  }

  Result<FieldLine> resolve(const TypeUse& use, std::size_t depth) const {
    const auto error = [&](const std::string& what) {
      return Error(ErrorKind::corrupt, what).in("definition line " + std::to_string(use.line));
    };
    FieldLine field;
    field.line = use.line;
    field.type = use.name;
    if (!use.primitive) {
      if (const auto alias = look_up(aliases_, use.name, use.scope); alias != aliases_.end()) {
        if (depth == kLongestAliases) return error("typedef of a typedef, too often");
        ASSIGN_OR_RETURN(field, resolve(alias->second, depth + 1));
        field.line = use.line;
      } else {
        const auto found = look_up(structs_, use.name, use.scope);
        field.type = type_name(found != structs_.end() ? found->first : use.name.substr(use.name.find_first_not_of(':')));
      }
    }
    if (use.sequence) {
      if (field.array != ArrayKind::none) return error("a sequence of arrays is not supported");
      field.array = ArrayKind::variable;
    }
    if (use.array) {
      if (field.array == ArrayKind::variable) return error("an array of sequences is not supported");
      const std::uint64_t length = use.elements * (field.array == ArrayKind::fixed ? field.length : 1);
      if (length > std::numeric_limits<std::uint32_t>::max()) return error("an array longer than any message");
      field.array = ArrayKind::fixed;
      field.length = static_cast<std::uint32_t>(length);
    }
    return field;
  }

  std::vector<IdlToken> tokens_;
  std::size_t at_ = 0;
  std::string scope_;                 // "pkg::msg"
  std::vector<std::size_t> modules_;  // lengths of the scopes around
  std::map<std::string, Struct> structs_;
  std::map<std::string, TypeUse> aliases_;
  std::map<std::string, std::uint32_t> constants_;
};

}  // namespace

Result<std::vector<Section>> split_ros2_idl(std::string_view type, std::string_view text) {
  if (text.size() > kLongestDefinition) return Error(ErrorKind::corrupt, "a definition of more than 4 MiB");
  const auto root = plain_type_name(type);
  if (!root) return Error(ErrorKind::corrupt, "`" + std::string(type.substr(0, 80)) + "` is not a type's name");
  ASSIGN_OR_RETURN(std::vector<IdlToken> tokens, split_idl(text));
  IdlReader reader(std::move(tokens));
  RETURN_IF_ERROR(reader.read());
  return reader.sections(*root);
}

}  // namespace bagloom::msg
