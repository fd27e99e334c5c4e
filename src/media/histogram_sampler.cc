#include <algorithm>

#include "media/av.h"
#include "media/picture_scaler.h"

namespace bagloom::media {
namespace {

/// lerobot-format.md 5.3: none below 300 pixels, else the larger side's 150th part.
std::uint32_t sampling_step(std::uint32_t width, std::uint32_t height) {
  if (std::max(width, height) < 300) return 1;
  return std::max(width, height) / 150;
}

class Sampler : public HistogramSampler {
 public:
  explicit Sampler(const std::optional<DepthRange>& depth) {
    if (depth) codes_.emplace(*depth);
  }

  Status add(const Picture& picture, RgbHistogram& into) override {
    const PixelFormat format = picture.format();
    if (format == PixelFormat::none) return Error(ErrorKind::internal, "sampling an empty picture");
    const std::uint32_t step = sampling_step(picture.width(), picture.height());
    const std::uint32_t width = (picture.width() + step - 1) / step, height = (picture.height() + step - 1) / step;
    if (format == PixelFormat::rgb24 || format == PixelFormat::bgr24 || format == PixelFormat::gray8_full) {
      count(picture, step, width, height, into);
      return {};
    }
    if (format == PixelFormat::gray16 || format == PixelFormat::gray12) return count_depth(picture, step, width, height, into);
    RETURN_IF_ERROR(samples_.reshape(PixelFormat::yuv444p_full, width, height));
    gather(picture, step);
    RETURN_IF_ERROR(rgb_.reshape(PixelFormat::rgb24, width, height));
    RETURN_IF_ERROR(prepare(width, height, full_range(format)));
    const std::uint8_t* from[4] = {samples_.plane(0), samples_.plane(1), samples_.plane(2), nullptr};
    const int from_strides[4] = {samples_.stride(0), samples_.stride(1), samples_.stride(2), 0};
    std::uint8_t* to[4] = {rgb_.plane(0), nullptr, nullptr, nullptr};
    const int to_strides[4] = {rgb_.stride(0), 0, 0, 0};
    if (sws_scale(context_.get(), from, from_strides, 0, static_cast<int>(height), to, to_strides) != static_cast<int>(height)) {
      return Error(ErrorKind::internal, "swscale gave too few rows");
    }
    count(rgb_, 1, width, height, into);
    return {};
  }

 private:
  /// Each sample takes the colour sample that covers it: no filtering, so that what is counted is what stands there.
  void gather(const Picture& picture, std::uint32_t step) {
    const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(av_format(picture.format()));
    const std::uint32_t width = samples_.width(), height = samples_.height();
    for (int i = 0; i < 3; ++i) {
      const int right = i == 0 ? 0 : layout->log2_chroma_w, down = i == 0 ? 0 : layout->log2_chroma_h;
      const std::uint8_t* const plane = picture.plane(i);
      const std::ptrdiff_t stride = picture.stride(i), to_stride = samples_.stride(i);
      std::uint8_t* to = samples_.plane(i);
      for (std::uint32_t y = 0; y < height; ++y, to += to_stride) {
        const std::uint8_t* from = plane + static_cast<std::ptrdiff_t>((y * step) >> down) * stride;
        for (std::uint32_t x = 0; x < width; ++x) to[x] = from[(x * step) >> right];
      }
    }
  }

  Status prepare(std::uint32_t width, std::uint32_t height, bool full) {
    if (context_ != nullptr && width == width_ && height == height_ && full == full_) return {};
    SwsContextPtr context(sws_alloc_context());
    if (context == nullptr) return Error(ErrorKind::over_limit, "no memory for swscale");
    const auto set = [&](const char* name, std::int64_t value) { av_opt_set_int(context.get(), name, value, 0); };
    set("srcw", width);
    set("srch", height);
    set("src_format", AV_PIX_FMT_YUV444P);
    set("dstw", width);
    set("dsth", height);
    set("dst_format", AV_PIX_FMT_RGB24);
    set("src_range", full);
    set("dst_range", 1);
    set("sws_flags", SWS_BILINEAR | SWS_BITEXACT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT);
    const int* bt601 = sws_getCoefficients(SWS_CS_ITU601);
    sws_setColorspaceDetails(context.get(), bt601, full, bt601, 1, 0, 1 << 16, 1 << 16);
    if (int code = sws_init_context(context.get(), nullptr, nullptr); code < 0) {
      return av_error(ErrorKind::internal, "samples to RGB", code);
    }
    context_ = std::move(context);
    width_ = width;
    height_ = height;
    full_ = full;
    return {};
  }

  static void count(const Picture& picture, std::uint32_t step, std::uint32_t width, std::uint32_t height, RgbHistogram& into) {
    const bool grey = picture.format() == PixelFormat::gray8_full;
    const bool bgr = picture.format() == PixelFormat::bgr24;
    const std::size_t pixel = grey ? 1 : 3;
    const std::size_t red = bgr ? 2 : 0, green = grey ? 0 : 1, blue = grey || bgr ? 0 : 2;
    const std::uint8_t* const plane = picture.plane(0);
    const std::ptrdiff_t stride = picture.stride(0);
    for (std::uint32_t y = 0; y < height; ++y) {
      const std::uint8_t* at = plane + static_cast<std::ptrdiff_t>(y) * step * stride;
      for (std::uint32_t x = 0; x < width; ++x, at += step * pixel) {
        ++into.counts[0][at[red]];
        ++into.counts[1][at[green]];
        ++into.counts[2][at[blue]];
      }
    }
    ++into.pictures;
  }

  /// What a reader gets: of codes the distance that they stand for.
  Status count_depth(const Picture& picture, std::uint32_t step, std::uint32_t width, std::uint32_t height,
                     RgbHistogram& into) const {
    const bool coded = picture.format() == PixelFormat::gray12;
    if (coded && !codes_) return Error(ErrorKind::internal, "codes of depth without their range");
    into.millimetres.resize(65536);
    for (std::uint32_t y = 0; y < height; ++y) {
      const auto* row =
          reinterpret_cast<const std::uint16_t*>(picture.plane(0) + static_cast<std::ptrdiff_t>(y) * step * picture.stride(0));
      for (std::uint32_t x = 0; x < width; ++x) {
        const std::uint16_t value = row[static_cast<std::size_t>(x) * step];
        ++into.millimetres[coded ? codes_->millimetres(std::min(value, DepthQuantiser::kLargestCode)) : value];
      }
    }
    ++into.pictures;
    return {};
  }

  std::optional<DepthQuantiser> codes_;
  Picture samples_, rgb_;
  SwsContextPtr context_;
  std::uint32_t width_ = 0, height_ = 0;
  bool full_ = false;
};

}  // namespace

void RgbHistogram::add(const RgbHistogram& other) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) counts[channel][value] += other.counts[channel][value];
  }
  if (!other.millimetres.empty()) millimetres.resize(other.millimetres.size());
  for (std::size_t i = 0; i < other.millimetres.size(); ++i) millimetres[i] += other.millimetres[i];
  pictures += other.pictures;
}

std::unique_ptr<HistogramSampler> make_histogram_sampler(const std::optional<DepthRange>& depth) {
  return std::make_unique<Sampler>(depth);
}

}  // namespace bagloom::media
