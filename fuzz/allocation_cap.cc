#include "allocation_cap.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

// As in sanitizer/allocator_interface.h, which gcc does not bring; weak, so that programs without a sanitizer link.
extern "C" {
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*, std::size_t),
                                                                    void (*free_hook)(const volatile void*));
__attribute__((weak)) int __sanitizer_get_ownership(const volatile void* block);
__attribute__((weak)) std::size_t __sanitizer_get_allocated_size(const volatile void* block);
}

namespace bagloom::fuzz {
namespace {

// The heap is the process's, and so are these.
std::atomic<std::int64_t> live{0};  // since the hooks stand; below 0 where blocks from before were freed
std::atomic<std::int64_t> most_live{0};
std::atomic<std::int64_t> limit{INT64_MAX};  // of `live`
std::int64_t live_at_begin = 0;
Allowance of{"", 0, 0};
std::size_t input_size = 0;

std::uint64_t cap() { return of.base + of.per_byte * input_size; }

/// The input that came nearest to its cap, told when the process ends.
struct Nearest {
  double share = -1;
  const char* harness = "";
  std::uint64_t most = 0, cap = 0;
  std::size_t input = 0;
  ~Nearest() {
    if (share < 0) return;
    std::fprintf(stderr, "stat::allocation_cap: %.0f %% at most: %s, %llu of %llu bytes for an input of %zu\n", 100 * share,
                 harness, static_cast<unsigned long long>(most), static_cast<unsigned long long>(cap), input);
  }
} nearest;

/// Called inside malloc: nothing here may allocate.
[[noreturn]] void give_up(std::int64_t now, std::size_t block) {
  limit = INT64_MAX;  // what handles the abort allocates too
  char line[256];
  const int length = std::snprintf(
      line, sizeof line, "allocation cap: %s holds %lld bytes for an input of %zu, %llu are allowed; the last block has %zu\n",
      of.harness, static_cast<long long>(now - live_at_begin), input_size, static_cast<unsigned long long>(cap()), block);
  if (length > 0) (void)!::write(2, line, std::min<std::size_t>(static_cast<std::size_t>(length), sizeof line - 1));
  std::abort();
}

void allocated(const volatile void* block, std::size_t size) {
  if (block == nullptr) return;
  const std::int64_t now = live.fetch_add(static_cast<std::int64_t>(size)) + static_cast<std::int64_t>(size);
  std::int64_t before = most_live;
  while (before < now && !most_live.compare_exchange_weak(before, now)) {
  }
  if (now > limit) give_up(now, size);
}

void freed(const volatile void* block) {
  // A wrong free is the sanitizer's to report.
  if (block == nullptr || __sanitizer_get_ownership(block) == 0) return;
  live -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(block));
}

const bool installed = [] {
  if (!kAllocationsCounted) return false;
  if (__sanitizer_install_malloc_and_free_hooks(allocated, freed) == 0) {
    std::fprintf(stderr, "allocation cap: the sanitizer takes no hooks\n");
    std::abort();
  }
  return true;
}();

}  // namespace

AllocationCap::AllocationCap(const Allowance& allowance, std::size_t input_bytes) {
  if (!installed) return;
  of = allowance;
  input_size = input_bytes;
  live_at_begin = live;
  most_live = live_at_begin;
  limit = live_at_begin + static_cast<std::int64_t>(cap());
}

AllocationCap::~AllocationCap() {
  if (!installed) return;
  limit = INT64_MAX;
  const double share = static_cast<double>(most()) / static_cast<double>(std::max<std::uint64_t>(cap(), 1));
  if (share > nearest.share) {
    nearest.share = share;
    nearest.harness = of.harness;
    nearest.most = most();
    nearest.cap = cap();
    nearest.input = input_size;
  }
}

std::uint64_t AllocationCap::most() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(most_live - live_at_begin, 0));
}

}  // namespace bagloom::fuzz
