#include "media/picture_scaler.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "media/av.h"
#include "media/limited_range.h"
#include "media/placement.h"

namespace bagloom::media {
namespace {

int filter_flag(ScaleFilter filter, const Placement& place) {
  switch (filter) {
    case ScaleFilter::area: return SWS_AREA;
    case ScaleFilter::bicubic: return SWS_BICUBIC;
    case ScaleFilter::bilinear: return SWS_BILINEAR;
    case ScaleFilter::automatic: break;
  }
  const bool shrinks = place.to.width < place.from.width || place.to.height < place.from.height;
  return shrinks ? SWS_AREA : SWS_BICUBIC;
}

/// Pointers to a rectangle's first pixels; its x and y are multiples of the layout's subsampling.
template <class Byte, class AnyPicture>
void planes_at(AnyPicture& picture, const Rectangle& at, Byte* planes[4], int strides[4]) {
  const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(av_format(picture.format()));
  const bool packed = (layout->flags & AV_PIX_FMT_FLAG_PLANAR) == 0 && layout->nb_components > 1;
  for (int i = 0; i < 4; ++i) {
    planes[i] = i < 3 ? picture.plane(i) : nullptr;
    strides[i] = i < 3 ? picture.stride(i) : 0;
    if (planes[i] == nullptr) continue;
    const int right = i == 0 ? 0 : layout->log2_chroma_w, down = i == 0 ? 0 : layout->log2_chroma_h;
    planes[i] += static_cast<std::ptrdiff_t>(at.y >> down) * strides[i] + (packed ? 3 * at.x : at.x >> right);
  }
}

void fill_black(Picture& picture) {
  const bool yuv = picture.format() == PixelFormat::yuv420p;
  const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(av_format(picture.format()));
  for (int i = 0; i < 3 && picture.plane(i) != nullptr; ++i) {
    const std::uint32_t rows = i == 0 ? picture.height() : -((-static_cast<int>(picture.height())) >> layout->log2_chroma_h);
    std::memset(picture.plane(i), i == 0 ? (yuv ? 16 : 0) : 128, static_cast<std::size_t>(picture.stride(i)) * rows);
  }
}

class SwscaleScaler : public PictureScaler {
 public:
  explicit SwscaleScaler(const ScaleTarget& target) : target_(target) {}

  Status scale(const Picture& in, Picture& out) override {
    if (in.format() == PixelFormat::none) return Error(ErrorKind::internal, "scaling an empty picture");
    if (in.width() == target_.width && in.height() == target_.height && can_limit_range(in.format(), target_.format))
      return limit_range(in, out);
    if (context_ == nullptr || in.format() != format_ || in.width() != width_ || in.height() != height_) {
      RETURN_IF_ERROR(prepare(in));
    }
    RETURN_IF_ERROR(out.reshape(target_.format, target_.width, target_.height));
    if (place_.to != Rectangle{0, 0, target_.width, target_.height}) fill_black(out);
    const std::uint8_t* from[4];
    std::uint8_t* to[4];
    int from_strides[4], to_strides[4];
    planes_at(in, place_.from, from, from_strides);
    planes_at(out, place_.to, to, to_strides);
    const int rows = sws_scale(context_.get(), from, from_strides, 0, static_cast<int>(place_.from.height), to, to_strides);
    if (rows != static_cast<int>(place_.to.height))
      return Error(ErrorKind::internal, "swscale gave " + std::to_string(rows) + " rows");
    return {};
  }

 private:
  Status prepare(const Picture& in) {
    context_.reset();
    ASSIGN_OR_RETURN(place_, place(in.width(), in.height(), target_));
    SwsContextPtr context(sws_alloc_context());
    if (context == nullptr) return Error(ErrorKind::over_limit, "no memory for swscale");
    const auto set = [&](const char* name, std::int64_t value) { av_opt_set_int(context.get(), name, value, 0); };
    set("srcw", place_.from.width);
    set("srch", place_.from.height);
    set("src_format", av_format(in.format()));
    set("dstw", place_.to.width);
    set("dsth", place_.to.height);
    set("dst_format", av_format(target_.format));
    set("src_range", full_range(in.format()));
    set("dst_range", full_range(target_.format));
    set("sws_flags",
        filter_flag(target_.filter, place_) | SWS_BITEXACT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT);
    // BT.601 on both sides: JPEG's (JFIF) and what every player assumes of an untagged stream of this size.
    const int* bt601 = sws_getCoefficients(SWS_CS_ITU601);
    sws_setColorspaceDetails(context.get(), bt601, full_range(in.format()), bt601, full_range(target_.format), 0, 1 << 16,
                             1 << 16);
    if (int code = sws_init_context(context.get(), nullptr, nullptr); code < 0) {
      return av_error(ErrorKind::unsupported,
                      "scaling " + size_text(in.width(), in.height()) + " " + std::string(name_of(in.format())) + " to " +
                          size_text(target_.width, target_.height),
                      code);
    }
    context_ = std::move(context);
    format_ = in.format();
    width_ = in.width();
    height_ = in.height();
    return {};
  }

  ScaleTarget target_;
  SwsContextPtr context_;
  Placement place_;
  PixelFormat format_ = PixelFormat::none;
  std::uint32_t width_ = 0, height_ = 0;
};

}  // namespace

std::unique_ptr<PictureScaler> make_picture_scaler(const ScaleTarget& target) { return std::make_unique<SwscaleScaler>(target); }

}  // namespace bagloom::media
