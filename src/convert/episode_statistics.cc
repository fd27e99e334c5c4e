#include "convert/episode_statistics.h"

#include <algorithm>
#include <cmath>

#include "dataset/unit.h"

namespace bagloom::convert {
namespace {

/// Calls visit(feature number, its rows) for each vector feature of a block.
template <class Visit>
void split_features(const dataset::DatasetSpec& spec, const dataset::RowBlock& block, std::vector<float>& buffer, Visit visit) {
  std::size_t feature = 0, offset = 0;
  for (const dataset::FeatureSpec& spec_of : spec.features) {
    if (spec_of.is_camera()) continue;
    buffer.clear();
    for (std::uint64_t row = 0; row < block.rows(); ++row) {
      const float* from = block.values.data() + row * block.width + offset;
      buffer.insert(buffer.end(), from, from + spec_of.width);
    }
    visit(feature++, std::span<const float>(buffer));
    offset += spec_of.width;
  }
}

}  // namespace

Result<EpisodeNumbers> measure_episode(const dataset::DatasetSpec& spec, const std::string& units_folder,
                                       const std::vector<std::string>& blocks) {
  std::vector<dataset::VectorStatistics> statistics;
  for (const dataset::FeatureSpec& feature : spec.features)
    if (!feature.is_camera()) statistics.emplace_back(feature.width);
  EpisodeNumbers numbers;
  std::vector<float> buffer;
  for (const bool counting : {false, true}) {
    for (const std::string& name : blocks) {
      ASSIGN_OR_RETURN(const dataset::RowBlock block, dataset::read_row_block(units_folder + "/" + name));
      if (!counting)
        numbers.non_finite += static_cast<std::uint64_t>(
            std::count_if(block.values.begin(), block.values.end(), [](float v) { return !std::isfinite(v); }));
      split_features(spec, block, buffer, [&](std::size_t feature, std::span<const float> rows) {
        if (counting)
          statistics[feature].count(rows);
        else
          statistics[feature].measure(rows);
      });
    }
  }
  for (const dataset::VectorStatistics& feature : statistics) numbers.vectors.push_back(feature.finish());
  return numbers;
}

}  // namespace bagloom::convert
