// How long a job will take with so many tasks at once: `plan` times a few pictures of each camera on this machine.
#pragma once

#include <cstdint>
#include <vector>

#include "convert/job_setup.h"
#include "convert/recording_plan.h"

namespace bagloom::convert {

/// Processor seconds of this process so far, of all its threads.
double cpu_seconds();

/// An estimate in seconds of a machine that does nothing else and whose disk is not waited for.
struct ExpectedTime {
  double serial = 0;        ///< start, planning, writing files
  double parallel = 0;      ///< tasks, on one core
  double longest_task = 0;  ///< what cannot be shared
  std::uint64_t tasks = 0;
  /// Tasks share what is parallel, as far as there are cores for them.
  double seconds(std::uint32_t tasks_at_once, std::uint32_t cores) const;
};

/// Times the first recordings; those behind them have the same cameras.
class SampledTime {
 public:
  SampledTime(const JobSetup& setup, const Options& options);
  /// Takes a segment task's memory, and about a tenth of a second a camera.
  void add(std::uint32_t number, Recording& recording, const RecordingPlan& plan);
  /// `planning`: seconds that set-up and plans took; `output_bytes`: of the dataset.
  ExpectedTime total(double planning, std::uint64_t output_bytes) const;

  std::uint64_t pictures() const { return pictures_; }

 private:
  struct CameraSeconds {
    double fetch = 0, picture = 0;  ///< a row: reading; decoding, scaling and encoding, or checking a copied JPEG
    double statistics = 0;          ///< copy: decoding one picture for the statistics
    double segment = 0;             ///< opening an encoder
  };
  CameraSeconds time_camera(Recording& recording, const RecordingPlan& plan, const CameraOutput& camera);
  double time_numbers(Recording& recording, const RecordingPlan& plan) const;
  void time_recording(Recording& recording, const RecordingPlan& plan);

  const JobSetup& setup_;
  const bool check_pictures_;
  std::vector<CameraSeconds> cameras_;  ///< means over what was timed
  double numbers_ = 0;                  ///< a row of all vectors
  std::uint64_t timed_ = 0, pictures_ = 0;
  ExpectedTime sum_;
};

}  // namespace bagloom::convert
