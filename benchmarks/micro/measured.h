// What the micro-benchmarks share: an error ends a benchmark with its text, never with a figure.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace bagloom::micro {

/// Whether any benchmark ended with an error.
inline bool failed = false;

/// False, with the benchmark marked as failed, where there is an error.
template <class Outcome>
bool good(benchmark::State& state, const Outcome& outcome) {
  if (outcome.ok()) return true;
  state.SkipWithError(outcome.error().text().c_str());
  failed = true;
  return false;
}

/// A rate in the report: `per_iteration` of `what` a second.
inline void count(benchmark::State& state, const char* what, std::uint64_t per_iteration) {
  state.counters[what] = benchmark::Counter(static_cast<double>(per_iteration) * static_cast<double>(state.iterations()),
                                            benchmark::Counter::kIsRate);
}

/// A folder that goes with the process.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "bagloom_micro.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace bagloom::micro
