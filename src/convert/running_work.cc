#include "convert/running_work.h"

#include <iterator>
#include <utility>

#include "memory/meter.h"

namespace bagloom::convert {

MemoryBase MemoryBase::now() {
  const memory::Resident resident = memory::resident();
  return {resident.anonymous, resident.file, memory::heap_counts(), memory::anonymous_pages()};
}

RunningWork::RunningWork() : base_(MemoryBase::now()) {}

void RunningWork::lay_out(const MemoryLayout& layout, std::uint64_t base_anonymous, std::uint64_t base_file) {
  const std::lock_guard lock(mutex_);
  layout_ = layout;
  base_ = {base_anonymous, base_file, memory::heap_counts(), memory::anonymous_pages()};
}

std::uint64_t RunningWork::largest_task() const {
  const std::lock_guard lock(mutex_);
  return layout_ ? layout_->largest_task : 0;
}

WorkNow RunningWork::now() const {
  const std::lock_guard lock(mutex_);
  WorkNow now;
  now.layout = layout_;
  now.base = base_;
  for (const Task& task : tasks_) {
    WorkNow::Task& shown = now.tasks.emplace_back();
    shown.name = task.name;
    shown.reserved = task.reserved;
    for (const auto& [id, thread] : threads_) {
      if (thread.task != &task) continue;
      shown.at_work = true;
      shown.stage = thread.stage;
    }
  }
  for (const auto& [id, thread] : threads_)
    if (thread.task == nullptr && thread.stage) now.other_stages.push_back(*thread.stage);
  for (const auto& count : held_) now.held.push_back(count());
  return now;
}

const RunningWork::Task* RunningWork::change_task(const Task* task) {
  const std::lock_guard lock(mutex_);
  const auto at = threads_.try_emplace(std::this_thread::get_id()).first;
  const Task* const before = std::exchange(at->second.task, task);
  forget_idle(at);
  return before;
}

std::optional<Stage> RunningWork::change_stage(std::optional<Stage> stage) {
  const std::lock_guard lock(mutex_);
  const auto at = threads_.try_emplace(std::this_thread::get_id()).first;
  const std::optional<Stage> before = std::exchange(at->second.stage, stage);
  forget_idle(at);
  return before;
}

void RunningWork::forget_idle(std::map<std::thread::id, Thread>::iterator thread) {
  if (thread->second.task == nullptr && !thread->second.stage) threads_.erase(thread);
}

std::optional<Stage> change_stage(RunningWork& running, std::optional<Stage> stage) { return running.change_stage(stage); }

RunningTask::RunningTask(RunningWork* running, std::string name, std::uint64_t reserved)
    : running_(name.empty() ? nullptr : running) {
  if (running_ == nullptr) return;
  const std::lock_guard lock(running_->mutex_);
  running_->tasks_.push_back({std::move(name), reserved});
  place_ = std::prev(running_->tasks_.end());
}

RunningTask::~RunningTask() {
  if (running_ == nullptr) return;
  const std::lock_guard lock(running_->mutex_);
  running_->tasks_.erase(place_);
}

AtWork::AtWork(RunningWork* running, const RunningTask& task) : running_(task.running_ == nullptr ? nullptr : running) {
  if (running_ != nullptr) before_ = running_->change_task(&*task.place_);
}

AtWork::~AtWork() {
  if (running_ != nullptr) running_->change_task(before_);
}

HeldAccount::HeldAccount(RunningWork* running, std::function<WorkNow::Held()> count) : running_(running) {
  if (running_ == nullptr) return;
  const std::lock_guard lock(running_->mutex_);
  running_->held_.push_back(std::move(count));
  place_ = std::prev(running_->held_.end());
}

HeldAccount::~HeldAccount() {
  if (running_ == nullptr) return;
  const std::lock_guard lock(running_->mutex_);
  running_->held_.erase(place_);
}

}  // namespace bagloom::convert
