// One message record: checked where an index says that it stands.
#pragma once

#include "bag/chunk.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {

/// The head of the record, when it is a message of this connection and time that ends in time. Error: corrupt
/// (what stands there instead), io.
Result<RecordHead> read_message_head(ReadAhead& window, const MessagePlace& place);

}  // namespace bagloom::bag
