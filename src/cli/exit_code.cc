#include "cli/exit_code.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace bagloom::cli {
namespace {

struct KindCode {
  ErrorKind kind;
  int code;
};
constexpr std::array kKindCodes{
    KindCode{ErrorKind::invalid, kUsage},        KindCode{ErrorKind::unreadable, kNotReadable},
    KindCode{ErrorKind::corrupt, kFailed},       KindCode{ErrorKind::unsupported, kUsage},
    KindCode{ErrorKind::over_limit, kOverLimit}, KindCode{ErrorKind::io, kFailed},
    KindCode{ErrorKind::temporary, kTemporary},  KindCode{ErrorKind::stopped, kSignal},
    KindCode{ErrorKind::internal, kFailed},
};

constexpr std::array kPrecedence{kUsage, kOverLimit, kTemporary, kFailed, kNotReadable, kSomeFailed, kDoneWithLoss, kDone};

std::size_t rank(int code) {
  if (code >= kSignal) return 0;
  const auto place = std::find(kPrecedence.begin(), kPrecedence.end(), code);
  return 1 + static_cast<std::size_t>(place - kPrecedence.begin());
}

}  // namespace

int exit_code_of(ErrorKind kind, int signal) {
  for (const KindCode& entry : kKindCodes) {
    if (entry.kind != kind) continue;
    return entry.code == kSignal ? kSignal + (signal != 0 ? signal : SIGINT) : entry.code;
  }
  return kFailed;
}

int first_of(std::initializer_list<int> codes) {
  int best = kDone;
  for (const int code : codes)
    if (rank(code) < rank(best)) best = code;
  return best;
}

void InputOutcome::failed(ErrorKind kind, int signal) {
  ++bad_;
  const bool not_understood = kind == ErrorKind::corrupt || kind == ErrorKind::unsupported;
  worst_ = first_of({worst_, not_understood ? static_cast<int>(kNotReadable) : exit_code_of(kind, signal)});
}

int InputOutcome::code() const {
  if (bad_ == 0) return kDone;
  if (worst_ >= kSignal || good_ == 0) return worst_;
  return kSomeFailed;
}

}  // namespace bagloom::cli
