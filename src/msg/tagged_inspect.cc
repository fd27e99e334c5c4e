#include "msg/tagged_inspect.h"

#include <optional>

#include "msg/tagged_reader.h"

namespace bagloom::msg {
namespace {

class Ignore : public FieldSink {
 public:
  void number(std::uint32_t, std::uint32_t, double) override {}
  void text(std::uint32_t, std::uint32_t, std::string_view) override {}
};

class Collect : public FieldSink {
 public:
  void number(std::uint32_t, std::uint32_t, double) override { numbers = true; }
  void text(std::uint32_t, std::uint32_t at, std::string_view value) override {
    // Elements come one after another; the same again is the later value of one.
    if (at >= texts.size()) texts.resize(at + std::size_t{1});
    texts[at] = value;
  }
  std::vector<std::string> texts;
  bool numbers = false;
};

}  // namespace

Result<std::uint32_t> tagged_array_length(const Definition& definition, const FieldPath& path, Bytes message) {
  ASSIGN_OR_RETURN(const FieldTree tree, FieldTree::compile(definition, {path}));
  Ignore ignore;
  FieldVisit visit(tree, ignore);
  RETURN_IF_ERROR(read_tagged(definition.wire, tree, message, visit));
  const PathEnd& end = tree.ends()[0];
  if (visit.is_ambiguous(0)) return Error(ErrorKind::invalid, "field path `" + path.text + "` leads to several arrays");
  return (end.many && end.width == 0) || (end.any && visit.count(0) > 0) ? visit.count(0) : end.width;
}

Result<std::vector<std::string>> tagged_string_array(const Definition& definition, const FieldPath& path, Bytes message) {
  ASSIGN_OR_RETURN(const FieldTree tree, FieldTree::compile(definition, {path}));
  Collect collect;
  const PathEnd& end = tree.ends()[0];
  FieldVisit visit(tree, collect);
  RETURN_IF_ERROR(read_tagged(definition.wire, tree, message, visit));
  if (!(end.any || (end.many && end.width == 0)) || collect.numbers || visit.is_ambiguous(0))
    return Error(ErrorKind::invalid, "field path `" + path.text + "` is no whole array of strings");
  collect.texts.resize(visit.count(0));
  return std::move(collect.texts);
}

}  // namespace bagloom::msg
