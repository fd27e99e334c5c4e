#include "bag/rosbag2_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <queue>

#include "bag/zstd_message.h"

namespace bagloom::bag {
namespace {

constexpr std::uint64_t kRunRows = 4096;
// Held by a scan of rows whose times are in no order at all: 10 MiB.
constexpr std::uint64_t kMostHeld = 262'144;
constexpr std::uint64_t kScanBytes = kRunRows * sizeof(IndexedMessage);
// So many messages of a topic tell whether the recorder compressed them.
constexpr std::uint64_t kProbedMessages = 8;

struct Row {
  std::int64_t number = 0;
  TimeNs time = 0;
  std::uint32_t connection = 0;
  std::uint64_t stored = 0;
  std::string unusable;  ///< why, where it is
  std::int64_t topic_id = 0;
};

/// Rows from a number on. length() and typeof() of the message read only the row's header, so that pages behind long messages
/// stay unread.
class RowWalk {
 public:
  static Result<RowWalk> open(Database& database, const Rosbag2Schema& schema, std::uint64_t file_bytes) {
    ASSIGN_OR_RETURN(Statement rows, database.prepare("SELECT rowid, topic_id, timestamp, "
                                                      "CASE typeof(data) WHEN 'blob' THEN length(data) END FROM messages "
                                                      "NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT ?"));
    return RowWalk(std::move(rows), schema, file_bytes);
  }

  void start(std::int64_t first_row, std::int64_t most) { rows_.start(first_row, most); }

  /// Whether there is another row. Errors: corrupt, io.
  Result<bool> next(Row& row) {
    ASSIGN_OR_RETURN(const bool more, rows_.step());
    if (!more) return false;
    row.number = rows_.integer(0);
    row.topic_id = rows_.integer(1);
    row.time = rows_.integer(2);
    row.stored = static_cast<std::uint64_t>(std::max<std::int64_t>(rows_.integer(3), 0));
    row.unusable.clear();
    const auto connection = schema_->by_topic_id.find(row.topic_id);
    if (!rows_.is_integer(1) || connection == schema_->by_topic_id.end()) {
      row.unusable = "of a topic that the file does not name (number " + std::to_string(row.topic_id) + ")";
    } else if (row.number < 0) {
      row.unusable = "with a negative number";
    } else if (!rows_.is_integer(2)) {
      row.unusable = "without a time";
    } else if (!rows_.is_integer(3)) {
      row.unusable = "whose data are no bytes";
    } else if (row.stored > file_bytes_) {
      row.unusable = "that declare more bytes than the file has";
    } else {
      row.connection = connection->second;
    }
    return true;
  }

 private:
  RowWalk(Statement rows, const Rosbag2Schema& schema, std::uint64_t file_bytes)
      : rows_(std::move(rows)), schema_(&schema), file_bytes_(file_bytes) {}

  Statement rows_;
  const Rosbag2Schema* schema_;
  std::uint64_t file_bytes_;
};

/// An upper bound of what fetching the row's message takes: as stored, and for a frame also what it becomes.
struct MessageBytes {
  std::uint64_t inflated = 0;
  bool frame = false;
};
Result<MessageBytes> look_inside(Database& database, const Row& row) {
  std::array<std::byte, kZstdHeadBytes> head{};
  ASSIGN_OR_RETURN(const std::uint64_t stored, database.begin_blob("messages", "data", row.number));
  const MutableBytes some = MutableBytes(head).first(static_cast<std::size_t>(std::min<std::uint64_t>(stored, head.size())));
  RETURN_IF_ERROR(database.read_blob(some));
  if (!is_zstd_frame(some)) return MessageBytes{stored, false};
  return MessageBytes{inflated_bound(some, stored), true};
}

/// How many messages wait at most until later runs have begun, where all runs are scanned once.
std::uint64_t held_at_most(const std::vector<RowRun>& runs) {
  std::vector<const RowRun*> by_start;
  for (const RowRun& run : runs) by_start.push_back(&run);
  std::sort(by_start.begin(), by_start.end(), [](auto a, auto b) { return a->span.first < b->span.first; });
  const auto ends_later = [](const RowRun* a, const RowRun* b) { return a->span.last > b->span.last; };
  std::priority_queue<const RowRun*, std::vector<const RowRun*>, decltype(ends_later)> open(ends_later);
  std::uint64_t rows = 0, most = 0;
  for (std::size_t i = 0; i < by_start.size(); ++i) {
    while (!open.empty() && open.top()->span.last < by_start[i]->span.first) {
      rows -= open.top()->rows;
      open.pop();
    }
    most = std::max(most, rows);
    rows += by_start[i]->rows;
    open.push(by_start[i]);
  }
  return std::min(most, kMostHeld);
}

class Indexer {
 public:
  Indexer(Database& database, std::vector<Connection>& connections, std::uint64_t most_bytes, DamageLog& damage)
      : database_(database),
        connections_(connections),
        most_bytes_(most_bytes),
        damage_(damage),
        latest_(connections.size(), INT64_MIN) {}

  Status add(const Row& row) {
    if (!open_ || open_->rows == kRunRows) RETURN_IF_ERROR(begin_run(row.number));
    ++open_->rows;
    open_->last_row = row.number;
    if (!row.unusable.empty()) {
      ++unusable_[row.unusable];
      if (unusable_.size() > kMostReasons) unusable_.erase(std::prev(unusable_.end()));
      return {};
    }
    Connection& connection = connections_[row.connection];
    ASSIGN_OR_RETURN(const std::uint64_t inflated, inflated_bytes(row, connection));
    connection.start = connection.messages == 0 ? row.time : std::min(connection.start, row.time);
    connection.end = connection.messages == 0 ? row.time : std::max(connection.end, row.time);
    ++connection.messages;
    connection.bytes += inflated;
    open_->span.first = empty_ ? row.time : std::min(open_->span.first, row.time);
    open_->span.last = empty_ ? row.time : std::max(open_->span.last, row.time);
    empty_ = false;
    note_late(row);
    index_.largest_stored = std::max(index_.largest_stored, row.stored);
    index_.largest_message = std::max(index_.largest_message, inflated == row.stored ? inflated : inflated + row.stored);
    return {};
  }

  /// Behind damage a new run begins, so that no run has any inside.
  void break_off() {
    end_run();
    open_.reset();
  }

  RowIndex finish() {
    break_off();
    for (const auto& [why, rows] : unusable_)
      damage_.add(0, std::to_string(rows) + (rows == 1 ? " message " : " messages ") + why + ": left out", true, {}, rows);
    index_.most_held = held_at_most(index_.runs);
    return std::move(index_);
  }

 private:
  static constexpr std::size_t kMostReasons = 100;

  Status begin_run(std::int64_t first_row) {
    end_run();
    open_ = RowRun{first_row, first_row, 0, {}};
    empty_ = true;
    before_ = latest_;
    if (most_bytes_ == 0 || index_.bytes() <= most_bytes_) return {};
    return Error(ErrorKind::over_limit, "the index takes more than " + std::to_string(most_bytes_) + " bytes")
        .needing(2 * index_.bytes() + kScanBytes);
  }

  void end_run() {
    if (open_ && !empty_) index_.runs.push_back(*open_);
  }

  void note_late(const Row& row) {
    latest_[row.connection] = std::max(latest_[row.connection], row.time);
    TimeNs& before = before_[row.connection];
    if (row.time >= before) return;
    index_.late.push_back({index_.runs.size(), row.connection, before});
    before = INT64_MIN;  // once a run
  }

  /// The first messages of each topic are looked into; where one is a frame, all are.
  Result<std::uint64_t> inflated_bytes(const Row& row, const Connection& connection) {
    if (connection.encoding != "cdr" || (!index_.compressed && connection.messages >= kProbedMessages)) return row.stored;
    auto inside = look_inside(database_, row);
    if (!inside) {
      if (inside.error().kind() == ErrorKind::io) return std::move(inside).error();
      return row.stored;  // fetching it says why
    }
    index_.compressed |= inside->frame;
    return inside->inflated;
  }

  Database& database_;
  std::vector<Connection>& connections_;
  std::uint64_t most_bytes_;
  DamageLog& damage_;
  RowIndex index_;
  std::optional<RowRun> open_;
  bool empty_ = true;           ///< the open run has no usable message yet
  std::vector<TimeNs> latest_;  ///< by connection
  std::vector<TimeNs> before_;  ///< the same when the open run began
  std::map<std::string, std::uint64_t> unusable_;
};

/// The first row at or behind `from` that can be read, where reading at `from` fails: steps that double, then halving between the
/// last that failed and the first that did not. Nothing where all that is left is damaged.
Result<std::optional<std::int64_t>> next_readable(RowWalk& walk, std::int64_t from) {
  enum class Outcome { row, end, damaged };
  std::int64_t found = 0;
  const auto look = [&](std::int64_t at) -> Result<Outcome> {
    Row row;
    walk.start(at, 1);
    const auto more = walk.next(row);
    if (!more) {
      if (more.error().kind() == ErrorKind::io) return Error(more.error());
      return Outcome::damaged;
    }
    if (!*more) return Outcome::end;
    found = row.number;
    return row.number >= at ? Outcome::row : Outcome::damaged;
  };
  std::int64_t bad = from;
  std::int64_t good = 0;
  for (std::int64_t step = 1;; step *= 2) {
    if (step > INT64_MAX / 4 || bad > INT64_MAX - step) return std::optional<std::int64_t>();
    ASSIGN_OR_RETURN(const Outcome outcome, look(bad + step));
    if (outcome == Outcome::end) return std::optional<std::int64_t>();
    if (outcome == Outcome::row) {
      good = bad + step;
      break;
    }
    bad += step;
  }
  std::int64_t first = found;
  while (good - bad > 1) {
    const std::int64_t middle = bad + (good - bad) / 2;
    ASSIGN_OR_RETURN(const Outcome outcome, look(middle));
    if (outcome == Outcome::row) {
      good = middle;
      first = found;
    } else {
      bad = middle;
    }
  }
  return std::optional(first);
}

}  // namespace

std::uint64_t RowIndex::bytes() const {
  return runs.capacity() * sizeof(RowRun) + late.capacity() * sizeof(LateRun) + (runs.empty() ? 0 : kScanBytes) +
         most_held * sizeof(IndexedMessage);
}

Result<RowIndex> index_rows(Database& database, const Rosbag2Schema& schema, std::uint64_t file_bytes,
                            std::vector<Connection>& connections, std::uint64_t most_bytes, DamageLog& damage) {
  constexpr std::uint64_t kMostHoles = 1000;
  auto walk = RowWalk::open(database, schema, file_bytes);
  if (!walk) return Error(ErrorKind::unreadable, walk.error().message());
  Indexer indexer(database, connections, most_bytes, damage);
  Row row;
  std::int64_t from = INT64_MIN;
  for (std::uint64_t holes = 0;; ++holes) {
    std::optional<std::int64_t> last;
    std::string why;
    walk->start(from, -1);
    while (true) {
      const auto more = walk->next(row);
      if (!more) {
        if (more.error().kind() == ErrorKind::io) return Error(more.error());
        why = more.error().message();
        break;
      }
      if (!*more) return indexer.finish();
      // Pages that lead to each other in circles would give rows without end.
      if (last && row.number <= *last) {
        why = "rows are in no order";
        break;
      }
      last = row.number;
      RETURN_IF_ERROR(indexer.add(row));
    }
    indexer.break_off();
    const std::int64_t failed = last ? *last + (*last < INT64_MAX) : std::max<std::int64_t>(from, 0);
    ASSIGN_OR_RETURN(const auto next,
                     holes < kMostHoles ? next_readable(*walk, failed) : Result<std::optional<std::int64_t>>(std::nullopt));
    const std::string place = last ? "behind message " + std::to_string(*last) : std::string("from the first message on");
    // Recorders number from 1 and leave no holes; what a damaged file says is no more than it has room for.
    const std::int64_t before = last ? *last : std::max<std::int64_t>(from, 1) - 1;
    const std::uint64_t lost =
        next && *next > before
            ? std::clamp<std::uint64_t>(static_cast<std::uint64_t>(*next) - static_cast<std::uint64_t>(before) - 1, 1, file_bytes)
            : 1;
    damage.add(0, place + ": " + why + (next ? "; reading goes on with message " + std::to_string(*next) : "; the rest is lost"),
               true, {}, lost);
    if (!next || (last && *next <= *last)) return indexer.finish();
    from = *next;
  }
}

Status scan_rows(Database& database, const Rosbag2Schema& schema, const RowIndex& index, std::uint64_t file_bytes,
                 std::uint32_t recording, const ConnectionSet& which, const BagReader::Visit& visit) {
  ASSIGN_OR_RETURN(RowWalk walk, RowWalk::open(database, schema, file_bytes));
  std::vector<PieceSpan> spans;
  for (const RowRun& run : index.runs) spans.push_back(run.span);
  std::vector<TimeNs> latest;
  std::vector<IndexedMessage> messages;
  const auto scan_run = [&](std::size_t number, const BagReader::Visit& visit_one) -> Status {
    const RowRun& run = index.runs[number];
    latest.assign(which.size(), INT64_MIN);
    auto late =
        std::lower_bound(index.late.begin(), index.late.end(), number, [](const LateRun& l, std::size_t n) { return l.run < n; });
    for (; late != index.late.end() && late->run == number; ++late) latest[late->connection] = late->latest_before;
    messages.clear();
    walk.start(run.first_row, static_cast<std::int64_t>(run.rows));
    std::uint64_t rows = 0;
    for (Row row, before;; before = row, ++rows) {
      ASSIGN_OR_RETURN(const bool more, walk.next(row));
      if (!more) break;
      // Damaged pages may lead to other rows from here than in the first walk.
      const bool is_same = row.number >= run.first_row && row.number <= run.last_row && (rows == 0 || row.number > before.number);
      if (!is_same || (row.unusable.empty() && (row.time < run.span.first || row.time > run.span.last)))
        return Error(ErrorKind::corrupt, "the rows from " + std::to_string(run.first_row) + " on are not those that were there");
      if (!row.unusable.empty() || row.connection >= which.size() || !which[row.connection]) continue;
      const bool out_of_order = row.time < latest[row.connection];
      latest[row.connection] = std::max(latest[row.connection], row.time);
      std::uint64_t bytes = row.stored;
      if (index.compressed && schema.connections[row.connection].encoding == "cdr") {
        const auto inside = look_inside(database, row);
        if (inside && inside->frame) bytes += inside->inflated;
        if (!inside && inside.error().kind() == ErrorKind::io) return Error(inside.error());
      }
      messages.push_back({{row.time, static_cast<std::uint64_t>(row.number), row.connection, recording}, bytes, out_of_order});
    }
    if (rows != run.rows)
      return Error(ErrorKind::corrupt, "of " + std::to_string(run.rows) + " rows from " + std::to_string(run.first_row) +
                                           " on, " + std::to_string(rows) + " are left");
    std::sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.ref < b.ref; });
    for (const IndexedMessage& message : messages) RETURN_IF_ERROR(visit_one(message));
    return {};
  };
  return merge_pieces(spans, scan_run, kMostHeld, visit);
}

}  // namespace bagloom::bag
