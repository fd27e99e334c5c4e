// The fields that paths lead to, as a tree to go down beside a tagged message (protobuf, JSON). Internal to msg/.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_path.h"

namespace bagloom::msg {

/// The index of a value that stands in no array.
inline constexpr std::uint32_t kSingle = std::numeric_limits<std::uint32_t>::max();

/// A step of a path at a node.
struct PathUse {
  enum class Elements : std::uint8_t {
    single,  ///< no array
    range,   ///< of an array: from `begin` to `end`
    all,     ///< of an array
    any,     ///< of an open type: all where it is an array, else the value
  };
  std::uint32_t path = 0;
  std::uint32_t gives = 0;  ///< what the sink is told; the path's number, unless a companion stands at its end
  bool ends = false;        ///< the path's last step
  Elements elements = Elements::single;
  std::uint32_t begin = 0, end = 0;

  /// Whether the step may select several elements. At most one step of a path does, but for `any`.
  bool many() const {
    return elements == Elements::all || elements == Elements::any || (elements == Elements::range && end - begin > 1);
  }
};

struct FieldNode {
  std::string name;
  const Field* field = nullptr;  ///< owned by the definition; null: of an open type, whose messages say what it is
  std::uint32_t id = 0;
  bool companion = false;  ///< no path leads there
  std::vector<PathUse> uses;
  std::vector<FieldNode> children;

  const FieldNode* child(std::uint32_t number) const;
  const FieldNode* child(std::string_view name_of_child) const;
};

/// What a path leads to.
struct PathEnd {
  const Field* field = nullptr;  ///< null: of an open type
  std::string parent;            ///< the type that has it
  bool many = false;             ///< the path selects elements of an array: `width` of them, or where that is 0 all
  std::uint32_t width = 1;
  bool any = false;  ///< not `many`, but messages may show that it does
};

/// A text beside the field that a path ends at, given wherever the path selects something: it costs less than a path of its own.
/// Where the message has none nothing is given.
struct Companion {
  std::uint32_t path = 0;
  std::string field;
  std::uint32_t gives = 0;  ///< the sink is told this number for a path
};

/// Compiled for one definition. Immutable.
class FieldTree {
 public:
  /// Errors (invalid): no such field (with the nearest names), a field that is not read (why), a step into a number, a message as
  /// the last step, an index into what is no array, two steps that select several elements. Each names its path.
  static Result<FieldTree> compile(const Definition& definition, const std::vector<FieldPath>& paths,
                                   const std::vector<Companion>& companions = {});

  const FieldNode& root() const { return root_; }
  std::uint32_t nodes() const { return nodes_; }
  const std::vector<PathEnd>& ends() const { return ends_; }  ///< as `paths`

 private:
  Status add(const MessageType* type, const FieldPath& path);
  Status add_companion(const MessageType* type, const FieldPath& path, const Companion& companion);
  FieldNode& child_of(FieldNode& node, const std::string& name, const Field* field, bool companion);

  FieldNode root_;
  std::uint32_t nodes_ = 1;
  std::vector<PathEnd> ends_;
};

/// Takes what a reader finds. `at`: which of the elements that the path selects, from 0; it may be beyond those that are wanted.
/// A place may be given again: then the later value counts.
class FieldSink {
 public:
  virtual ~FieldSink() = default;
  virtual void number(std::uint32_t path, std::uint32_t at, double value) = 0;
  /// A string, or bytes. The view lives as long as the message (protobuf) or for this call (JSON).
  virtual void text(std::uint32_t path, std::uint32_t at, std::string_view value) = 0;
  /// Whether bytes are wanted as they stand, by `text` (at 0); else each is a number.
  virtual bool takes_bytes() const { return false; }
  /// A string that may be kept by moving it (JSON).
  virtual void take_text(std::uint32_t path, std::uint32_t at, std::string& value) { text(path, at, value); }
};

/// Where a reader stands in a tree: counts elements, and gives the sink those that are selected.
class FieldVisit {
 public:
  FieldVisit(const FieldTree& tree, FieldSink& sink);

  /// Before the fields of one message; gives the values that absent fields have. Not for a further piece of the same message.
  void begin(const FieldNode& node);
  /// How often the field was seen in this message before.
  std::uint32_t next(const FieldNode& node) { return places_[node.id]++; }
  /// Around the fields of one element; `index` here and below: kSingle in no array.
  void enter(const FieldNode& node, std::uint32_t index) { move(node, index, true); }
  void leave(const FieldNode& node, std::uint32_t index) { move(node, index, false); }
  void number(const FieldNode& node, std::uint32_t index, double value);
  void text(const FieldNode& node, std::uint32_t index, std::string_view value);
  void take_text(const FieldNode& node, std::uint32_t index, std::string& value);
  /// All elements of an array of bytes at once. A later one takes the place of the first.
  void bytes(const FieldNode& node, std::string_view value);
  /// The same where they stand as a text (JSON), which the sink decodes.
  void take_bytes(const FieldNode& node, std::string& value);

  /// Elements seen of the array of which the path selects some; of all arrays that it could be in, the longest.
  std::uint32_t count(std::uint32_t path) const { return paths_[path].count; }
  /// Arrays inside arrays, of which the path does not say enough; nothing of the inner ones was selected.
  bool is_ambiguous(std::uint32_t path) const { return paths_[path].ambiguous; }

 private:
  struct PathState {
    std::uint32_t off = 0;  ///< how many of the elements around are not selected
    std::uint32_t at = 0;
    std::uint32_t count = 0;
    std::uint32_t arrays = 0;  ///< around, of which the path selects several elements
    bool ambiguous = false;
  };
  void move(const FieldNode& node, std::uint32_t index, bool in);
  /// Counts the element; whether it is selected, and as which one.
  bool select(const PathUse& use, std::uint32_t index, std::uint32_t& at);
  /// For each path that ends at the node and selects the element: give(path, at).
  template <class Give>
  void give(const FieldNode& node, std::uint32_t index, const Give& give);

  FieldSink& sink_;
  std::vector<std::uint32_t> places_;  // by node: elements seen
  std::vector<PathState> paths_;
};

}  // namespace bagloom::msg
