#include "convert/pool.h"

#include <algorithm>

namespace bagloom::convert {

Pool::Pool(std::uint32_t threads, memory::Budget& budget, RunningWork* running) : budget_(budget), running_work_(running) {
  for (std::uint32_t i = 0; i < std::max(1u, threads); ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    queue_.clear();
    closing_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t order = job.order;
    queue_.emplace(order, std::move(job));
  }
  start_.notify_one();
}

void Pool::drop_queued() {
  const std::lock_guard lock(mutex_);
  queue_.clear();
}

// Under the lock. The first job in order that fits; a large one may be passed by smaller ones while others run, and gets its turn
// at the latest when they have ended, because what is added later stands behind it. One of order 0 is not passed.
bool Pool::take(Job& job, memory::Lease& lease) {
  for (auto at = queue_.begin(); at != queue_.end(); ++at) {
    auto reserved = budget_.try_reserve(at->second.bytes);
    if (!reserved) {
      if (at->first == 0) return false;
      continue;
    }
    lease = std::move(*reserved);
    job = std::move(at->second);
    queue_.erase(at);
    return true;
  }
  return false;
}

void Pool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    Job job;
    memory::Lease lease;
    start_.wait(lock, [&] { return closing_ || take(job, lease); });
    if (!job.work) return;  // closing
    ++running_;
    most_at_once_ = std::max(most_at_once_, running_);
    lock.unlock();
    {
      const RunningTask shown(running_work_, job.name, job.bytes);
      const AtWork here(running_work_, shown);
      job.work();
      job.work = nullptr;  // what it holds goes before its lease does
    }
    lock.lock();
    lease.release();
    --running_;
    completions_.push_back(std::move(job.done));
    ended_.notify_one();
    start_.notify_all();
  }
}

Status Pool::run_completions(std::chrono::milliseconds wait) {
  std::deque<std::function<Status()>> ended;
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, wait, [&] { return !completions_.empty(); });
    ended.swap(completions_);
  }
  for (const auto& done : ended)
    if (done) RETURN_IF_ERROR(done());
  return {};
}

std::size_t Pool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t Pool::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

bool Pool::idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty() && running_ == 0 && completions_.empty();
}

std::size_t Pool::most_at_once() const {
  const std::lock_guard lock(mutex_);
  return most_at_once_;
}

}  // namespace bagloom::convert
