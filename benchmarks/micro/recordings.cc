// Indexes of recordings in memory, the plan made of them, and the decompressors.
#include <vector>

#include "align/plan_builder.h"
#include "bag/bag_reader.h"
#include "bag/deflate.h"
#include "bag/inflate.h"
#include "measured.h"
#include "synth/synth.h"

namespace {

using namespace bagloom;

/// 20 s with small pictures and two joint topics at 500 Hz: about 20,000 messages.
const std::vector<std::byte>& recording() {
  static const std::vector<std::byte> bytes = [] {
    const micro::TemporaryFolder folder;
    synth::SynthOptions options;
    options.cameras = 1;
    options.width = 160;
    options.height = 120;
    options.camera_hz = 5;
    options.joint_hz = 500;
    const std::string path = folder.file("micro.bag");
    if (!synth::write_synth_bag(path, options).ok()) std::abort();
    const auto file = open_file(path);
    std::vector<std::byte> content((*file)->size());
    if (!(*file)->read_exactly(0, content).ok()) std::abort();
    return content;
  }();
  return bytes;
}

void open_recording(benchmark::State& state) {
  std::uint64_t messages = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto source = std::make_unique<MemorySource>("micro.bag", recording());
    state.ResumeTiming();
    const auto reader = bag::open_bag(std::move(source), {});
    if (!micro::good(state, reader)) return;
    messages = (*reader)->info().messages;
  }
  micro::count(state, "messages", messages);
}
BENCHMARK(open_recording)->Unit(benchmark::kMicrosecond);

void scan_index(benchmark::State& state) {
  const auto reader = bag::open_bag(std::make_unique<MemorySource>("micro.bag", recording()), {});
  if (!micro::good(state, reader)) return;
  const bag::ConnectionSet all((*reader)->info().connections.size(), true);
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const Status scanned = (*reader)->scan(all, [&](const bag::IndexedMessage& message) -> Status {
      bytes += message.bytes;
      return {};
    });
    if (!micro::good(state, scanned)) return;
  }
  benchmark::DoNotOptimize(bytes);
  micro::count(state, "messages", (*reader)->info().messages);
}
BENCHMARK(scan_index)->Unit(benchmark::kMicrosecond);

/// 600 rows of three columns, 50 messages a row.
void build_plan(benchmark::State& state) {
  constexpr std::uint32_t kColumns = 3;
  constexpr std::uint64_t kTicks = 600, kMessages = 50 * kTicks;
  std::vector<TimeNs> ticks;
  for (std::uint64_t tick = 0; tick < kTicks; ++tick) ticks.push_back(static_cast<TimeNs>(tick) * 100'000'000);
  std::vector<align::Column> columns(kColumns);
  for (align::Column& column : columns) column.tolerance = 20'000'000;
  for (auto _ : state) {
    align::PlanBuilder builder(ticks, columns);
    for (std::uint64_t n = 0; n < kMessages; ++n) {
      const MessageRef message{static_cast<TimeNs>(n) * 2'000'000, n, 0, 0};
      if (!micro::good(state, builder.offer(static_cast<std::uint32_t>(n % kColumns), message))) return;
    }
    auto cells = std::move(builder).finish();
    benchmark::DoNotOptimize(cells);
  }
  micro::count(state, "messages", kMessages);
}
BENCHMARK(build_plan)->Unit(benchmark::kMicrosecond);

void inflate_chunk(benchmark::State& state) {
  const auto compression = state.range(0) == 0 ? bag::Compression::lz4 : bag::Compression::bz2;
  const Bytes first = Bytes(recording()).first(std::min<std::size_t>(recording().size(), 1 << 20));
  auto packed = bag::deflate(compression, first);
  if (!micro::good(state, packed)) return;
  const std::uint64_t stored = packed->size();
  const MemorySource source("chunk", std::move(*packed));
  for (auto _ : state) {
    const auto bytes = bag::inflate(source, {compression, 0, stored, first.size(), false});
    if (!micro::good(state, bytes)) return;
    benchmark::DoNotOptimize(bytes->data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(first.size()) * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(inflate_chunk)->ArgName("bz2")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
