// Bayer mosaics to RGB, through libswscale: bilinear inside, the nearest samples along the edges; the same bits on every CPU.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

/// A mosaic in memory that somebody else owns.
struct Mosaic {
  const std::uint8_t* samples = nullptr;
  std::uint32_t width = 0, height = 0;
  std::uint64_t step = 0;  ///< bytes a row
  int pattern = 0;         ///< 0 rggb, 1 bggr, 2 gbrg, 3 grbg: the 2x2 block in reading order
  bool wide = false;       ///< 16 bits a sample, of which the upper 8 count
  bool big_endian = false;
};

/// Not thread-safe; keeps its context while the shape stays the same.
class Demosaicer {
 public:
  virtual ~Demosaicer() = default;
  /// Into rgb24. Error: corrupt (an odd side: the mosaic is made of blocks of 2x2).
  virtual Status run(const Mosaic& mosaic, Picture& rgb) = 0;
};
std::unique_ptr<Demosaicer> make_demosaicer();

}  // namespace bagloom::media
