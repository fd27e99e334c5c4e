#include "memory/timeline.h"

namespace bagloom::memory {

void Timeline::add(double seconds, const TreeResident& resident) {
  const auto larger = [](const TreeSample& a, const TreeSample& b) { return b.resident.total() > a.resident.total() ? b : a; };
  const TreeSample sample{seconds, resident};
  if (added_ > 0 && added_ < for_each_) {
    samples_.back() = larger(samples_.back(), sample);
    ++added_;
    return;
  }
  if (samples_.size() >= most_) {
    for (std::size_t i = 0; i < most_ / 2; ++i) samples_[i] = larger(samples_[2 * i], samples_[2 * i + 1]);
    samples_.resize(most_ / 2);
    for_each_ *= 2;
  }
  samples_.push_back(sample);
  added_ = 1;
}

}  // namespace bagloom::memory
