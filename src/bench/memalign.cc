// Preloaded into a method under heaptrack, which records aligned_alloc but not memalign, libx264's way to all of its frames.
#include <cstddef>
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return std::aligned_alloc(alignment, bytes);
}
