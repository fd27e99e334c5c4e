// Everything that is settled before the first row: recordings, recipe, columns, cameras, the dataset's shape, memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "convert/convert.h"
#include "convert/memory_layout.h"
#include "convert/unit_tasks.h"
#include "dataset/spec.h"

namespace bagloom::convert {

struct InputRecording {
  std::string path;
  std::string identity;            ///< empty where it could not be opened
  std::optional<Failure> failure;  ///< of opening
  std::uint64_t bytes = 0;
  std::uint64_t unpacked_bytes = 0;  ///< on disk while it is open
  std::uint64_t chunks = 0;
  std::uint64_t index_bytes = 0;          ///< held in memory while the recording is in work
  std::uint64_t index_bytes_a_chunk = 0;  ///< of them
  std::uint64_t chunk_bytes = 0;  ///< that a fetch may hold: the largest inflated chunk, 0 where messages are read by themselves
  std::uint64_t largest_message = 0;  ///< an upper bound
  std::uint64_t reading_bytes = 0;    ///< that reading one may take beside it (JSON)
  double seconds = 0;                 ///< from the first to the last message
  std::uint64_t most_messages = 0;    ///< of any topic: a bound for rows where one message lies years away from the others
};

struct JobSetup {
  std::vector<InputRecording> inputs;
  recipe::Recipe recipe;
  bool recipe_guessed = false;
  std::vector<std::string> notes;
  std::shared_ptr<const FeatureColumns> columns;
  std::shared_ptr<const std::vector<CameraOutput>> cameras;
  std::vector<CameraShape> sources;  ///< by camera: what its pictures are
  std::vector<PassThrough> pass_through;
  /// By recording and column: keyframe passes that were made for the set-up; empty: none was, or it is not kept.
  std::vector<std::vector<std::shared_ptr<const StreamIndex>>> streams;
  dataset::DatasetSpec spec;
  std::string versions;  ///< of the codec libraries
  MemoryNeeds needs;
  MemoryLayout layout;
  std::uint64_t chunk_cache_bytes = 0;
  std::uint64_t base_file_bytes = 0, base_anonymous_bytes = 0;  ///< the base: pages of mapped files, and all others
  std::uint64_t row_task = 0, statistics_task = 0;              ///< bytes
  std::vector<std::uint64_t> segment_tasks;                     ///< bytes, by camera
  std::vector<std::uint64_t> sample_tasks;  ///< bytes, by camera, where the statistics' pictures have tasks of their own

  /// What must be the same for a job to go on: recipe, recordings, versions, file targets (JSON).
  std::string job;
};

/// About how many rows a recording that is not planned yet will have; rather too many.
std::uint64_t expected_rows(const InputRecording& input, const recipe::Recipe& recipe);

/// Errors: those of convert(), before anything is written.
Result<JobSetup> set_up(const Options& options);

}  // namespace bagloom::convert
