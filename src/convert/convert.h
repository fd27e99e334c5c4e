// Recordings and a recipe become one dataset; or a plan of it. The two entry points of the library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "convert/loss_kind.h"
#include "msg/definition_set.h"
#include "recipe/recipe.h"

namespace bagloom::convert {

class StageSeconds;
class UnitsMaker;

/// What a front end shows while work goes on. All counts are totals of the job so far.
struct ProgressState {
  std::uint64_t rows_done = 0;     ///< rows whose pictures and numbers are staged (camera rows / cameras)
  std::uint64_t rows_planned = 0;  ///< of the recordings planned so far
  std::uint64_t recordings_done = 0, recordings = 0;
  double share = 0;    ///< 0..1 of the whole job, by bytes of recordings for those not planned yet
  double seconds = 0;  ///< since the start
  std::uint64_t resident_bytes = 0;
  std::uint32_t tasks_running = 0;
  std::string activity;  ///< "planning run_07.bag", "encoding", "writing videos/..."
};

struct Options {
  std::vector<std::string> bags;         ///< in the order of the episodes
  std::string output;                    ///< the dataset's folder; plan may leave it empty
  std::optional<recipe::Recipe> recipe;  ///< nothing: guessed from the first readable recording
  /// Of messages that the recordings do not define; null: the built-in ones.
  std::shared_ptr<const msg::DefinitionSet> definitions;
  std::uint32_t threads = 0;       ///< 0: the cores that the process may use
  std::uint64_t memory_limit = 0;  ///< bytes; 0: none given
  std::uint64_t data_file_mib = 100, video_file_mib = 200, chunks_size = 1000;
  bool overwrite = false;                              ///< replace an OUT that bagloom made
  bool restart = false;                                ///< throw away an unfinished job of other settings
  bool check_pictures = false;                         ///< copy: decode every picture
  bool hash_inputs = false;                            ///< identities by content
  std::function<void(const ProgressState&)> progress;  ///< called a few times a second, from one thread at a time
  std::function<void(const std::string&)> warn;        ///< lines that the user should see before the work; also in Report::notes
  std::function<bool()> stop;                          ///< true: end soon, consistent (Error stopped)

  // For measuring (bench); none of them changes the dataset.
  StageSeconds* stages = nullptr;     ///< gets the seconds of each stage
  std::shared_ptr<UnitsMaker> maker;  ///< makes a recording's units in place of the pool's tasks
  bool write = true;                  ///< false: nothing is encoded or written, `output` stays as it is
  /// The process's peak resident memory before its high-water mark was set back; 0: it was not. The layout takes the larger of
  /// this and the mark: a limit holds for the whole process.
  std::uint64_t start_peak_bytes = 0;
};

/// Something that was lost or made up: held rows, unusable messages, damage of a file, episodes and rows left out.
struct Loss {
  std::string recording;
  LossKind kind = LossKind::damage;
  std::string topic;                       ///< empty where it concerns none
  std::string feature;                     ///< one of `features`: of unusable messages one that could not read them
  std::uint64_t count = 0;                 ///< messages or rows, each once
  std::optional<std::uint64_t> offset;     ///< in the file
  std::optional<TimeNs> time_ns;           ///< receive time of the (first) message
  std::string text;                        ///< for people, one line
  std::string reason = {};                 ///< of a message that cannot be used, without where it stands
  std::vector<std::string> features = {};  ///< all that lose by it: of unusable messages all that take the topic
};

struct Failure {
  std::string recording;
  std::string error;  ///< one line
  ErrorKind kind = ErrorKind::corrupt;
};

/// Who needs what of the memory limit (bytes).
struct MemoryAccount {
  std::string name;
  std::uint64_t bytes = 0;
};
/// What memory still grows with: counted in the account `plan`, and small.
struct MemoryGrowth {
  std::uint64_t row_bytes = 0;      ///< a row of the longest recording, while it is planned
  std::uint64_t chunk_bytes = 0;    ///< a chunk of an open recording
  std::uint64_t episode_bytes = 0;  ///< an episode, until the end
};
struct MemoryLayout {
  std::uint64_t limit = 0;  ///< given or chosen
  bool limit_given = false;
  std::vector<MemoryAccount> accounts;  ///< base, code, threads, plan, chunk cache: held all the time
  std::uint64_t largest_task = 0;
  std::string largest_task_name;
  std::uint64_t assembly = 0;    ///< reserved while a data file is written, as a task's bytes are; an mp4 takes less
  std::uint64_t files = 0;       ///< what files that are written at once, after all tasks, may reserve together
  std::uint64_t start_peak = 0;  ///< measured: what loading the libraries took, before the first row
  std::uint32_t tasks_at_once = 0;
  std::uint32_t threads = 0;
  std::uint64_t expected_peak = 0;      ///< of the whole run; at most the limit
  std::uint64_t smallest_limit = 0;     ///< one task at once
  std::uint64_t all_threads_limit = 0;  ///< the smallest that lets as many tasks run as there are threads
  MemoryGrowth growth;
};

/// What a run took of its accounts. Samples are taken whenever a task ends, and ten times a second.
struct MemoryUse {
  std::uint64_t base_anonymous = 0, base_file = 0;        ///< at the layout
  std::uint64_t sampled_anonymous = 0, sampled_file = 0;  ///< the largest samples
  std::uint64_t samples = 0;
  std::uint64_t tasks_reserved = 0;  ///< most bytes of tasks and assembly that were reserved at once
  std::uint64_t tasks_at_once = 0;   ///< most that ran
  std::uint64_t chunks = 0;          ///< compressed ones of all recordings
  std::uint64_t inflations = 0;      ///< of them; more than chunks: messages of one block of rows stand far apart in the file
};

/// `copy` of a camera whose topic is video: its packets go into the dataset as they were recorded, or its pictures are encoded
/// again.
struct PassThrough {
  std::string feature, topic;
  bool passed = false;
  std::string reason;  ///< why not; empty where it is passed
};

struct Report {
  std::string dataset;
  std::uint64_t episodes = 0, rows = 0;
  double seconds = 0;
  double statistics_seconds = 0;  ///< copy: thread seconds that decoding pictures for the statistics took, within `seconds`
  std::uint64_t peak_bytes = 0;   ///< VmHWM of this process
  std::uint64_t dataset_bytes = 0;
  std::vector<Loss> losses;
  std::vector<Failure> failed;  ///< recordings that gave nothing because they could not be read or did not fit the recipe
  std::uint64_t rejected = 0;   ///< recordings that gave no episode by the recipe's gap rule (also in losses)
  std::uint64_t recordings = 0;
  MemoryLayout memory;
  MemoryUse memory_use;
  recipe::Recipe recipe;  ///< effective
  bool recipe_guessed = false;
  std::vector<std::string>
      notes;  ///< lines for the user: resized cameras, several mp4s a camera, topics left out, the speed line
  std::vector<PassThrough> pass_through;  ///< video topics under `copy`
  bool already_done = false;              ///< OUT was complete before
};

/// Makes the dataset. On Error nothing is in `output` that was not there before; an interrupted job goes on when called again
/// with the same options (threads, limit and progress may differ). Errors: invalid (recipe, OUT not bagloom's), over_limit
/// (memory: with smallest_limit_bytes; disk), temporary (locked, disk full), stopped, unreadable or corrupt (no recording could
/// be converted; then the first one's kind), io.
Result<Report> convert(const Options& options);

struct PlannedFeature {
  std::string feature, topic, rule;  ///< rule: "nearest within 33.3 ms", "hold"
  std::uint64_t matched = 0, held = 0, absent = 0;
  TimeNs skew_p50 = 0, skew_p99 = 0, skew_max = 0;
};
struct PlannedRecording {
  std::string recording;
  std::uint64_t episodes = 0, rows = 0, ticks = 0, trimmed_start = 0, trimmed_end = 0, held = 0;
  std::string rejected;                  ///< the reason, or empty
  std::vector<PlannedFeature> features;  ///< one a topic of a feature
};
/// What a limit buys.
struct LimitChoice {
  std::uint64_t limit = 0;
  std::uint32_t tasks_at_once = 0;
  std::uint64_t expected_peak = 0;
  double expected_seconds = 0;  ///< an estimate (ExpectedTime)
};
/// What `expected_seconds` rests on.
struct TimeBasis {
  std::uint64_t pictures = 0;   ///< timed while planning
  double serial_seconds = 0;    ///< start, planning, writing files: one after the other
  double parallel_seconds = 0;  ///< tasks: seconds of one core
  std::uint32_t cores = 0;      ///< that the process may use
};
struct PlanReport {
  std::vector<PlannedRecording> recordings;
  std::vector<Failure> failed;
  std::vector<Loss> losses;  ///< known without reading payloads, but for names on shared topics
  MemoryLayout memory;
  std::vector<LimitChoice> limits;  ///< 1, 2, 4 ... tasks at once, up to the threads; the first is the smallest limit
  TimeBasis time;
  std::uint64_t episodes = 0, rows = 0;
  std::uint64_t output_bytes = 0, staging_bytes = 0, unpacked_bytes = 0,
                free_bytes = 0;  ///< expected; free: of OUT's file system, 0 without OUT
  recipe::Recipe recipe;
  bool recipe_guessed = false;
  std::vector<std::string> notes;
  std::vector<PassThrough> pass_through;  ///< video topics under `copy`
};

/// What convert would do. Reads indexes, first messages, topics that several publishers share whole; writes nothing.
Result<PlanReport> plan(const Options& options);

}  // namespace bagloom::convert
