#include "bag/read_ahead.h"

#include <algorithm>
#include <cstring>

namespace bagloom::bag {

Result<Bytes> ReadAhead::peek(std::uint64_t offset, std::uint64_t n) {
  if (offset >= limit_) return Bytes{};
  n = std::min(n, limit_ - offset);
  const bool held = offset >= begin_ && offset - begin_ <= buffer_.size() && buffer_.size() - (offset - begin_) >= n;
  if (!held) {
    const std::uint64_t wanted = std::min<std::uint64_t>(std::max<std::uint64_t>(n, ahead_), limit_ - offset);
    begin_ = offset;
    buffer_.resize(static_cast<std::size_t>(wanted));
    auto read = source_.read_at(offset, buffer_);
    if (!read.ok()) {
      buffer_.clear();
      return std::move(read).error();
    }
    buffer_.resize(*read);  // shorter where the file shrank since it was opened
  }
  const std::size_t skip = static_cast<std::size_t>(offset - begin_);
  return Bytes(buffer_).subspan(skip, std::min<std::size_t>(static_cast<std::size_t>(n), buffer_.size() - skip));
}

Result<std::size_t> ViewSource::read_at(std::uint64_t offset, MutableBytes out) const {
  if (offset >= bytes_.size()) return std::size_t{0};
  const std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
  std::memcpy(out.data(), bytes_.data() + offset, n);
  return n;
}

}  // namespace bagloom::bag
