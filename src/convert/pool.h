// Runs jobs of known memory on a few threads: a job starts when its bytes fit, and nothing blocks half-way. architecture.md
// section 1.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "convert/running_work.h"
#include "memory/budget.h"

namespace bagloom::convert {

struct Job {
  std::uint64_t bytes = 0;       ///< reserved at its start, given back at its end
  std::uint64_t order = 0;       ///< the smallest that fits starts first; 0 is waited for: no other starts before it
  std::function<void()> work;    ///< on a worker thread
  std::function<Status()> done;  ///< afterwards, on the thread that calls run_completions
  std::string name;              ///< for a profile; empty: not shown there
};

/// One thread owns the pool and calls its methods; jobs run on the pool's threads. The destructor drops jobs that have not
/// started and waits for those that have.
class Pool {
 public:
  /// `budget` and `running` (for a profile; may be null) outlive the pool. A job larger than the whole budget never starts: check
  /// before adding.
  Pool(std::uint32_t threads, memory::Budget& budget, RunningWork* running = nullptr);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void add(Job job);
  /// Drops what has not started.
  void drop_queued();
  /// Waits until a job has ended or the time is over, then calls `done` of every ended job. The first Error ends the calls
  /// and is returned.
  Status run_completions(std::chrono::milliseconds wait);

  std::size_t queued() const;  ///< not started
  std::size_t running() const;
  /// Nothing queued, nothing running, no completion waiting.
  bool idle() const;
  /// Most jobs that ran at once so far.
  std::size_t most_at_once() const;

 private:
  void work();
  bool take(Job& job, memory::Lease& lease);

  memory::Budget& budget_;
  RunningWork* const running_work_;
  mutable std::mutex mutex_;
  std::condition_variable start_;  ///< a job may start
  std::condition_variable ended_;
  std::multimap<std::uint64_t, Job> queue_;
  std::deque<std::function<Status()>> completions_;
  std::size_t running_ = 0;
  std::size_t most_at_once_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace bagloom::convert
