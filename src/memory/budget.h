// What we intend: bytes reserved before they are used. architecture.md section 4. Only the pool reserves.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace bagloom::memory {

class Budget;

/// Bytes of a budget, given back in the destructor. Move-only.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept : budget_(other.budget_), bytes_(other.bytes_) { other.budget_ = nullptr; }
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { release(); }
  void release();
  std::uint64_t bytes() const { return budget_ == nullptr ? 0 : bytes_; }

 private:
  friend class Budget;
  Lease(Budget* budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {}
  Budget* budget_ = nullptr;
  std::uint64_t bytes_ = 0;
};

/// Thread-safe. Outlives its leases.
class Budget {
 public:
  explicit Budget(std::uint64_t bytes) : total_(bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Nothing where it does not fit now.
  std::optional<Lease> try_reserve(std::uint64_t bytes);
  std::uint64_t total() const { return total_; }
  std::uint64_t used() const;
  std::uint64_t peak() const;

 private:
  friend class Lease;
  void give_back(std::uint64_t bytes);
  const std::uint64_t total_;
  mutable std::mutex mutex_;
  std::uint64_t used_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace bagloom::memory
