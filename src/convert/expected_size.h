// How large the output will be, before the work: for the check against free disk space and for `plan`.
#pragma once

#include <cstdint>
#include <vector>

#include "convert/job_setup.h"
#include "convert/recording_plan.h"

namespace bagloom::convert {

struct ExpectedSize {
  std::uint64_t output = 0;    ///< bytes of the dataset
  std::uint64_t staging = 0;   ///< bytes beside it at the worst moment
  std::uint64_t unpacked = 0;  ///< of them, of recordings whose files are compressed whole
};

/// Bytes of one picture of each camera (in the order of JobSetup::cameras).
using PictureBytes = std::vector<double>;

/// Adds up a job's recordings.
class SizeEstimate {
 public:
  explicit SizeEstimate(const JobSetup& setup) : setup_(setup), camera_bytes_(setup.cameras->size(), 0.0) {}
  /// One recording. `row_messages`: bytes of the messages of a row, which compressed recordings stage for the tasks at work.
  void add(std::uint64_t episodes, std::uint64_t rows, const PictureBytes& picture_bytes, std::uint64_t row_messages);
  ExpectedSize total() const;

 private:
  const JobSetup& setup_;
  std::uint64_t episodes_ = 0, rows_ = 0, row_messages_ = 0;
  std::vector<double> camera_bytes_;
};

/// What natural, moving content needs at the chosen quality, and often several times what a still scene needs. Copied pictures:
/// `mean_message`, by column.
PictureBytes usual_picture_bytes(const JobSetup& setup, const std::vector<std::uint64_t>& mean_message);

/// Measures: encodes few pictures of each camera, neighbours in time as the rows are. Where that fails, and for copied pictures,
/// as usual_picture_bytes.
PictureBytes sampled_picture_bytes(const JobSetup& setup, Recording& recording, const RecordingPlan& plan);

/// An estimate that samples the first recordings; those behind them have the same cameras.
class SampledSize {
 public:
  explicit SampledSize(const JobSetup& setup) : setup_(setup), sum_(setup) {}
  void add(Recording& recording, const RecordingPlan& plan);
  ExpectedSize total() const { return sum_.total(); }

 private:
  const JobSetup& setup_;
  SizeEstimate sum_;
  std::uint64_t sampled_ = 0;
  PictureBytes sampled_bytes_;  ///< sum over the sampled recordings
};

/// From the recordings' lengths alone; nothing is planned or decoded.
ExpectedSize usual_size(const JobSetup& setup);

}  // namespace bagloom::convert
