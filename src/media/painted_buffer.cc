#include "media/painted_buffer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace bagloom::media {
namespace {

// 4x4 samples of 8 bits, over and over: neighbours far from each other. Deblocking changes three samples beside a block that was
// decoded, so that of 8x8 unwritten ones between such blocks a whole tile stays; the sample adaptive offset adds at most 7.
constexpr int kSide = 4, kOffset = 7;
constexpr std::array<std::array<std::uint8_t, kSide>, kSide> kTile = {
    {{29, 211, 97, 163}, {187, 53, 229, 31}, {71, 149, 17, 239}, {223, 41, 179, 83}}};

int shift_of(const AVFrame& frame) {
  const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  return layout == nullptr ? 0 : std::max(0, layout->comp[0].depth - 8);
}

template <typename Sample>
void paint(const AVFrame& frame, int shift) {
  std::array<Sample, kSide> colours{};
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < kSide; ++x)
      colours[static_cast<std::size_t>(x)] =
          static_cast<Sample>(kTile[static_cast<std::size_t>(y % kSide)][static_cast<std::size_t>(x)] << shift);
    std::uint8_t* row = frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0];
    for (int x = 0; x + kSide <= frame.width; x += kSide)
      std::memcpy(row + std::ptrdiff_t{x} * sizeof(Sample), colours.data(), sizeof colours);
  }
}

template <typename Sample>
bool is_painted(const std::uint8_t* corner, int stride, int shift) {
  for (int y = 0; y < kSide; ++y) {
    std::array<Sample, kSide> samples{};
    std::memcpy(samples.data(), corner + std::ptrdiff_t{y} * stride, sizeof samples);
    for (int x = 0; x < kSide; ++x)
      if (std::abs(samples[static_cast<std::size_t>(x)] -
                   (kTile[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] << shift)) > kOffset << shift)
        return false;
  }
  return true;
}

template <typename Sample>
bool find_painted(const AVFrame& frame, int shift) {
  // The plane begins with its buffer; what is shown of it may not (cropping).
  const std::ptrdiff_t shown = frame.data[0] - frame.buf[0]->data;
  const int top = static_cast<int>(shown / frame.linesize[0]);
  const int left = static_cast<int>(shown % frame.linesize[0] / static_cast<std::ptrdiff_t>(sizeof(Sample)));
  for (int y = top - top % kSide; y + kSide <= top + frame.height; y += kSide)
    for (int x = left - left % kSide; x + kSide <= left + frame.width; x += kSide)
      if (is_painted<Sample>(frame.buf[0]->data + std::ptrdiff_t{y} * frame.linesize[0] + std::ptrdiff_t{x} * sizeof(Sample),
                             frame.linesize[0], shift))
        return true;
  return false;
}

}  // namespace

int painted_buffer(AVCodecContext* context, AVFrame* frame, int flags) {
  const int code = avcodec_default_get_buffer2(context, frame, flags);
  if (code < 0) return code;
  const int shift = shift_of(*frame);
  shift == 0 ? paint<std::uint8_t>(*frame, shift) : paint<std::uint16_t>(*frame, shift);
  return code;
}

bool has_unwritten_block(const AVFrame& frame) {
  const int shift = shift_of(frame);
  return shift == 0 ? find_painted<std::uint8_t>(frame, shift) : find_painted<std::uint16_t>(frame, shift);
}

}  // namespace bagloom::media
