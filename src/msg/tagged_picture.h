// PictureExtractor's work on tagged messages (protobuf, JSON). Internal to msg/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/extractor.h"
#include "msg/field_tree.h"

namespace bagloom::msg {

/// Fields at the top of the message; those that the definition has not are named by "". Immutable.
struct PictureFields {
  std::string encoding;  ///< or `format`; "": h264
  std::string data = "data";
  bool raw = false;  ///< `width`, `height` and `step` are wanted too
  std::string big_endian;
};

class TaggedPicture {
 public:
  static Result<TaggedPicture> compile(std::shared_ptr<const Definition> definition, const PictureFields& fields);
  /// Views into the message, or of what `holds` keeps. Errors (corrupt): those of the reader, a size that is none.
  Result<PictureMessage> run(Bytes message) const;

 private:
  std::shared_ptr<const Definition> definition_;
  PictureFields fields_;
  FieldTree tree_;
};

}  // namespace bagloom::msg
