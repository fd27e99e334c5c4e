// Episodes, in order, become the dataset's files: while tasks run, one file at a time; after them, as many as their memory
// allows. architecture.md section 1.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "convert/job_setup.h"
#include "convert/pool.h"
#include "convert/records.h"
#include "convert/staging.h"
#include "dataset/assembly.h"

namespace bagloom::convert {

/// Lives on the thread that owns the pool. Its jobs go before all tasks.
class Assembler {
 public:
  Assembler(const JobSetup& setup, Staging& staging, Pool& pool, StageSeconds* stages = nullptr);

  /// Appends a recording's episodes. Recordings come in their order.
  void add(std::uint32_t recording, RecordingRecord record);
  /// No more recordings: what is open becomes files.
  void close();
  /// Starts writing complete files.
  void queue_next();
  bool idle() const { return waiting_.empty() && writing_ == 0; }

  /// Writes meta/, after all files. Give what the dataset's own provenance needs beside the episodes.
  Status write_meta() const;

  std::uint64_t episodes() const { return episodes_.size(); }
  std::uint64_t rows() const { return rows_; }
  const std::string& activity() const { return activity_; }
  /// Cameras with more than one mp4.
  bool several_videos() const;

 private:
  struct Episode {
    std::uint32_t recording = 0;
    std::uint64_t first_row = 0;
    EpisodeRecord record;
  };
  /// What the file's job reserves.
  std::uint64_t file_job_bytes(const dataset::FilePlan& file) const;
  bool may_start(std::uint64_t bytes) const;
  void queue(const dataset::FilePlan& file, std::uint64_t job_bytes);
  void plan_files(const std::vector<dataset::FilePlan>& files);
  Status file_written(const dataset::FilePlan& file);
  Error file_failed(const dataset::FilePlan& file, Error error);
  bool already_written(const dataset::FilePlan& file) const;
  Status free_units(const dataset::FilePlan& file);
  std::vector<dataset::EpisodeUnits> units_of(const dataset::FilePlan& file) const;

  const JobSetup& setup_;
  Staging& staging_;
  Pool& pool_;
  StageSeconds* const stages_;
  dataset::FilePartition partition_;
  std::vector<Episode> episodes_;
  std::uint64_t rows_ = 0;
  std::deque<dataset::FilePlan> waiting_;
  std::vector<dataset::FilePlan> files_;
  std::uint32_t writing_ = 0;        ///< files
  std::uint64_t writing_bytes_ = 0;  ///< that they reserve
  bool closed_ = false;
  std::string activity_;
};

}  // namespace bagloom::convert
