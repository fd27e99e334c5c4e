#include "media/tiff_tags.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/cursor.h"

namespace bagloom::media {
namespace {

constexpr std::size_t kEntry = 12;
constexpr std::uint16_t kShort = 3, kOrientation = 274, kSampleFormat = 339, kUnsigned = 1, kTopLeft = 1;

// Sizes, layout and compression of the samples, and where they stand (TIFF 6.0, section 8 and part 2).
constexpr std::array<std::uint16_t, 24> kOfPixels = {254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284,
                                                     292, 293, 317, 320, 322, 323, 324, 325, 347, 529, 530, 532};

class Directory {
 public:
  explicit Directory(std::span<std::byte> file) : file_(file) {
    if (file.size() < 8) return;
    const char first = static_cast<char>(file[0]);
    order_ = first == 'M' ? std::endian::big : std::endian::little;
    begin_ = load<std::uint32_t>(4);
    if (begin_ > file.size() - 2) return;
    count_ = load<std::uint16_t>(begin_);
    if (count_ * kEntry + 4 > file.size() - begin_ - 2) count_ = 0;
  }

  std::size_t count() const { return count_; }
  std::uint16_t tag(std::size_t i) const { return load<std::uint16_t>(entry(i)); }

  /// The first of the tag's numbers where they are SHORTs; `otherwise` where they are not to be had.
  std::uint16_t first_number(std::size_t i, std::uint16_t otherwise) const {
    if (load<std::uint16_t>(entry(i) + 2) != kShort) return otherwise;
    const bool here = load<std::uint32_t>(entry(i) + 4) <= 2;
    const std::size_t at = here ? entry(i) + 8 : load<std::uint32_t>(entry(i) + 8);
    return at <= file_.size() - 2 ? load<std::uint16_t>(at) : otherwise;
  }

  void keep(const std::array<std::uint16_t, 24>& tags) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (std::find(tags.begin(), tags.end(), tag(i)) == tags.end()) continue;
      std::memmove(file_.data() + entry(kept++), file_.data() + entry(i), kEntry);
    }
    if (kept == count_) return;
    const auto high = static_cast<std::byte>(kept >> 8), low = static_cast<std::byte>(kept & 255);
    file_[begin_] = order_ == std::endian::big ? high : low;
    file_[begin_ + 1] = order_ == std::endian::big ? low : high;
    // Where the next directory stands: there is none.
    std::memset(file_.data() + entry(kept), 0, 4);
  }

 private:
  std::size_t entry(std::size_t i) const { return begin_ + 2 + i * kEntry; }
  template <class T>
  T load(std::size_t at) const {
    return Cursor::load<T>(Bytes(file_).subspan(at), order_);
  }

  std::span<std::byte> file_;
  std::endian order_ = std::endian::little;
  std::size_t begin_ = 0, count_ = 0;
};

}  // namespace

Status keep_picture_tags(std::span<std::byte> file) {
  Directory directory(file);
  for (std::size_t i = 0; i < directory.count(); ++i) {
    if (directory.tag(i) == kSampleFormat && directory.first_number(i, kUnsigned) != kUnsigned)
      return Error(ErrorKind::unsupported, "TIFF samples that are signed or floats");
    if (directory.tag(i) == kOrientation && directory.first_number(i, kTopLeft) != kTopLeft)
      return Error(ErrorKind::unsupported,
                   "a TIFF that is to be turned (orientation " + std::to_string(directory.first_number(i, kTopLeft)) + ")");
  }
  directory.keep(kOfPixels);
  return {};
}

}  // namespace bagloom::media
