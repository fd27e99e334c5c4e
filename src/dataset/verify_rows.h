// Going over the data files' rows, for src/dataset/verify*.cc only.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "dataset/verify_internal.h"

namespace bagloom::dataset::verify {

/// The column of this feature over all data files, in order; `first` is the batch's first row in the dataset. A file that cannot
/// be read to its end becomes a V04. An Error comes from `visit` or from `stop` only.
Status each_batch(Context& context, const Feature& feature,
                  const std::function<Status(const TableFile& file, const arrow::Array& values, std::uint64_t first)>& visit);

/// Which run a row belongs to, for ascending rows.
class RunCursor {
 public:
  explicit RunCursor(const std::vector<Run>& runs) : runs_(runs) {}
  const Run* at(std::uint64_t row) {
    while (next_ < runs_.size() && row >= runs_[next_].first_row + runs_[next_].rows) ++next_;
    return next_ < runs_.size() && row >= runs_[next_].first_row ? &runs_[next_] : nullptr;
  }

 private:
  const std::vector<Run>& runs_;
  std::size_t next_ = 0;
};

}  // namespace bagloom::dataset::verify
