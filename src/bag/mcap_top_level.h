// The way over an MCAP file's data section: chunks, their index records, messages without chunks, and damage between them.
#pragma once

#include "bag/damage_log.h"
#include "bag/inflate.h"
#include "bag/layout.h"
#include "bag/mcap_message.h"
#include "bag/mcap_message_index.h"
#include "bag/mcap_summary.h"
#include "bag/mcap_walk.h"
#include "bag/place_check.h"

namespace bagloom::bag::mcap {

/// Fills a layout's chunks from the header to the data section's end. Used once.
class TopLevelWalk {
 public:
  /// Nothing is owned.
  TopLevelWalk(const Source& source, const OpenOptions& options, const Summary& summary, std::uint64_t begin, Layout& layout,
               Channels& channels, DamageLog& damage)
      : source_(source),
        options_(options),
        summary_(summary),
        begin_(begin),
        layout_(layout),
        channels_(channels),
        damage_(damage),
        window_(source, summary.data_end, 16 * 1024),
        room_(options),
        places_(source, layout, room_, [](ReadAhead& window, const MessagePlace& place) -> Status {
          ASSIGN_OR_RETURN([[maybe_unused]] const Record message, read_message(window, place));
          return {};
        }) {}

  /// Errors: io, over_limit; everything else is damage.
  Status run();

  /// Finds channels and schemas of messages where no record outside the chunks gave them: looks into the first chunks that use
  /// them, then into those before. Errors: io; over_limit, also where there was no room for a chunk in run().
  Status look_for_unknown_channels();

  /// Real ones, without runs of messages that stand in no chunk.
  std::uint64_t chunks() const { return chunks_; }

 private:
  /// A chunk record's fields before its data.
  struct ChunkHead {
    std::uint64_t first = 0, last = 0;  ///< log times that it names
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;
    std::string compression;
    std::uint64_t data_offset = 0;
    std::uint64_t stored_bytes = 0;
  };

  Result<std::uint64_t> take_record(std::uint64_t at);
  Result<std::uint64_t> take_chunk(const Record& record);
  Result<std::uint64_t> take_cut_chunk(Chunk chunk, std::uint64_t limit);
  Result<std::uint64_t> take_whole_chunk(Chunk chunk, const ChunkHead& head, std::uint64_t end);
  Result<std::uint64_t> take_run(std::uint64_t at);
  /// Where to go on behind bytes that are no record; the window's limit where nothing more is found.
  Result<std::uint64_t> next_chunk_behind(std::uint64_t at, const std::string& why);
  /// The next chunk that the summary names behind `at`, if one really stands there; else the window's limit.
  Result<std::uint64_t> named_chunk_behind(std::uint64_t at);
  /// The same without looking at what stands there.
  std::uint64_t first_named_behind(std::uint64_t at) const;
  void compare_with_summary();

  /// Nothing: its content is too short.
  Result<std::optional<ChunkHead>> read_chunk_head(const Record& record);
  /// Walks the chunk's records, inflating it where it is compressed. Nothing: it could not be inflated, or there is no room.
  Result<std::optional<Walk>> walk_chunk(Chunk& chunk, bool keep_entries);
  const ChunkPlace* named_place(std::uint64_t offset) const;

  const Source& source_;
  const OpenOptions& options_;
  const Summary& summary_;
  std::uint64_t begin_;
  Layout& layout_;
  Channels& channels_;
  DamageLog& damage_;
  ReadAhead window_;
  std::uint64_t chunks_ = 0;
  bool saw_data_end_ = false;
  bool lost_something_ = false;
  OpeningRoom room_;
  PlaceCheck places_;
};

}  // namespace bagloom::bag::mcap
