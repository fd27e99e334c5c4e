// Runs a harness over files instead of over a fuzzer's inputs: each file of each folder given, after an empty input.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    std::error_code none;
    if (std::filesystem::is_regular_file(argv[i], none)) files.emplace_back(argv[i]);
    for (std::filesystem::directory_iterator entry(argv[i], none), end; !none && entry != end; entry.increment(none)) {
      if (entry->is_regular_file()) files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  if (LLVMFuzzerTestOneInput(nullptr, 0) != 0) return 1;
  for (const auto& path : files) {
    std::printf("%s\n", path.filename().c_str());  // the last one printed is the one that crashed
    std::fflush(stdout);
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    // A copy of exactly this size, so that the address sanitizer sees reads behind its end.
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    if (LLVMFuzzerTestOneInput(exact.data(), exact.size()) != 0) return 1;
  }
  std::printf("%zu inputs replayed\n", files.size());
  return 0;
}
