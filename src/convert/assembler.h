// Episodes, in order, become the dataset's files while the run goes on; one file at a time. architecture.md section 1.
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

/// Lives on the thread that owns the pool. Its jobs reserve the layout's bytes for assembly and go before all tasks; only one
/// runs.
class Assembler {
 public:
  Assembler(const JobSetup& setup, Staging& staging, Pool& pool, StageSeconds* stages = nullptr);

  /// Appends a recording's episodes. Recordings come in their order.
  void add(std::uint32_t recording, RecordingRecord record);
  /// No more recordings: what is open becomes files.
  void close();
  /// Starts writing the next complete file, where none is being written.
  void queue_next();
  bool idle() const { return waiting_.empty() && !writing_; }

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
  bool writing_ = false;
  std::string activity_;
};

}  // namespace bagloom::convert
