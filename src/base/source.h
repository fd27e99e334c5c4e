// Random-access input read with pread, never mmap: mapped pages count as resident, and a truncated
// file would become a signal instead of an error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom {

/// All methods may be called from any thread at once.
class Source {
 public:
  virtual ~Source() = default;
  /// For messages: the path as the user gave it.
  virtual const std::string& name() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Fills `out` from `offset`; gives fewer bytes only at the end of the source.
  virtual Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const = 0;

  /// How the next reads will lie: `scattered` keeps the kernel from reading ahead, of whatever thread reads. A hint, no more.
  enum class Access { in_order, scattered };
  virtual void expect([[maybe_unused]] Access access) const {}

  /// That these bytes are wanted soon: the kernel fetches them meanwhile. A hint, no more.
  virtual void announce([[maybe_unused]] std::uint64_t offset, [[maybe_unused]] std::uint64_t bytes) const {}

  /// As read_at(0, out), and nothing behind it is read ahead: to look what a file is.
  Result<std::size_t> peek(MutableBytes out) const;

  /// Fills all of `out`, or an Error (corrupt, with the offset) where the source ends before.
  Status read_exactly(std::uint64_t offset, MutableBytes out) const;
};

/// A file opened for reading; its size is the size at opening.
Result<std::unique_ptr<Source>> open_file(const std::string& path);

/// The same for a descriptor, which it owns from now on; `name` is for messages.
std::unique_ptr<Source> descriptor_source(std::string name, int descriptor, std::uint64_t size);

/// Bytes in memory, owned. For tests and fuzzers.
class MemorySource : public Source {
 public:
  MemorySource(std::string name, std::vector<std::byte> bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {}
  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override;

 private:
  std::string name_;
  std::vector<std::byte> bytes_;
};

/// Wraps a source and fails every read that touches byte `fail_at` or later. For tests.
class FaultySource : public Source {
 public:
  FaultySource(std::unique_ptr<Source> inner, std::uint64_t fail_at) : inner_(std::move(inner)), fail_at_(fail_at) {}
  const std::string& name() const override { return inner_->name(); }
  std::uint64_t size() const override { return inner_->size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override;

 private:
  std::unique_ptr<Source> inner_;
  std::uint64_t fail_at_;
};

}  // namespace bagloom
