#include "msg/tagged_reader.h"

#include "msg/json_reader.h"
#include "msg/protobuf_reader.h"

namespace bagloom::msg {

Status read_tagged(Wire wire, const FieldTree& tree, Bytes message, FieldVisit& visit) {
  if (wire == Wire::protobuf) return read_protobuf(tree, message, visit);
  if (wire == Wire::json) return read_json(tree, message, visit);
  return Error(ErrorKind::internal, "messages of a wire that is not tagged");
}

}  // namespace bagloom::msg
