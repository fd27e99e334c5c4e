// How large the output will be, before the work: for the check against free disk space and for `plan`.
#pragma once

#include <cstdint>

#include "convert/job_setup.h"

namespace bagloom::convert {

struct ExpectedSize {
  std::uint64_t output = 0;   ///< bytes of the dataset
  std::uint64_t staging = 0;  ///< bytes beside it at the worst moment
};

/// For `rows` rows with pictures of these mean sizes (copy; by column). Encoded pictures are taken at bytes a pixel that
/// natural scenes need at the chosen quality; not a bound.
ExpectedSize expected_size(const JobSetup& setup, std::uint64_t rows, const std::vector<std::uint64_t>& mean_message);
/// From the recordings' lengths, where nothing is planned yet.
ExpectedSize expected_size(const JobSetup& setup);

}  // namespace bagloom::convert
