// Memory over time in bounded room: when it is full, pairs of samples become the larger of the two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "memory/process_tree.h"

namespace bagloom::memory {

class Timeline {
 public:
  explicit Timeline(std::size_t most = 4000) : most_(most) {}

  /// In the order of time. No peak is ever lost: a sample that stands for several is the largest of them.
  void add(double seconds, const TreeResident& resident);
  std::vector<TreeSample> take() { return std::move(samples_); }

 private:
  std::size_t most_;
  std::vector<TreeSample> samples_;
  std::uint64_t added_ = 0, for_each_ = 1;  ///< how many were added to the last sample, and how many go into one
};

}  // namespace bagloom::memory
