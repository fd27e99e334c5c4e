// mp4 files as `verify` reads them: boxes, inspector, some pictures out of order. The first byte is the frame rate, the rest the
// file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "allocation_cap.h"
#include "media/mp4.h"
#include "media/mp4_boxes.h"
#include "media/quiet_libav.h"
#include "memory_file.h"
#include "video_allowance.h"

namespace {

/// Our own reading holds one box's head, or a table's.
constexpr bagloom::fuzz::Allowance kBoxes{"mp4 (boxes)", 16 * 1024, 4};

/// An entry of libav's index takes 32 bytes, of a sample's table 4 to 12.
bagloom::fuzz::Allowance allowance(bagloom::Bytes file) { return {"mp4", bagloom::fuzz::video_bytes(file), 128}; }

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  bagloom::media::quiet_libav();
  bagloom::fuzz::bound_libav_video();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bagloom;         // NOLINT: one function
  using namespace bagloom::media;  // NOLINT
  if (size < 2) return 0;
  const std::uint32_t fps = data[0];
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const MemorySource source("fuzz", {begin + 1, begin + size});
  {
    const fuzz::AllocationCap cap(kBoxes, size);
    (void)read_mp4_boxes(source);
  }
  const fuzz::AllocationCap cap(allowance({begin, size}), size);

  const fuzz::MemoryFile file(data + 1, size - 1);
  const auto facts = inspect_mp4(file.path(), fps);
  if (!facts) return 0;
  // What is said of frames holds together.
  if (!std::is_sorted(facts->keyframes.begin(), facts->keyframes.end())) std::abort();
  if (!facts->keyframes.empty() && facts->keyframes.back() >= facts->frames) std::abort();
  if (facts->first_wrong_frame >= static_cast<std::int64_t>(facts->frames)) std::abort();
  // Large pictures are legal and slow.
  if (static_cast<std::uint64_t>(facts->width) * facts->height > fuzz::kMostVideoPixels) return 0;
  auto reader = Mp4Reader::open(file.path(), fps);
  if (!reader) return 0;
  const std::uint64_t frames = (*reader)->frames();
  Picture picture;
  for (const std::uint64_t frame : {frames - 1, std::uint64_t{0}, frames / 2, frames}) {
    const Status decoded = (*reader)->decode(frame, picture);
    if (decoded && (frame >= frames || picture.width() == 0 || picture.height() == 0)) std::abort();
  }
  return 0;
}
