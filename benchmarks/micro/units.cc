// Units as tasks stage them.
#include <vector>

#include "dataset/unit.h"
#include "measured.h"

namespace {

using namespace bagloom;

/// 4,096 rows of 28 numbers, into a file and back.
dataset::RowBlock block() {
  dataset::RowBlock made;
  made.width = 28;
  for (std::uint32_t i = 0; i < 28 * dataset::kMaxBlockRows; ++i) made.values.push_back(static_cast<float>(i) / 7);
  return made;
}

void write_rows(benchmark::State& state) {
  const micro::TemporaryFolder folder;
  const auto rows = block();
  for (auto _ : state) {
    if (!micro::good(state, dataset::write_row_block(folder.file("rows"), rows))) return;
  }
  micro::count(state, "rows", rows.rows());
}
BENCHMARK(write_rows)->Unit(benchmark::kMicrosecond);

void read_rows(benchmark::State& state) {
  const micro::TemporaryFolder folder;
  if (!micro::good(state, dataset::write_row_block(folder.file("rows"), block()))) return;
  for (auto _ : state) {
    const auto rows = dataset::read_row_block(folder.file("rows"));
    if (!micro::good(state, rows)) return;
    benchmark::DoNotOptimize(rows->values.data());
  }
  micro::count(state, "rows", dataset::kMaxBlockRows);
}
BENCHMARK(read_rows)->Unit(benchmark::kMicrosecond);

/// One segment of 64 packets of 20 kB, written and read once.
void segment_there_and_back(benchmark::State& state) {
  const micro::TemporaryFolder folder;
  const std::vector<std::byte> packet(20'000, std::byte{7});
  media::StreamParameters stream;
  stream.codec = "h264";
  stream.width = stream.height = 64;
  stream.fps = 10;
  stream.pix_fmt = "yuv420p";
  for (auto _ : state) {
    auto writer = dataset::SegmentWriter::create(folder.file("segment"));
    if (!micro::good(state, writer)) return;
    for (int i = 0; i < 64; ++i) {
      if (!micro::good(state, (*writer)->add({packet, i % 2 == 0}))) return;
    }
    if (!micro::good(state, (*writer)->finish(stream, {}))) return;
    auto reader = dataset::SegmentReader::open(folder.file("segment"));
    if (!micro::good(state, reader)) return;
    std::uint64_t bytes = 0;
    const Status visited = (*reader)->visit([&](const dataset::SegmentReader::Entry& entry) -> Status {
      bytes += entry.bytes;
      return {};
    });
    if (!micro::good(state, visited)) return;
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(64 * packet.size()) * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(segment_there_and_back)->Unit(benchmark::kMicrosecond);

}  // namespace
