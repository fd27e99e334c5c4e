// One recording from its plan to its record: plan, tasks, at most three re-plans without unusable messages, statistics.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "convert/job_setup.h"
#include "convert/names_pass.h"
#include "convert/pool.h"
#include "convert/recording_plan.h"
#include "convert/records.h"
#include "convert/staging.h"
#include "convert/stream_room.h"
#include "convert/task_order.h"
#include "convert/unit_builder.h"

namespace bagloom::convert {

/// Lives on the thread that owns the pool; its jobs on the pool's threads touch only what they were given.
class RecordingRun {
 public:
  RecordingRun(const JobSetup& setup, Staging& staging, Pool& pool, bag::ChunkCache& cache, std::uint32_t number,
               const Options& options);

  /// Opens, plans, adds jobs. What concerns this recording alone becomes its record; an Error concerns the whole job.
  Status start();

  bool finished() const { return finished_; }
  const RecordingRecord& record() const { return record_; }
  std::uint64_t rows_planned() const { return rows_planned_; }
  /// Camera rows and number rows staged, in rows of all cameras.
  double rows_done() const;
  /// Thread seconds that tasks of their own took for the statistics of copied pictures.
  double sample_seconds() const { return sample_seconds_; }

 private:
  struct EpisodeProgress {
    EpisodeRecord record;
    align::EpisodeRows rows;
  };

  Status index_streams_of(Recording& recording);
  Status plan_and_queue();
  Result<bool> check_packets(const RecordingPlan& plan);
  void fail_packets(const CameraOutput& camera, const std::string& why);
  void queue_tasks(const align::PlanOutcome& outcome);
  void queue_maker(std::vector<Piece> pieces);
  void queue_stretch(std::size_t episode, const TaskRows& rows, std::size_t slot);
  void queue_tasks_of(std::size_t episode, const TaskRows& rows, std::size_t slot);
  /// For a profile; empty where none is made.
  std::string name_of(const char* what, std::optional<std::uint32_t> camera, const TaskRows& rows) const;
  void queue_task(std::size_t episode, const TaskRows& rows, std::optional<std::uint32_t> camera, std::size_t slot);
  void queue_samples(std::size_t episode, const TaskRows& rows, std::uint32_t camera);
  /// `slot`: where the unit belongs; nothing for tasks that leave none.
  Status task_ended(std::size_t episode, std::optional<std::uint32_t> camera, std::optional<std::size_t> slot, std::uint64_t rows,
                    Result<UnitOutcome>& result);
  Status all_tasks_ended();
  Status mend(bool all = false);
  void forget_unusable();
  void exclude_unusable();
  Status find_more_unusable();
  Status look_through_topics_of(const std::set<std::uint32_t>& columns);
  Status look_at_names();
  Status check_camera_sizes();
  void queue_statistics();
  Status write_record();
  void add_damage();
  void fail(const Error& error);

  const JobSetup& setup_;
  Staging& staging_;
  Pool& pool_;
  bag::ChunkCache& cache_;
  const std::uint32_t number_;
  const Options& options_;

  std::shared_ptr<RecordingWork> work_;
  StreamRoom room_;
  Excluded excluded_;
  std::vector<Unusable> unusable_;  ///< of this round
  /// Of this round too: messages behind those that a report lists, by locator, and what it says of them, by topic. Another
  /// publisher's are half of a topic.
  std::vector<std::uint64_t> more_unusable_;
  std::map<std::string, Loss> more_losses_;
  NamesPass names_;                    ///< of this round: what is of no use to some columns of its topic
  std::vector<Loss> unusable_losses_;  ///< of all rounds
  std::set<std::uint32_t> searched_;   ///< columns whose topic was looked through for more
  int round_ = 0;
  std::optional<TaskOrder> order_;  ///< of this round's tasks
  std::vector<EpisodeProgress> episodes_;
  std::vector<Loss> plan_losses_;
  TopicMismatches mismatches_;  ///< of this round's units
  std::size_t tasks_left_ = 0;
  std::uint64_t rows_planned_ = 0;
  std::uint64_t task_rows_done_ = 0, task_rows_ = 0;
  std::shared_ptr<std::atomic<std::uint64_t>> made_;  ///< by options_.maker, while it works
  double sample_seconds_ = 0;
  std::optional<Error> failed_;
  bool finished_ = false;
  RecordingRecord record_;
};

/// "recording-000012.json"
std::string record_name(std::uint32_t recording);

}  // namespace bagloom::convert
