// Packets of a video topic from hostile bytes: the first byte names the codec, each packet has its length before it.
#include <cstddef>
#include <cstdint>

#include "allocation_cap.h"
#include "base/cursor.h"
#include "media/parameter_sets.h"
#include "media/stream_decoder.h"

namespace {

// Small pictures: what decoding costs grows with them, and the cap on them is tried too.
constexpr std::uint64_t kMaxPixels = 128 * 128;

/// Tables of libav's H.264 decoder (0.9 MB, in the parser once more) and of dav1d (2 MB), and up to 18 pictures of 64 pixels more
/// each way: 4 MiB, and 3 more of the second decoder where a stream has arithmetic codes (WholeSlices). Packets twice, in each.
constexpr bagloom::fuzz::Allowance kAllowance{"stream", 7u << 20, 12};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  using namespace bagloom;         // NOLINT: one function
  using namespace bagloom::media;  // NOLINT
  Cursor at({reinterpret_cast<const std::byte*>(data), size});
  const auto selector = at.u8();
  if (!selector) return 0;
  const auto codec = static_cast<StreamCodec>(1 + *selector % 3);
  auto parser = PacketParser::open(codec);
  auto decoder = StreamDecoder::open(codec, {kMaxPixels});
  if (!parser || !decoder) return 0;
  ParameterSets sets(codec);
  Picture picture;
  const auto take = [&](std::uint64_t pushed) {
    for (int i = 0; i < 100; ++i) {
      const auto next = decoder->next(picture);
      if (!next) continue;
      if (!*next) return;
      // Numbers are those of packets, nothing comes of damaged ones, and no picture is larger than allowed.
      if (**next > pushed || (decoder->damaged() && **next >= *decoder->damaged())) __builtin_trap();
      if (std::uint64_t{picture.width()} * picture.height() > kMaxPixels) __builtin_trap();
    }
  };
  for (std::uint64_t number = 0; at.remaining() > 2 && number < 40; ++number) {
    const auto length = *at.u16();
    const Bytes packet = *at.take(length < at.remaining() ? length : at.remaining());
    (void)stream_codec(packet, (*selector & 4) != 0 ? "av1" : "h264");
    (void)is_length_prefixed(packet);
    const PacketFacts facts = parser->parse(packet);
    sets.add(facts.sets);
    std::vector<std::byte> before;
    if (facts.picture) before = sets.before(facts.sets, facts.keyframe);
    if (before.size() > kMostParameterSetBytes || place_of_sets(codec, packet) > packet.size()) __builtin_trap();
    if (facts.keyframe && number > 0) {
      (void)decoder->finish();
      take(number);
      if (!decoder->restart()) return 0;
    }
    const bool pushed = decoder->push(packet, number, before).ok();
    if (!pushed && !decoder->damaged()) __builtin_trap();
    take(number);
  }
  (void)decoder->finish();
  take(40);
  return 0;
}
