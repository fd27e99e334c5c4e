// Footer and summary section (bag-formats.md 3.4): what the file says of itself at its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bag/mcap_channels.h"
#include "base/source.h"

namespace bagloom::bag::mcap {

/// One chunk, as a chunk index record names it.
struct ChunkPlace {
  std::uint64_t offset = 0;         ///< of the chunk record
  std::uint64_t index_records = 0;  ///< message index records behind it
  std::uint64_t channels = 0;       ///< the sum of their channels' tally_of
};

struct Summary {
  bool closed = false;                    ///< footer and closing magic are there: the recorder did not die
  bool usable = false;                    ///< there is a summary, and it could be read
  std::string why_not;                    ///< empty where there is none
  std::uint64_t begin = 0;                ///< where there is one
  std::uint64_t data_end = 0;             ///< no record of the data section lies at or behind this
  std::vector<ChunkPlace> chunks;         ///< by place
  std::optional<std::uint64_t> messages;  ///< as the statistics record counts them
};

/// Reads the footer and, where its checksum fits, the summary: schemas and channels go to `channels`. Errors: io, over_limit.
Result<Summary> read_summary(const Source& source, std::uint64_t header_end, const OpenOptions& options, Channels& channels);

}  // namespace bagloom::bag::mcap
