// A unit made in steps: by a task in one, by bench's methods window after window. All rows of a unit go through here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "convert/unit_tasks.h"
#include "media/picture_decoder.h"

namespace bagloom::convert {

/// Messages that were read and decoded before their rows are made. A result of nothing: the message is not held.
class DecodedMessages {
 public:
  virtual ~DecodedMessages() = default;
  virtual std::optional<Result<const media::Picture*>> picture(std::uint32_t column, const MessageRef& message) const = 0;
  /// As the column's extractor gives them.
  virtual std::optional<Result<std::span<const double>>> numbers(std::uint32_t column, const MessageRef& message) const = 0;
  /// Bytes: for cameras that are copied.
  virtual std::optional<Result<Bytes>> payload(const MessageRef& message) const = 0;
};

/// Not thread-safe. `work` outlives it. The destructor abandons.
class UnitBuilder {
 public:
  virtual ~UnitBuilder() = default;
  /// Takes the next rows; their messages from `decoded` where that is given and has them, else from the recording.
  virtual Status advance(std::uint64_t rows, const DecodedMessages* decoded) = 0;
  /// After all rows. Errors of both: those of make_row_block.
  virtual Result<UnitOutcome> finish() = 0;
};
Result<std::unique_ptr<UnitBuilder>> begin_row_block(const RecordingWork& work, const TaskRows& rows);
Result<std::unique_ptr<UnitBuilder>> begin_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows);

/// The numbers and pictures of one message. `raw` has the extractor's width.
Status extract_numbers(const RecordingWork& work, std::uint32_t column, const MessageRef& ref, Bytes message,
                       std::span<double> raw, msg::Misnamed* misnamed = nullptr);
Status decode_picture(const RecordingWork& work, std::uint32_t column, const MessageRef& ref, Bytes message,
                      media::PictureDecoder& decoder, media::Picture& into);

/// Rows of one grid block of one episode: a row block and a segment a camera.
struct Piece {
  std::size_t episode = 0, slot = 0;
  TaskRows rows;
};

/// Makes all units of a recording in place of the pool's tasks: what bench's methods differ in.
class UnitsMaker {
 public:
  virtual ~UnitsMaker() = default;
  /// On a thread of its own while nothing else of the job runs. Gives, piece after piece, the outcome of each camera and then of
  /// the row block (where the recipe has numbers). Calls `made` with rows as they are done (rows x units a piece). Pieces are in
  /// the order of time.
  virtual Result<std::vector<UnitOutcome>> make(const RecordingWork& work, const std::vector<Piece>& pieces,
                                                const std::function<void(std::uint64_t)>& made) = 0;
};

}  // namespace bagloom::convert
