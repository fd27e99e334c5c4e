#include "bench/report_thinning.h"

#include <algorithm>
#include <set>

namespace bagloom::bench {
namespace {

/// What is kept of the samples [first, last).
void keep_of_span(const std::vector<ReportSample>& samples, std::size_t first, std::size_t last,
                  std::vector<ReportSample>& kept) {
  std::size_t least = first, most = first, most_anonymous = first, most_file = first;
  for (std::size_t i = first; i < last; ++i) {
    if (samples[i].resident < samples[least].resident) least = i;
    if (samples[i].resident > samples[most].resident) most = i;
    if (samples[i].anonymous > samples[most_anonymous].anonymous) most_anonymous = i;
    if (samples[i].file > samples[most_file].file) most_file = i;
  }
  for (const std::size_t i : std::set<std::size_t>{first, least, most, most_anonymous, most_file, last - 1})
    kept.push_back(samples[i]);
}

}  // namespace

std::vector<ReportSample> thin(const std::vector<ReportSample>& samples, std::size_t spans) {
  spans = std::max<std::size_t>(spans, 1);
  if (samples.size() <= 6 * spans) return samples;
  const double begin = samples.front().seconds;
  const double length = samples.back().seconds - begin;
  std::vector<ReportSample> kept;
  std::size_t first = 0;
  for (std::size_t span = 1; span <= spans && first < samples.size(); ++span) {
    const double end = begin + length * static_cast<double>(span) / static_cast<double>(spans);
    std::size_t last = first;
    while (last < samples.size() && (span == spans || samples[last].seconds < end)) ++last;
    if (last > first) keep_of_span(samples, first, last, kept);
    first = last;
  }
  return kept;
}

}  // namespace bagloom::bench
