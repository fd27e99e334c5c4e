// One message record: checked where an index says that it stands.
#pragma once

#include "bag/chunk.h"
#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {

/// The record, when it is a message of this channel and time that ends in time. Errors: corrupt (what stands there instead), io.
Result<Record> read_message(ReadAhead& window, const MessagePlace& place);

}  // namespace bagloom::bag::mcap
