// Messages that say field by field what follows, protobuf's and JSON's, behind one call. Internal to msg/.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_tree.h"

namespace bagloom::msg {

/// Reads the whole message; of `wire` is_tagged holds. Errors (corrupt): those of the wire's reader.
Status read_tagged(Wire wire, const FieldTree& tree, Bytes message, FieldVisit& visit);

}  // namespace bagloom::msg
