// Units: what a finished task leaves in the staging folder. Each is one file, written under a temporary name and renamed;
// it ends with its length and checksum, so that a resumed run can trust it. Feature values only, never a global number.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/message_ref.h"
#include "base/result.h"
#include "base/source.h"
#include "media/format_check.h"
#include "media/picture_scaler.h"
#include "media/segment_encoder.h"

namespace bagloom::dataset {

/// A row block: the numbers of at most 4,096 rows, feature after feature within a row (row-major, float32).
struct RowBlock {
  std::uint32_t width = 0;    ///< floats a row: the sum over the vector features, in the dataset's order
  std::vector<float> values;  ///< rows * width
  std::uint64_t rows() const { return width == 0 ? 0 : values.size() / width; }
};
/// Neither this nor a segment is synced: a resumed run trusts a unit only where length and checksum hold (architecture.md 8).
/// Error: invalid (no whole rows, more than kMaxBlockRows), io, temporary (disk full).
Status write_row_block(const std::string& path, const RowBlock& block);
/// Error: corrupt where anything but what `write_row_block` wrote is found.
Result<RowBlock> read_row_block(const std::string& path);
Result<RowBlock> read_row_block(const Source& source);
inline constexpr std::uint64_t kMaxBlockRows = 4096;
inline constexpr std::uint32_t kMaxBlockWidth = 65536;

/// A segment: one camera's packets of at most 64 rows, all starting with a keyframe, with the pictures' histogram.
/// For `copy` the packets stay in the recording: the segment lists their places instead.
struct SegmentFacts {
  media::StreamParameters stream;
  std::uint64_t frames = 0;
  std::uint64_t packet_bytes = 0;  ///< sum over the packets
  media::RgbHistogram histogram;
  bool by_reference = false;  ///< copy: `MessageRef`s instead of bytes
  /// Of the first of its messages that says something else than its bytes are: a run that goes on does not read them again.
  std::optional<media::FormatMismatch> mismatch;
};

class SegmentWriter {
 public:
  static Result<std::unique_ptr<SegmentWriter>> create(const std::string& path);
  virtual ~SegmentWriter() = default;  ///< abandons: removes the temporary file
  virtual Status add(const media::Packet& packet) = 0;
  /// copy: the message, and where in its payload the picture's bytes are.
  virtual Status add_reference(const MessageRef& message, std::uint64_t offset, std::uint64_t bytes) = 0;
  /// The unit is there under its name when this returns. Error: invalid (packets and references mixed, or none), io, temporary.
  virtual Status finish(const media::StreamParameters& stream, const media::RgbHistogram& histogram,
                        const std::optional<media::FormatMismatch>& mismatch = std::nullopt) = 0;
};

/// Reads a segment back; checks length and checksum at `open` (one pass over the file, bounded memory).
class SegmentReader {
 public:
  static Result<std::unique_ptr<SegmentReader>> open(const std::string& path);
  static Result<std::unique_ptr<SegmentReader>> open(std::unique_ptr<Source> source);
  virtual ~SegmentReader() = default;
  virtual const SegmentFacts& facts() const = 0;
  struct Entry {
    media::Packet packet;  ///< bytes: empty for references
    MessageRef message;    ///< references only
    std::uint64_t offset = 0, bytes = 0;
  };
  /// One after another, from the first; nothing after the last. The packet's bytes live until the next call. Errors as `visit`.
  virtual Result<std::optional<Entry>> next() = 0;
  /// In order. The packet's bytes live until the visitor returns; holds one packet at a time. Error: the visitor's own, or
  /// corrupt.
  virtual Status visit(const std::function<Status(const Entry&)>& visitor) = 0;
};

}  // namespace bagloom::dataset
