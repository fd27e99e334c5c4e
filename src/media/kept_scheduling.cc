#include "media/kept_scheduling.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace bagloom::media {
namespace {

std::set<pid_t> threads_of_this_process() {
  std::set<pid_t> threads;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/task", error), end; !error && entry != end; entry.increment(error))
    threads.insert(static_cast<pid_t>(std::atoi(entry->path().filename().c_str())));
  return threads;
}

bool real_time(int policy) {
  const int plain = policy & ~SCHED_RESET_ON_FORK;
  return plain == SCHED_FIFO || plain == SCHED_RR;
}

}  // namespace

KeptScheduling::KeptScheduling() : policy_(sched_getscheduler(0)), threads_(threads_of_this_process()) {
  if (policy_ >= 0) sched_getparam(0, &parameters_);
}

KeptScheduling::~KeptScheduling() {
  if (policy_ < 0) return;
  // Where it is not allowed, nothing had been changed either.
  if (sched_getscheduler(0) != policy_) sched_setscheduler(0, policy_, &parameters_);
  for (const pid_t thread : threads_of_this_process())
    if (threads_.count(thread) == 0 && real_time(sched_getscheduler(thread))) sched_setscheduler(thread, policy_, &parameters_);
}

}  // namespace bagloom::media
