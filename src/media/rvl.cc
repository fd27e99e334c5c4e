#include "media/rvl.h"

#include <string>

#include "base/cursor.h"
#include "media/raw_picture.h"

namespace bagloom::media {
namespace {

constexpr std::size_t kHeaderBytes = 8;

/// Numbers out of nibbles: 32-bit little-endian words, each from its most significant nibble down; three bits a nibble, the
/// lowest first, and one that says whether another follows.
class Nibbles {
 public:
  explicit Nibbles(Bytes words) : words_(words) {}

  Result<std::uint32_t> number() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 3) {
      if (left_ == 0) {
        if (words_.size() - at_ < 4) return Error(ErrorKind::corrupt, "RVL: the stream ends early");
        word_ = Cursor::load<std::uint32_t>(words_.subspan(at_));
        at_ += 4;
        left_ = 8;
      }
      const std::uint32_t nibble = word_ >> 28;
      word_ <<= 4;
      --left_;
      value |= (nibble & 7) << shift;
      if ((nibble & 8) == 0) return value;
    }
    return Error(ErrorKind::corrupt, "RVL: a number of more than 32 bits");
  }

 private:
  Bytes words_;
  std::size_t at_ = 0;
  std::uint32_t word_ = 0;
  int left_ = 0;
};

/// Pixels in reading order, row by row.
class Pixels {
 public:
  explicit Pixels(Picture& picture) : picture_(picture), left_(std::uint64_t{picture.width()} * picture.height()) { next_row(); }
  std::uint64_t left() const { return left_; }
  void put(std::uint16_t value) {
    row_[x_] = value;
    --left_;
    if (++x_ == picture_.width()) {
      x_ = 0;
      ++y_;
      if (left_ > 0) next_row();
    }
  }

 private:
  void next_row() {
    row_ = reinterpret_cast<std::uint16_t*>(picture_.plane(0) + static_cast<std::ptrdiff_t>(y_) * picture_.stride(0));
  }
  Picture& picture_;
  std::uint64_t left_;
  std::uint16_t* row_ = nullptr;
  std::uint32_t x_ = 0, y_ = 0;
};

}  // namespace

Result<RvlHeader> read_rvl_header(Bytes rvl) {
  Cursor at(rvl);
  RvlHeader header;
  ASSIGN_OR_RETURN(header.width, at.u32());
  ASSIGN_OR_RETURN(header.height, at.u32());
  RETURN_IF_ERROR(check_size(header.width, header.height));
  return header;
}

Status decode_rvl(Bytes rvl, Picture& out) {
  ASSIGN_OR_RETURN(const RvlHeader header, read_rvl_header(rvl));
  RETURN_IF_ERROR(out.reshape(PixelFormat::gray16, header.width, header.height));
  Nibbles nibbles(rvl.subspan(kHeaderBytes));
  Pixels pixels(out);
  std::uint16_t previous = 0;
  while (pixels.left() > 0) {
    ASSIGN_OR_RETURN(const std::uint32_t zeros, nibbles.number());
    if (zeros > pixels.left())
      return Error(ErrorKind::corrupt, "RVL: more pixels than " + std::to_string(pixels.left()) + " left");
    for (std::uint32_t i = 0; i < zeros; ++i) pixels.put(0);
    ASSIGN_OR_RETURN(const std::uint32_t values, nibbles.number());
    if (values > pixels.left())
      return Error(ErrorKind::corrupt, "RVL: more pixels than " + std::to_string(pixels.left()) + " left");
    for (std::uint32_t i = 0; i < values; ++i) {
      ASSIGN_OR_RETURN(const std::uint32_t code, nibbles.number());
      const std::uint32_t delta = code >> 1 ^ (0u - (code & 1));
      previous = static_cast<std::uint16_t>(previous + delta);
      pixels.put(previous);
    }
    // Neither zeros nor values would go on for ever.
    if (zeros == 0 && values == 0) return Error(ErrorKind::corrupt, "RVL: an empty run");
  }
  return {};
}

}  // namespace bagloom::media
