#include "media/depth_scaler.h"

#include <cmath>
#include <vector>

#include "media/placement.h"

namespace bagloom::media {
namespace {

class NearestScaler : public PictureScaler {
 public:
  explicit NearestScaler(const DepthTarget& target) : target_(target) {
    if (target.range) quantiser_.emplace(*target.range);
    // Whole numbers are 65,536: what each becomes is calculated once.
    of_number_.resize(65536);
    for (std::uint32_t number = 0; number < of_number_.size(); ++number) of_number_[number] = of_metres(number * target.unit);
  }

  Status scale(const Picture& in, Picture& out) override {
    if (in.format() != PixelFormat::gray16 && in.format() != PixelFormat::grayf32) {
      return Error(ErrorKind::internal, "depth is expected, not " + std::string(name_of(in.format())));
    }
    ScaleTarget target;
    target.width = target_.width;
    target.height = target_.height;
    target.fit = target_.fit;
    ASSIGN_OR_RETURN(const Placement at, place(in.width(), in.height(), target));
    RETURN_IF_ERROR(out.reshape(target_.range ? PixelFormat::gray12 : PixelFormat::gray16, target_.width, target_.height));
    columns_.assign(target_.width, kOutside);
    for (std::uint32_t x = 0; x < at.to.width; ++x) columns_[at.to.x + x] = at.from.x + nearest(x, at.from.width, at.to.width);
    for (std::uint32_t y = 0; y < target_.height; ++y) {
      auto* row = reinterpret_cast<std::uint16_t*>(out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0));
      const bool outside = y < at.to.y || y >= at.to.y + at.to.height;
      const std::uint32_t from = outside ? 0 : at.from.y + nearest(y - at.to.y, at.from.height, at.to.height);
      for (std::uint32_t x = 0; x < target_.width; ++x) {
        row[x] = outside || columns_[x] == kOutside ? 0 : at_pixel(in, columns_[x], from);
      }
    }
    return {};
  }

 private:
  static constexpr std::uint32_t kOutside = 0xffffffffu;

  /// The input's pixel that holds the middle of the output's.
  static std::uint32_t nearest(std::uint32_t i, std::uint32_t from, std::uint32_t to) {
    return static_cast<std::uint32_t>((2ull * i + 1) * from / (2ull * to));
  }

  std::uint16_t at_pixel(const Picture& in, std::uint32_t x, std::uint32_t y) const {
    const std::uint8_t* row = in.plane(0) + static_cast<std::ptrdiff_t>(y) * in.stride(0);
    if (in.format() == PixelFormat::gray16) return of_number_[reinterpret_cast<const std::uint16_t*>(row)[x]];
    return of_metres(reinterpret_cast<const float*>(row)[x] * target_.float_unit);
  }

  std::uint16_t of_metres(double metres) const {
    if (quantiser_) return quantiser_->code(metres);
    if (!(metres > 0)) return 0;
    const double millimetres = std::nearbyint(metres * 1000);
    return millimetres <= 65535 ? static_cast<std::uint16_t>(millimetres) : 0;
  }

  DepthTarget target_;
  std::optional<DepthQuantiser> quantiser_;
  std::vector<std::uint16_t> of_number_;
  std::vector<std::uint32_t> columns_;
};

}  // namespace

std::unique_ptr<PictureScaler> make_depth_scaler(const DepthTarget& target) { return std::make_unique<NearestScaler>(target); }

}  // namespace bagloom::media
