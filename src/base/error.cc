#include "base/error.h"

#include <array>
#include <cstdio>

namespace bagloom {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::unreadable: return "unreadable";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::over_limit: return "over_limit";
    case ErrorKind::io: return "io";
    case ErrorKind::temporary: return "temporary";
    case ErrorKind::stopped: return "stopped";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

Error&& Error::in(std::string where) && {
  if (!where.empty()) trail_.push_back(std::move(where));
  return std::move(*this);
}

Error&& Error::fix(std::string remedy) && {
  if (remedy_.empty()) remedy_ = std::move(remedy);
  return std::move(*this);
}

Error&& Error::needing(std::uint64_t smallest_limit_bytes) && {
  smallest_limit_bytes_ = smallest_limit_bytes;
  return std::move(*this);
}

std::string Error::text() const {
  std::string out;
  for (auto place = trail_.rbegin(); place != trail_.rend(); ++place) out += *place + ": ";
  out += message_;
  if (!remedy_.empty()) out += "; " + remedy_;
  return out;
}

std::string hex(std::uint64_t offset) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(offset));
  return text.data();
}

}  // namespace bagloom
