// Statistics of an episode's numbers, from its staged row blocks. architecture.md section 5.
#pragma once

#include <string>
#include <vector>

#include "dataset/spec.h"
#include "dataset/statistics.h"

namespace bagloom::convert {

struct EpisodeNumbers {
  std::vector<dataset::FeatureStatistics> vectors;  ///< by vector feature
  std::uint64_t non_finite = 0;
};

/// Two passes over the blocks, one block in memory at a time.
Result<EpisodeNumbers> measure_episode(const dataset::DatasetSpec& spec, const std::string& units_folder,
                                       const std::vector<std::string>& blocks);

}  // namespace bagloom::convert
