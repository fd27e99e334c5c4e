// One order in time out of pieces (files of a split recording, runs of rows) that may overlap, in bounded memory.
#pragma once

#include <functional>
#include <vector>

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// No message of the piece lies outside.
struct PieceSpan {
  TimeNs first = 0, last = 0;
};

/// Visits the messages of one piece in the order of MessageRef; an Error from the visitor ends it and is returned.
using ScanPiece = std::function<Status(std::size_t piece, const BagReader::Visit&)>;

/// Visits all messages in the order of MessageRef. Only messages that lie behind the start of a later piece are held, at most
/// `most_held`; where more would be, the pieces are scanned again for the rest, so that memory stays and time grows. Errors:
/// those of `scan` and of `visit`.
Status merge_pieces(const std::vector<PieceSpan>& pieces, const ScanPiece& scan, std::size_t most_held,
                    const BagReader::Visit& visit);

}  // namespace bagloom::bag
