// Where the messages of a rosbag2 database are: what one walk through its table finds, and the walk in the order of time.
#pragma once

#include <optional>
#include <vector>

#include "bag/damage_log.h"
#include "bag/merge_pieces.h"
#include "bag/rosbag2_schema.h"

namespace bagloom::bag {

/// Consecutive rows, whose messages are sorted together when their time comes.
struct RowRun {
  std::int64_t first_row = 0, last_row = 0;
  std::uint64_t rows = 0;  ///< unusable ones too
  PieceSpan span;
};

/// Where a run has messages of a connection that are older than ones in earlier rows.
struct LateRun {
  std::size_t run = 0;
  std::uint32_t connection = 0;
  TimeNs latest_before = 0;
};

struct RowIndex {
  std::vector<RowRun> runs;                               ///< by row
  std::vector<LateRun> late;                              ///< by run
  std::uint64_t most_held = 0;                            ///< messages that a scan may hold at once
  std::uint64_t largest_stored = 0, largest_message = 0;  ///< bytes, as stored and as IndexedMessage::bytes says
  bool compressed = false;                                ///< messages are zstd frames

  /// Resident bytes, with what a scan takes.
  std::uint64_t bytes() const;
};

/// Walks the table once, in the order of rows: its leaf pages are read, the pages behind long messages are not. Counts go into
/// `connections`. What cannot be read is `damage`, and the walk goes on behind it. `file_bytes`: no message is longer.
/// Errors: io, over_limit.
Result<RowIndex> index_rows(Database& database, const Rosbag2Schema& schema, std::uint64_t file_bytes,
                            std::vector<Connection>& connections, std::uint64_t most_bytes, DamageLog& damage);

/// Visits the messages of the chosen connections in the order of MessageRef; its locator is the row's number.
/// Errors: io; corrupt where the file changed.
Status scan_rows(Database& database, const Rosbag2Schema& schema, const RowIndex& index, std::uint64_t file_bytes,
                 std::uint32_t recording, const ConnectionSet& which, const BagReader::Visit& visit);

}  // namespace bagloom::bag
