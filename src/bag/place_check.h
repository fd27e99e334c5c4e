// Whether a chunk's index leads to its messages, for all formats that have chunks (bag-formats.md 1.5).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bag/chunk.h"
#include "bag/layout.h"
#include "bag/opening_room.h"
#include "bag/read_ahead.h"

namespace bagloom::bag {

/// Tries entries of the chunks that it is shown: of the first uncompressed one an entry of each connection, of later ones the
/// first; of compressed ones, until one is sound, the first of those in the chunk's beginning: enough to find a writer whose
/// offsets are all wrong. Fetch checks each message again.
class PlaceCheck {
 public:
  /// Reads the head of the message that must stand there. Errors: corrupt (what stands there instead), io.
  using ReadMessage = std::function<Status(ReadAhead& window, const MessagePlace& place)>;

  /// Nothing is owned.
  PlaceCheck(const Source& source, const Layout& layout, OpeningRoom& room, ReadMessage read)
      : source_(source), layout_(layout), room_(room), read_(std::move(read)) {}

  /// Empty: what was tried is right, or there is no room to try it; else what is wrong. Errors: io.
  Result<std::string> run(const Chunk& chunk, const std::vector<ChunkEntry>& entries);

 private:
  const Source& source_;
  const Layout& layout_;
  OpeningRoom& room_;
  const ReadMessage read_;
  bool each_connection_ = true;  ///< of the next uncompressed chunk
  bool compressed_sound_ = false;
};

}  // namespace bagloom::bag
