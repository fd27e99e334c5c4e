// The experiment: every method in a process of its own, or all in one, measured and compared.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/heap_profile.h"
#include "bench/method.h"
#include "bench/run_method.h"
#include "bench/scratch_folder.h"
#include "convert/convert.h"
#include "memory/process_tree.h"

namespace bagloom::bench {

struct Job;

enum class Isolation { process, shared, both };

enum class Profile {
  none,
  stages,  ///< what each account, task and stage had at the highest sample
  heap,    ///< each method once more, under heaptrack; where that is not installed, the rows say so
};

struct BenchOptions {
  std::string bag;
  std::optional<recipe::Recipe> recipe;  ///< nothing: guessed
  std::vector<std::string> msg_paths;    ///< as recipe::definitions_in
  std::uint32_t threads = 0;             ///< 0: the cores that the process may use
  std::uint64_t memory_limit = 0;        ///< of `planned`; 0: none given
  std::vector<Method> methods;
  bool full_if_it_fits = false;  ///< `full` is skipped where it is predicted to need more than half of the available memory
  std::vector<Method> externals;
  std::uint32_t repeats = 1;
  Isolation isolation = Isolation::process;
  Profile profile = Profile::none;
  bool write = true;                     ///< false: nothing is encoded or written
  std::optional<std::uint64_t> ceiling;  ///< bytes that the kernel enforces on each method
  std::vector<double> lengths;           ///< of the recording: 1, 4, 16; each method runs on each, once
  std::string output_folder;             ///< the datasets stay here; empty: a folder that is removed
  std::vector<std::string> launch;       ///< the command that does a job; the job's path is appended
  std::uint64_t available_bytes = 0;     ///< of memory; 0: asked of the machine
  std::function<bool()> stop;

  struct Progress {
    std::string method;
    std::uint64_t rows = 0, of_rows = 0;  ///< 0: not known
    double seconds = 0;
    std::uint64_t resident_bytes = 0;
    std::uint32_t run = 0, runs = 0;
  };
  std::function<void(const Progress&)> progress;
  /// For tests: a finished dataset, before it is compared.
  std::function<void(const std::string& method, const std::string& folder)> finished;
};

struct TopicFacts {
  std::string topic, type, feature;
  std::uint64_t messages = 0;
  std::uint32_t width = 0, height = 0;  ///< cameras
};

struct Facts {
  std::string path;
  std::uint64_t bytes = 0, messages = 0, rows = 0, episodes = 0;
  double seconds = 0;
  std::vector<TopicFacts> topics;  ///< of the recipe
  std::string main_timeline, codec;
  double cached_share = -1;  ///< before the first method; negative: not known
  bool read_before = false;  ///< once, so that all methods find it in the cache
  std::uint64_t memory_bytes = 0, available_bytes = 0;
  std::uint32_t cores = 0, threads = 0;
  std::string kernel, cpu;
};

/// One run of one method.
struct Row {
  Method method;
  std::string isolation;  ///< "process", "shared", "external"
  std::uint32_t repeat = 1;
  std::string status = "ok";         ///< "ok", "failed", "skipped", "killed at 256 MiB"
  std::string error;                 ///< one line
  std::uint64_t smallest_limit = 0;  ///< bytes; failed because the memory limit is too small: the one that would do
  bool measured = false;             ///< the figures below are there
  double seconds = 0;
  bool has_stages = false;
  std::array<double, convert::kStageNames.size()> stages{};
  std::uint32_t threads = 0;
  std::optional<std::uint64_t> rows;
  std::uint64_t initial = 0, peak = 0, increase = 0;
  std::optional<std::uint64_t> tree_peak;  ///< from outside
  std::uint64_t file_bytes = 0;            ///< of the peak: pages of mapped files
  std::optional<std::uint64_t> predicted;
  std::string hash;  ///< empty: no dataset
  std::uint64_t dataset_bytes = 0;
  std::vector<MemoryPoint> timeline;
  std::string counters;  ///< which of the kernel's
  std::vector<std::string> may_have_missed;
  std::optional<StageProfile> stage_profile;
  std::optional<HeapProfile> heap_profile;  ///< of another run than the one that gave the row's figures

  bool ok() const { return status == "ok"; }
};

struct LengthPoint {
  double times = 1;
  std::uint64_t bytes = 0, rows = 0, peak = 0;
};
struct LengthSeries {
  Method method;
  std::vector<LengthPoint> points;
  std::optional<double> bytes_per_gigabyte, bytes_per_1000_rows;  ///< least squares; nothing of a single length
};

struct Comparison {
  std::string kind;  ///< "against_original", "chunk_sizes"
  std::string isolation, name, other;
  double less_by_increase = 0, less_by_peak = 0, times_as_fast = 0;  ///< shares of other's: 0.97 is 97 % less
  std::string text;
};

struct Spread {
  std::string name, isolation;
  std::uint32_t count = 0;
  double seconds[3] = {};  ///< minimum, median, maximum
  std::uint64_t increase[3] = {}, peak[3] = {};
};

struct BenchReport {
  Facts facts;
  BenchOptions options;
  std::vector<Row> rows;
  std::vector<Comparison> comparisons;
  std::vector<Spread> repeats;
  bool datasets_compared = false;
  std::string difference;  ///< where two datasets differ; empty: they are the same
  std::vector<LengthSeries> lengths;
  std::vector<std::string> notes;

  /// No method failed, and all datasets are the same.
  bool good() const;
  /// The memory limit that would have done, where that is all that went wrong; else 0.
  std::uint64_t smallest_limit() const;
};

/// Prepared: the recording is planned and what will run is known.
class Bench {
 public:
  /// Errors: those of convert::plan; over_limit where the datasets will not fit on the disk.
  static Result<Bench> prepare(BenchOptions options);

  const Facts& facts() const { return report_.facts; }
  const std::vector<Row>& planned_rows() const { return planned_; }

  /// A method that fails is a row. Errors: stopped, io (of the harness itself).
  Result<BenchReport> run();

 private:
  explicit Bench(BenchOptions options) : options_(std::move(options)) {}
  Status examine();
  Status check_disk();
  void choose();
  std::optional<std::uint64_t> predict(const Method& method) const;
  Status run_alone(Row row);
  Result<Row> measure_alone(Row row, const std::string& bag, const std::string& files, const std::string& output);
  Job job_for(const Row& row, const std::string& bag, const std::string& files, const std::string& output) const;
  Status add_heap_profile(Row& row);
  Status run_lengths();
  Status run_shared();
  void take_result(Row& row, const std::string& result_path);
  Status take_dataset(Row& row, const std::string& folder);
  std::string output_of(const Row& row) const;
  std::uint64_t options_threads() const;
  memory::Order watch(const Row& row, const std::string& files, const memory::TreeProgress& now) const;
  void note(const std::string& text);
  void note_damage(const std::vector<convert::Loss>& losses);
  void note_ceiling(const memory::TreeUse& use);

  BenchOptions options_;
  BenchReport report_;
  std::vector<Row> planned_;  ///< what will run, or is skipped
  std::string recipe_yaml_;
  std::vector<std::string> recording_files_;
  std::uint64_t base_bytes_ = 0, task_bytes_ = 0, all_held_bytes_ = 0, expected_peak_ = 0;  ///< for predictions
  TimeNs period_ = 0;                                                                       ///< of rows
  std::uint64_t expected_output_ = 0, expected_staging_ = 0;
  std::size_t cameras_ = 0;
  std::optional<ScratchFolder> scratch_;
  std::string folder_;     ///< of datasets
  std::string reference_;  ///< the dataset that the others are held against
  std::string reference_name_;
  std::string reference_hash_;
  std::uint32_t run_ = 0, runs_ = 0;
};

/// Fills comparisons and repeats from the rows. "original": `full`, or the first external method where full did not run.
void compare_rows(BenchReport& report);

/// docs/bench.md, "The JSON".
std::string to_json(const BenchReport& report);

}  // namespace bagloom::bench
