// From decoded pixels to the size and layout that the encoder takes: one pass, bit exact.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "media/depth_quantiser.h"
#include "media/picture.h"

namespace bagloom::media {

enum class ScaleFilter { automatic, area, bicubic, bilinear };  ///< automatic: area when shrinking, else bicubic
enum class ScaleFit { none, stretch, pad, crop };               ///< none: the shape must not change

struct ScaleTarget {
  std::uint32_t width = 0, height = 0;
  PixelFormat format = PixelFormat::yuv420p;
  ScaleFilter filter = ScaleFilter::automatic;
  ScaleFit fit = ScaleFit::none;
};

/// Not thread-safe; keeps its context while the input shape stays the same. Same input, same bits, on every CPU
/// (SWS_BITEXACT | SWS_ACCURATE_RND).
class PictureScaler {
 public:
  virtual ~PictureScaler() = default;
  /// Error: invalid where the aspect ratio would change and fit is none.
  virtual Status scale(const Picture& in, Picture& out) = 0;
};
std::unique_ptr<PictureScaler> make_picture_scaler(const ScaleTarget& target);

/// 256 counts a channel of 8-bit RGB, of every f-th row and column as LeRobot samples (lerobot-format.md 5.3:
/// none below 300 pixels, else f = floor(larger side's / 150)). Exact; histograms add up.
struct RgbHistogram {
  std::uint64_t counts[3][256] = {};
  std::vector<std::uint64_t> millimetres;  ///< of depth: 65,536 counts in place of those of colours; else empty
  std::uint64_t pictures = 0;
  void add(const RgbHistogram& other);
};
/// Not thread-safe. Takes any PixelFormat (of depth gray16, millimetres, and gray12, codes of `depth`); converts only the sampled
/// pixels (through swscale, so that colour arithmetic is a library's).
class HistogramSampler {
 public:
  virtual ~HistogramSampler() = default;
  virtual Status add(const Picture& picture, RgbHistogram& into) = 0;
};
std::unique_ptr<HistogramSampler> make_histogram_sampler(const std::optional<DepthRange>& depth = std::nullopt);

}  // namespace bagloom::media
