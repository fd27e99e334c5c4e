// Micro-benchmarks of the hot pieces; benchmarks/README.md says how to compare two builds. Exit status 1 where one failed: the
// library itself would exit with 0.
#include "measured.h"
#include "media/quiet_libav.h"

int main(int argc, char** argv) {
  bagloom::media::quiet_libav();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const std::size_t ran = benchmark::RunSpecifiedBenchmarks();
  return ran == 0 || bagloom::micro::failed ? 1 : 0;
}
