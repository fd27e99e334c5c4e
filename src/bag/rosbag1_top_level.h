// The way over a bag's top level: chunks, their index records, and what is damaged between them.
#pragma once

#include "bag/damage_log.h"
#include "bag/place_check.h"
#include "bag/rosbag1_chunk_index.h"
#include "bag/rosbag1_index_section.h"
#include "bag/rosbag1_layout.h"
#include "bag/rosbag1_message.h"
#include "bag/rosbag1_walk.h"

namespace bagloom::bag {

/// Fills a layout's chunks from the file header to `end`. Used once.
class TopLevelWalk {
 public:
  TopLevelWalk(const Source& source, const OpenOptions& options, const IndexSection& section, std::uint64_t end,
               Rosbag1Layout& layout, DamageLog& damage)
      : source_(source),
        options_(options),
        section_(section),
        layout_(layout),
        damage_(damage),
        window_(source, end, 16 * 1024),
        room_(options),
        places_(source, layout, room_, [](ReadAhead& window, const MessagePlace& place) -> Status {
          ASSIGN_OR_RETURN([[maybe_unused]] const RecordHead head, read_message_head(window, place));
          return {};
        }) {}

  /// Errors: io, over_limit; everything else is damage.
  Status run();

  /// Finds connection records for messages whose connection no record outside the chunks announced: looks
  /// into the first chunks that use them. Errors: io; over_limit, also where there was no room for a chunk in run().
  Status look_for_unannounced();

 private:
  Result<std::uint64_t> take_record(std::uint64_t at);
  Result<std::uint64_t> take_chunk(const RecordHead& head);
  Result<std::uint64_t> take_open_chunk(Chunk chunk);
  Result<std::uint64_t> take_run(Chunk chunk, const std::string& what);
  Result<std::uint64_t> take_cut_chunk(Chunk chunk, std::uint64_t limit, std::uint64_t declared);
  Result<std::uint64_t> take_whole_chunk(Chunk chunk);
  Result<std::uint64_t> skip_zeros(std::uint64_t at);
  /// Where to go on behind bytes that are no record; the window's limit where nothing more is found.
  Result<std::uint64_t> next_chunk_behind(std::uint64_t at, const std::string& why);
  Result<std::uint64_t> chunk_limit(const Chunk& chunk, std::uint64_t declared_end);

  /// Walks the chunk's records, inflating it where it is compressed. Nothing: it could not be inflated, or there is no room.
  Result<std::optional<Walk>> walk_chunk(Chunk& chunk, bool keep_entries);
  const ChunkPlace* named_place(const Chunk& chunk) const;

  const Source& source_;
  const OpenOptions& options_;
  const IndexSection& section_;
  Rosbag1Layout& layout_;
  DamageLog& damage_;
  ReadAhead window_;
  OpeningRoom room_;
  PlaceCheck places_;
};

}  // namespace bagloom::bag
