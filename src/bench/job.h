// What a process of its own is told to do, and how it says what came of it: files in a folder.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/method.h"
#include "bench/run_method.h"

namespace bagloom::bench {

/// One or several methods, one after another in the process that calls run_job.
struct Job {
  struct Part {
    Method method;
    std::string output;  ///< the dataset's folder; nothing stands there
    std::string result;  ///< a file
  };
  std::vector<Part> parts;
  std::string bag;
  std::string recipe;  ///< YAML, complete
  std::vector<std::string> msg_paths;
  std::uint32_t threads = 0;
  std::uint64_t memory_limit = 0;
  bool write = true;
  PeakFrom peak = PeakFrom::mark;
  bool profile = false;  ///< who had the memory at the highest sample
  std::string progress;  ///< a file that gets the rows done as text
};

Status write_job(const std::string& path, const Job& job);
/// Reads the job and does it. A method that fails is told in its result and ends nothing. Errors: of the files; stopped.
Status run_job(const std::string& path, const std::function<bool()>& stop);

/// What a part's result file says; an Error (internal) too where it is not there: the process died.
Result<MethodRun> read_result(const std::string& path);
std::uint64_t read_progress(const std::string& path);

}  // namespace bagloom::bench
