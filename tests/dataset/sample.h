// A complete little dataset whose every number and picture follows from a formula, so that C++ and Python tests can tell what
// must be in it. tests/dataset/dataset_sample_test.py has the same formulas.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataset/assembly.h"
#include "dataset/unit.h"

namespace bagloom::dataset {

struct SampleOptions {
  std::string codec = "h264";  ///< h264, av1, copy
  std::vector<std::uint64_t> rows = {25, 2, 70};
  std::uint32_t width = 8;  ///< of observation.state and of action
  std::uint32_t cameras = 2;
  std::uint32_t size = 64;  ///< pixels, both ways
  std::uint64_t data_mib = 1, video_mib = 1;
  std::uint32_t fps = 10;
};

DatasetSpec sample_spec(const SampleOptions& options);

/// Component `c` of a vector at global row `row`: exact in float32; component 0 has a large mean and a small spread.
float sample_value(std::uint64_t row, std::uint32_t c);
/// rgb24: a block pattern of 8 x 8 pixels that carries row and camera as bits, on a gradient with noise.
Status sample_picture(std::uint64_t row, std::uint32_t camera, std::uint32_t size, media::Picture& out);

/// Writes the units of one episode into `staging`. `pictures` receives the JPEGs of `copy`, one file a picture.
Result<EpisodeUnits> write_sample_episode(const std::string& staging, const SampleOptions& options, std::uint64_t episode,
                                          std::uint64_t first_row);
/// Gives a copy picture's bytes.
FetchPicture sample_fetch(const std::string& staging);

/// Units in `staging`, then the dataset in `root`. Gives what write_meta was given.
Result<MetaInput> write_sample(const std::string& staging, const std::string& root, const SampleOptions& options);

}  // namespace bagloom::dataset
