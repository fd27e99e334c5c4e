// What a conversion is doing at this moment, and what was reserved for it: for bench's profile. Nothing here changes the work.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "convert/convert.h"
#include "convert/stage_seconds.h"
#include "memory/allocator.h"
#include "memory/anonymous_pages.h"

namespace bagloom::convert {

/// What stood before the work that is looked at; bytes.
struct MemoryBase {
  std::uint64_t anonymous = 0, file = 0;        ///< resident
  std::optional<memory::HeapCounts> heap;       ///< where it is counted
  std::optional<memory::AnonymousPages> pages;  ///< the same

  static MemoryBase now();
};

/// One moment; bytes.
struct WorkNow {
  struct Task {
    std::string name;
    std::uint64_t reserved = 0;
    bool at_work = false;        ///< a thread works on it; else it only holds what it has
    std::optional<Stage> stage;  ///< that this thread is in
  };
  struct Held {
    std::string name;
    std::optional<std::uint64_t> reserved;  ///< nothing: the layout's account of that name says it
    std::uint64_t counted = 0;
  };
  std::vector<Task> tasks;          ///< in the order of their start
  std::vector<Stage> other_stages;  ///< of threads that work on none of them
  std::vector<Held> held;
  std::optional<MemoryLayout> layout;  ///< nothing: before it
  MemoryBase base;                     ///< at the layout; before it: when this was made
};

/// Thread-safe.
class RunningWork {
 public:
  RunningWork();

  void lay_out(const MemoryLayout& layout, std::uint64_t base_anonymous, std::uint64_t base_file);
  /// Reserved for the largest task; 0 before the layout.
  std::uint64_t largest_task() const;
  WorkNow now() const;

 private:
  friend class RunningTask;
  friend class AtWork;
  friend class HeldAccount;
  friend std::optional<Stage> convert::change_stage(RunningWork&, std::optional<Stage>);
  struct Task {
    std::string name;
    std::uint64_t reserved = 0;
  };
  struct Thread {
    const Task* task = nullptr;
    std::optional<Stage> stage;
  };
  const Task* change_task(const Task* task);
  std::optional<Stage> change_stage(std::optional<Stage> stage);
  void forget_idle(std::map<std::thread::id, Thread>::iterator thread);

  mutable std::mutex mutex_;
  std::list<Task> tasks_;
  std::map<std::thread::id, Thread> threads_;
  std::list<std::function<WorkNow::Held()>> held_;
  std::optional<MemoryLayout> layout_;
  MemoryBase base_;
};

/// Null where no profile is made.
inline RunningWork* running_work(const StageSeconds* stages) { return stages == nullptr ? nullptr : stages->running(); }

/// A task from its start to its end. Does nothing where `running` is null or the name empty.
class RunningTask {
 public:
  RunningTask(RunningWork* running, std::string name, std::uint64_t reserved);
  ~RunningTask();
  RunningTask(const RunningTask&) = delete;
  RunningTask& operator=(const RunningTask&) = delete;

 private:
  friend class AtWork;
  RunningWork* const running_;
  std::list<RunningWork::Task>::iterator place_{};
};

/// The calling thread works on a task. Does nothing where `running` is null.
class AtWork {
 public:
  AtWork(RunningWork* running, const RunningTask& task);
  ~AtWork();
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

 private:
  RunningWork* const running_;
  const RunningWork::Task* before_ = nullptr;
};

/// Memory that somebody counts himself, while this lives. `count` is called on any thread, and takes no part in the work.
class HeldAccount {
 public:
  HeldAccount(RunningWork* running, std::function<WorkNow::Held()> count);
  ~HeldAccount();
  HeldAccount(const HeldAccount&) = delete;
  HeldAccount& operator=(const HeldAccount&) = delete;

 private:
  RunningWork* const running_;
  std::list<std::function<WorkNow::Held()>>::iterator place_{};
};

}  // namespace bagloom::convert
