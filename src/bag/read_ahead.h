// A small read buffer over a stretch of a source, for code that hops from record header to record header.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

/// Most messages up to this size are read with their header in one go.
inline constexpr std::size_t kUsualMessageHeadBytes = 512;

/// Not thread-safe. Offsets are those of the source; nothing at or behind `limit` is ever asked for.
class ReadAhead {
 public:
  /// Reads `ahead` bytes at a time. The source is not owned.
  ReadAhead(const Source& source, std::uint64_t limit, std::size_t ahead) : source_(source), ahead_(ahead) {
    limit_ = limit < source.size() ? limit : source.size();
  }

  std::uint64_t limit() const { return limit_; }

  /// Up to n bytes from `offset`, fewer only at the limit. The view lives until the next call. Error: io.
  Result<Bytes> peek(std::uint64_t offset, std::uint64_t n);

 private:
  const Source& source_;
  std::uint64_t limit_;
  std::size_t ahead_;
  std::uint64_t begin_ = 0;
  std::vector<std::byte> buffer_;
};

/// Bytes that somebody else owns, as a source: an inflated chunk is walked by the code that walks files.
class ViewSource : public Source {
 public:
  explicit ViewSource(Bytes bytes) : bytes_(bytes) {}
  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override;

 private:
  std::string name_;
  Bytes bytes_;
};

}  // namespace bagloom::bag
