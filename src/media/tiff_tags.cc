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
constexpr std::uint16_t kShort = 3, kLong = 4;
constexpr std::uint16_t kWidth = 256, kHeight = 257, kBits = 258, kPhotometric = 262, kOrientation = 274, kSamples = 277,
                        kSampleFormat = 339;
constexpr std::uint32_t kUnsigned = 1, kTopLeft = 1;

// Sizes, layout and compression of the samples, and where they stand (TIFF 6.0, section 8 and part 2).
constexpr std::array<std::uint16_t, 24> kOfPixels = {254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284,
                                                     292, 293, 317, 320, 322, 323, 324, 325, 347, 529, 530, 532};

/// The first directory's entries, none where it does not lie in the file.
class Directory {
 public:
  explicit Directory(Bytes file) : file_(file) {
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

  /// The first of the tag's numbers, SHORTs or a LONG; `otherwise` where there is no such tag or it makes no sense.
  std::uint32_t number(std::uint16_t tag_wanted, std::uint32_t otherwise) const {
    std::size_t i = 0;
    while (i < count_ && tag(i) != tag_wanted) ++i;
    if (i == count_) return otherwise;
    const std::uint16_t type = load<std::uint16_t>(entry(i) + 2);
    if (type == kLong) return load<std::uint32_t>(entry(i) + 8);
    if (type != kShort) return otherwise;
    const bool here = load<std::uint32_t>(entry(i) + 4) <= 2;
    const std::size_t at = here ? entry(i) + 8 : load<std::uint32_t>(entry(i) + 8);
    return at <= file_.size() - 2 ? load<std::uint16_t>(at) : otherwise;
  }

  std::size_t entry(std::size_t i) const { return begin_ + 2 + i * kEntry; }
  std::size_t begin() const { return begin_; }
  bool big() const { return order_ == std::endian::big; }

 private:
  template <class T>
  T load(std::size_t at) const {
    return Cursor::load<T>(file_.subspan(at), order_);
  }

  Bytes file_;
  std::endian order_ = std::endian::little;
  std::size_t begin_ = 0, count_ = 0;
};

}  // namespace

Result<TiffHeader> read_tiff_header(Bytes file) {
  const Directory directory(file);
  TiffHeader header;
  header.width = directory.number(kWidth, 0);
  header.height = directory.number(kHeight, 0);
  header.bits = directory.number(kBits, 1);
  header.samples = directory.number(kSamples, 1);
  header.photometric = directory.number(kPhotometric, 0);
  if (header.width == 0 || header.height == 0) return Error(ErrorKind::corrupt, "TIFF: no directory with a picture's sizes");
  return header;
}

Status keep_picture_tags(std::span<std::byte> file) {
  const Directory directory{Bytes(file)};
  if (directory.number(kSampleFormat, kUnsigned) != kUnsigned)
    return Error(ErrorKind::unsupported, "TIFF samples that are signed or floats");
  if (const std::uint32_t turned = directory.number(kOrientation, kTopLeft); turned != kTopLeft)
    return Error(ErrorKind::unsupported, "a TIFF that is to be turned (orientation " + std::to_string(turned) + ")");
  std::size_t kept = 0;
  for (std::size_t i = 0; i < directory.count(); ++i) {
    if (std::find(kOfPixels.begin(), kOfPixels.end(), directory.tag(i)) == kOfPixels.end()) continue;
    std::memmove(file.data() + directory.entry(kept++), file.data() + directory.entry(i), kEntry);
  }
  if (kept == directory.count()) return {};
  const auto high = static_cast<std::byte>(kept >> 8), low = static_cast<std::byte>(kept & 255);
  file[directory.begin()] = directory.big() ? high : low;
  file[directory.begin() + 1] = directory.big() ? low : high;
  // Where the next directory stands: there is none.
  std::memset(file.data() + directory.entry(kept), 0, 4);
  return {};
}

}  // namespace bagloom::media
