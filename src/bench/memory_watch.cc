#include "bench/memory_watch.h"

#include <algorithm>

namespace bagloom::bench {
namespace {

constexpr std::size_t kMostPoints = 2000;

}  // namespace

MemoryWatch::MemoryWatch(PeakFrom peak, std::function<void(const MemoryPoint&)> at_peak)
    : from_(peak), at_peak_(std::move(at_peak)), start_(std::chrono::steady_clock::now()) {
  mark_works_ = from_ == PeakFrom::mark && memory::reset_peak();
  use_.timeline.reserve(kMostPoints);
  const memory::Resident now = memory::resident();
  // Polled from the start on: what is given back before the first sample was there.
  use_.initial = largest_ = now.now;
  use_.file_at_peak = now.file;
  thread_ = std::thread([this] { loop(); });
}

MemoryWatch::~MemoryWatch() {
  if (thread_.joinable()) stop();
}

MemoryUse MemoryWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  sample();
  const memory::Resident now = memory::resident();
  use_.marked = mark_works_;
  use_.peak = from_ == PeakFrom::mark ? std::max(now.peak, largest_) : largest_;
  return std::move(use_);
}

void MemoryWatch::sample() {
  const memory::Resident now = memory::resident();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  ++use_.samples;
  if (now.now > largest_) {
    largest_ = now.now;
    use_.file_at_peak = now.file;
  }
  // Where the process held more before than all of this takes, the highest sample is below its start.
  if (now.now > largest_sample_) {
    largest_sample_ = now.now;
    if (at_peak_) at_peak_({seconds, now.now, now.anonymous, now.file});
  }
  if (seen_++ % keep_every_ != 0) return;
  if (use_.timeline.size() == kMostPoints) {
    // Of two neighbours the larger stays, so that no peak is thinned away.
    for (std::size_t i = 0; i < kMostPoints / 2; ++i) {
      const MemoryPoint &a = use_.timeline[2 * i], &b = use_.timeline[2 * i + 1];
      use_.timeline[i] = a.resident >= b.resident ? a : b;
    }
    use_.timeline.resize(kMostPoints / 2);
    keep_every_ *= 2;
  }
  use_.timeline.push_back({seconds, now.now, now.anonymous, now.file});
}

void MemoryWatch::loop() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    sample();
    lock.lock();
  } while (!wake_.wait_for(lock, kWatchInterval, [this] { return stopping_; }));
}

}  // namespace bagloom::bench
