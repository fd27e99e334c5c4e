// What verify may take of memory, laid out before anything large is read; for src/dataset/verify*.cc only.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "dataset/verify.h"
#include "dataset/verify_parquet.h"
#include "media/mp4.h"

namespace bagloom::dataset::verify {

struct Context;

/// The limit that the user gave, and what stands against it. Without one everything is allowed.
class MemoryRoom {
 public:
  /// Lets go of what the start left, and measures the base.
  explicit MemoryRoom(std::uint64_t limit);

  /// Before any table is opened: what their footers, meta's JSON and the mp4s' indexes would take. Error over_limit; the limit it
  /// names is an estimate then, rather too large.
  Status check_files(const Context& context);
  /// Once the tables are open: everything. Error over_limit with who needs what and the smallest limit that does.
  Status lay_out(const Context& context);
  /// An mp4 may be another one than meta says.
  Status check_video(const Context& context, const media::Mp4Facts& facts);
  /// A Parquet file asked for more than its account.
  Status check_tables(const Context& context);

  /// Between phases: pages of libraries that the next one does not need.
  void next_phase() const;

  VerifyMemory layout;
  TableMemory tables;  ///< what an open table may take

 private:
  Status fit(const Context& context, bool all_is_known);
  void set(const char* account, std::uint64_t bytes);
  std::uint64_t needed() const;

  std::uint64_t moov_bytes_ = 0;  ///< of the largest mp4
  std::uint64_t largest_column_chunk_ = 0;
};

}  // namespace bagloom::dataset::verify
