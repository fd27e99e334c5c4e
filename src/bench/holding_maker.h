// `full` and `chunked:N`: how the units of a recording are made from messages that are held.
#pragma once

#include "bench/held_messages.h"

namespace bagloom::bench {

/// `rows` at a time; 0: all at once, and with them every message of the recipe's topics. A window holds every message of those
/// topics between its first and its last row, whether a row refers to it or not, and what its rows refer to outside.
class HoldingMaker : public convert::UnitsMaker {
 public:
  HoldingMaker(std::uint64_t rows, std::uint32_t threads) : rows_(rows), threads_(threads) {}

  Result<std::vector<convert::UnitOutcome>> make(const convert::RecordingWork& work, const std::vector<convert::Piece>& pieces,
                                                 const std::function<void(std::uint64_t)>& made) override;

 private:
  const std::uint64_t rows_;
  const std::uint32_t threads_;
};

}  // namespace bagloom::bench
