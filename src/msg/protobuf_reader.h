// Down a protobuf message beside the fields that are wanted; everything else is stepped over. Internal to msg/.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "msg/field_tree.h"

namespace bagloom::msg {

/// Nothing is built from the message, so that its memory is the message's own. Fields may come in any order, several times (the
/// last of a single one counts, pieces of one message are put together), arrays packed or not. Errors (corrupt): a message that
/// ends early or is none, a wanted field that is written in another way than the schema says.
Status read_protobuf(const FieldTree& tree, Bytes message, FieldVisit& visit);

}  // namespace bagloom::msg
