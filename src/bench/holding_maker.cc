#include "bench/holding_maker.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "convert/running_work.h"
#include "convert/task_messages.h"
#include "memory/allocator.h"

namespace bagloom::bench {
namespace {

using convert::Piece;
using convert::RecordingWork;
using convert::TaskRows;
using convert::UnitBuilder;
using convert::UnitOutcome;

/// Rows of one piece that belong to one window.
struct Part {
  std::size_t piece = 0;
  align::TickRange ticks;
};

struct Window {
  std::vector<Part> parts;
  TimeNs begin = std::numeric_limits<TimeNs>::min(), end = std::numeric_limits<TimeNs>::max();
};

class Maker {
 public:
  Maker(const RecordingWork& work, const std::vector<Piece>& pieces, std::uint64_t rows, std::uint32_t threads,
        const std::function<void(std::uint64_t)>& made)
      : work_(work),
        pieces_(pieces),
        rows_(rows == 0 ? std::numeric_limits<std::uint64_t>::max() : rows),
        everything_(rows == 0),
        threads_(threads),
        made_(made),
        units_(work.cameras->size() + (work.columns->row_width == 0 ? 0 : 1)),
        held_(work),
        held_account_(convert::running_work(work.stages),
                      [this] {
                        return convert::WorkNow::Held{"held messages", held_.declared_bytes(), held_.counted_bytes()};
                      }),
        builders_(pieces.size() * units_),
        tasks_(pieces.size() * units_),
        outcomes_(pieces.size() * units_) {}

  Result<std::vector<UnitOutcome>> run() {
    RETURN_IF_ERROR(next_window());
    bag::BagReader& reader = *work_.recording->reader;
    bag::ConnectionSet which(reader.info().connections.size(), false);
    for (const convert::FeatureColumn& column : work_.columns->columns)
      for (const std::uint32_t index : work_.recording->connections.at(column.topic)) which[index] = true;
    // One pass over the index for all windows: messages come in the order of time, and a window is made once one comes that is
    // after it.
    const auto visit = [&](const bag::IndexedMessage& message) -> Status {
      while (!window_.parts.empty() && message.ref.time > window_.end) {
        RETURN_IF_ERROR(make_window());
        RETURN_IF_ERROR(next_window());
      }
      if (!window_.parts.empty() && message.ref.time >= window_.begin) pending_.push_back(message.ref);
      return {};
    };
    RETURN_IF_ERROR(reader.scan(which, visit));
    while (!window_.parts.empty()) {
      RETURN_IF_ERROR(make_window());
      RETURN_IF_ERROR(next_window());
    }
    return std::move(outcomes_);
  }

 private:
  Status next_window() {
    window_ = {};
    for (std::uint64_t rows = 0; rows < rows_ && piece_ < pieces_.size();) {
      const align::TickRange& ticks = pieces_[piece_].rows.ticks;
      const std::uint64_t begin = ticks.begin + taken_, n = std::min(ticks.end - begin, rows_ - rows);
      window_.parts.push_back({piece_, {begin, begin + n}});
      rows += n;
      taken_ += n;
      if (taken_ == ticks.size()) {
        ++piece_;
        taken_ = 0;
      }
    }
    if (everything_ || window_.parts.empty()) return {};
    const align::TickRange first = window_.parts.front().ticks, last = window_.parts.back().ticks;
    ASSIGN_OR_RETURN(const auto begin, work_.plan->times({first.begin, first.begin + 1}));
    ASSIGN_OR_RETURN(const auto end, work_.plan->times({last.end - 1, last.end}));
    window_.begin = begin.front();
    window_.end = end.front();
    while (!pending_.empty() && pending_.front().time < window_.begin) pending_.pop_front();
    return {};
  }

  Status make_window() {
    std::vector<MessageRef> wanted;
    for (const MessageRef& ref : pending_)
      if (ref.time >= window_.begin && ref.time <= window_.end) wanted.push_back(ref);
    for (const Part& part : window_.parts) {
      for (std::uint32_t column = 0; column < work_.columns->columns.size(); ++column) {
        ASSIGN_OR_RETURN(const auto cells, work_.plan->cells(column, part.ticks));
        for (const align::Cell& cell : cells)
          if (cell.first.time < window_.begin || cell.first.time > window_.end) wanted.push_back(cell.first);
      }
    }
    // In the order of the file, so that a compressed chunk is inflated once.
    std::sort(wanted.begin(), wanted.end(), [](const MessageRef& a, const MessageRef& b) { return a.locator < b.locator; });
    RETURN_IF_ERROR(held_.hold(wanted, threads_));
    RETURN_IF_ERROR(in_parallel(window_.parts.size() * units_, threads_, [&](std::size_t i, std::size_t) {
      return advance(window_.parts[i / units_], static_cast<std::uint32_t>(i % units_));
    }));
    held_.clear();
    return {};
  }

  Status advance(const Part& part, std::uint32_t unit) {
    const TaskRows& rows = pieces_[part.piece].rows;
    std::unique_ptr<UnitBuilder>& builder = builders_[part.piece * units_ + unit];
    // Each open segment counts as a task, as in predictions: with its encoder it stays from window to window.
    convert::RunningWork* const running = convert::running_work(work_.stages);
    std::unique_ptr<convert::RunningTask>& task = tasks_[part.piece * units_ + unit];
    const auto camera = unit < work_.cameras->size() ? std::optional<std::uint32_t>(unit) : std::nullopt;
    if (running != nullptr && task == nullptr)
      task = std::make_unique<convert::RunningTask>(running, convert::unit_text(work_, camera, rows),
                                                    camera ? running->largest_task() : 0);
    std::optional<convert::AtWork> here;
    if (task != nullptr) here.emplace(running, *task);
    if (builder == nullptr) {
      ASSIGN_OR_RETURN(builder, camera ? convert::begin_segment(work_, unit, rows) : convert::begin_row_block(work_, rows));
    }
    RETURN_IF_ERROR(builder->advance(part.ticks.size(), &held_));
    if (part.ticks.end == rows.ticks.end) {
      ASSIGN_OR_RETURN(outcomes_[part.piece * units_ + unit], builder->finish());
      builder = nullptr;
      here.reset();
      task = nullptr;
    }
    made_(part.ticks.size());
    return {};
  }

  const RecordingWork& work_;
  const std::vector<Piece>& pieces_;
  const std::uint64_t rows_;
  const bool everything_;
  const std::uint32_t threads_;
  const std::function<void(std::uint64_t)>& made_;
  const std::size_t units_;  ///< a piece
  HeldMessages held_;
  const convert::HeldAccount held_account_;
  std::deque<MessageRef> pending_;
  Window window_;
  std::size_t piece_ = 0;    ///< the next window's first
  std::uint64_t taken_ = 0;  ///< rows of it that earlier windows have
  std::vector<std::unique_ptr<UnitBuilder>> builders_;
  std::vector<std::unique_ptr<convert::RunningTask>> tasks_;  ///< by builder; null where no profile is made
  std::vector<UnitOutcome> outcomes_;
};

}  // namespace

Result<std::vector<UnitOutcome>> HoldingMaker::make(const RecordingWork& work, const std::vector<Piece>& pieces,
                                                    const std::function<void(std::uint64_t)>& made) {
  return Maker(work, pieces, rows_, threads_, made).run();
}

}  // namespace bagloom::bench
