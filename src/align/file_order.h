// Whether a topic's messages stand in the file in the order of their times. docs/alignment.md.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace bagloom::align {

/// Fed with a topic's messages of one file in the order of MessageRef; keeps no more than four of their places and times. Where a
/// recorder's clock was set back, messages of two moments stand at the same times: in the order of time, ones come late whose
/// place is before that of ones already seen.
class FileOrder {
 public:
  void add(TimeNs time, std::uint64_t place);

  std::uint64_t late() const { return late_; }  ///< messages that the file has before one of an earlier time
  std::uint64_t lag() const { return lag_; }    ///< ns: the largest distance of such two, at least
  TimeNs from() const { return from_; }         ///< the times of those two
  TimeNs to() const { return to_; }

 private:
  struct Seen {
    TimeNs time = 0;
    std::uint64_t place = 0;
    bool any = false;
  };
  Seen farthest_;  ///< in the file, so far
  Seen anchor_;    ///< the farthest one when a message came that it was not compared with yet
  std::uint64_t late_ = 0, lag_ = 0;
  TimeNs from_ = 0, to_ = 0;
};

}  // namespace bagloom::align
