// One method under heaptrack: a run of its own, beside the one that is measured.
#include <filesystem>

#include "bench/bench_parts.h"
#include "convert/durable_files.h"

namespace bagloom::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostPrinted = 64 << 20;

/// heaptrack does not see memalign, which libx264 takes nearly all of its memory with; this library turns it into aligned_alloc.
std::string preload_beside(const std::string& program) {
  for (const char* folder : {".", "../lib"}) {
    const fs::path library = fs::path(program).parent_path() / folder / "libbagloom_memalign.so";
    if (convert::exists(library.string())) return fs::absolute(library).lexically_normal().string();
  }
  return "";
}

/// Not traced: nothing of this run is measured, and tracing would slow it further. An empty text: it went well.
std::string run_quietly(memory::MeasuredCommand command, const std::string& files) {
  command.stdin_path = "/dev/null";
  command.stderr_path = files + ".err";
  command.trace = false;
  const auto use = memory::run_measured(command);
  if (!use) return use.error().text();
  if (!use->signal && use->exit_code.value_or(1) == 0) return "";
  const std::string said = last_line(files + ".err");
  return command.argv.front() + " failed" + (said.empty() ? "" : ": " + said);
}

}  // namespace

HeapProfile profile_heap(const HeapRun& run) {
  HeapProfile profile;
  const auto failed = [&](std::string error) {
    profile.error = std::move(error);
    return profile;
  };
  memory::MeasuredCommand record;
  record.argv = {"heaptrack", "-o", run.files};
  record.argv.insert(record.argv.end(), run.command.begin(), run.command.end());
  record.stdout_path = run.files + ".out";
  record.on_progress = run.on_progress;
  const std::string preload = preload_beside(run.command.front());
  if (!preload.empty()) record.environment = {"LD_PRELOAD=" + preload};
  if (std::string error = run_quietly(std::move(record), run.files); !error.empty()) return failed(std::move(error));

  // Its name says how it was compressed.
  std::string recorded;
  for (const char* ending : {".zst", ".gz"})
    if (convert::exists(run.files + ending)) recorded = run.files + ending;
  if (recorded.empty()) return failed("heaptrack left no recording");
  memory::MeasuredCommand print;
  print.argv = {"heaptrack_print", "-f", recorded, "-m", "0", "-n", "1000", "-a", "0", "-T", "0"};
  print.stdout_path = run.files + ".printed";
  print.on_progress = run.on_progress;
  std::string error = run_quietly(std::move(print), run.files);
  (void)convert::remove_file(recorded).ok();
  if (!error.empty()) return failed(std::move(error));
  const auto printed = convert::read_small_file(run.files + ".printed", kMostPrinted);
  if (!printed) return failed(printed.error().text());
  auto read = read_heaptrack(*printed);
  if (!read) return failed(read.error().text());
  profile = std::move(*read);
  profile.sees_memalign = !preload.empty();
  return profile;
}

}  // namespace bagloom::bench
