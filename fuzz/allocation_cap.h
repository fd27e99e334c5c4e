// A cap on what a harness may hold for one input, proportional to the input.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bagloom::fuzz {

/// What a harness may hold for an input: `base + per_byte * size` bytes. Each harness states its own beside the reasons: what its
/// libraries hold whatever comes, and how far the product lets an input grow.
struct Allowance {
  const char* harness;     ///< for the message
  std::uint64_t base;      ///< bytes
  std::uint64_t per_byte;  ///< of the input
};

/// Whether allocations are counted: under the address sanitizer, whose hooks see every malloc and free of all threads and all
/// libraries (not mmap; a block that is reallocated counts twice while it moves). Elsewhere nothing is counted and nothing
/// checked.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAllocationsCounted = true;
#elif defined(__has_feature)
inline constexpr bool kAllocationsCounted = __has_feature(address_sanitizer);
#else
inline constexpr bool kAllocationsCounted = false;
#endif

/// From here to the end of the scope: bytes allocated since and not yet freed, less those freed from before. The allocation that
/// goes beyond the allowance writes one line to stderr and aborts, so that the fuzzer keeps the input. One at a time.
/// At the end of the process a line `stat::allocation_cap:` says which input came nearest.
class AllocationCap {
 public:
  AllocationCap(const Allowance& allowance, std::size_t input_bytes);
  ~AllocationCap();
  AllocationCap(const AllocationCap&) = delete;
  AllocationCap& operator=(const AllocationCap&) = delete;

  /// The most that was held at once until now; 0 where nothing is counted.
  std::uint64_t most() const;
};

}  // namespace bagloom::fuzz
