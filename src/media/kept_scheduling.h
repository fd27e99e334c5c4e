// Threads stay what they were while a library opens an encoder. For this folder's sources.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <set>

namespace bagloom::media {

/// SVT-AV1 (1.4), run by root, turns the thread that opens an encoder into a real-time one (SCHED_FIFO, priority 99), and its own
/// threads inherit that, as do programs that the thread starts later: the rest of the machine would wait for them. When this
/// ends, the calling thread, and those that came meanwhile and are real-time, are again what the calling thread was before.
class KeptScheduling {
 public:
  KeptScheduling();
  ~KeptScheduling();
  KeptScheduling(const KeptScheduling&) = delete;
  KeptScheduling& operator=(const KeptScheduling&) = delete;

 private:
  int policy_;
  sched_param parameters_{};
  std::set<pid_t> threads_;  ///< that were there before
};

}  // namespace bagloom::media
