// Exit codes of architecture.md section 9, and which one wins where several apply.
#pragma once

#include <initializer_list>

#include "base/error.h"

namespace bagloom::cli {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kDoneWithLoss = 3,
  kSomeFailed = 4,
  kOverLimit = 5,
  kNotReadable = 6,
  kTemporary = 75,
  kSignal = 128,  ///< plus the signal's number
};

/// The code of a run that ended with this error. `signal`: the one that asked to stop, 0 where there was none.
int exit_code_of(ErrorKind kind, int signal);

/// The one that stands first in the order 128+n, 2, 5, 75, 1, 6, 4, 3, 0.
int first_of(std::initializer_list<int> codes);

/// The code of a verb that reads several inputs: done, 4 where some failed, and where all failed the first that wins among
/// their own.
class InputOutcome {
 public:
  void succeeded() { ++good_; }
  /// An input that cannot be understood (corrupt, unsupported, unreadable) counts as one that this tool cannot read: 6.
  void failed(ErrorKind kind, int signal);
  int code() const;

 private:
  int good_ = 0, bad_ = 0;
  int worst_ = kDone;
};

}  // namespace bagloom::cli
