// test_dataset_sample ROOT CODEC WIDTH ROWS...: writes the sample dataset for dataset_sample_test.py.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "dataset/sample.h"
#include "media/quiet_libav.h"

int main(int argc, char** argv) {
  using namespace bagloom::dataset;
  if (argc < 5) return 2;
  bagloom::media::quiet_libav();
  const std::string root = argv[1];
  SampleOptions options;
  options.codec = argv[2];
  options.width = static_cast<std::uint32_t>(std::atoi(argv[3]));
  options.rows.clear();
  for (int i = 4; i < argc; ++i) options.rows.push_back(static_cast<std::uint64_t>(std::atoi(argv[i])));
  const std::string staging = root + ".staging";
  std::filesystem::create_directories(staging);
  const auto input = write_sample(staging, root, options);
  std::filesystem::remove_all(staging);
  if (!input.ok()) {
    std::fprintf(stderr, "%s\n", input.error().text().c_str());
    return input.error().kind() == bagloom::ErrorKind::unsupported ? 77 : 1;
  }
  return 0;
}
