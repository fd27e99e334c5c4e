// rosbag2 databases made with SQLite itself, also ones that no recorder would write.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "bag/bag_reader.h"

namespace bagloom::bag::raw {

/// A database in memory that the test fills; a failing statement fails the test.
class Db3 {
 public:
  /// With the tables of schema version 1 to 4; 0: none.
  explicit Db3(int version = 3, const std::string& path = ":memory:");
  ~Db3();
  Db3(const Db3&) = delete;
  Db3& operator=(const Db3&) = delete;

  Db3& run(const std::string& sql);
  /// `more`: the columns of versions 2 to 4, as SQL.
  Db3& topic(std::int64_t id, const std::string& name, const std::string& type = "std_msgs/msg/String",
             const std::string& more = "");
  Db3& message(std::int64_t topic_id, std::int64_t ns, std::string_view data);
  /// The file's bytes.
  std::string bytes() const;
  std::string string_of(const std::string& sql) const;

 private:
  int version_;
  sqlite3* handle_ = nullptr;
};

/// A CDR body with this text behind its header.
std::string cdr(std::string_view text);
/// One zstd frame, with its size in the header or without.
std::string zstd_frame(std::string_view bytes, bool with_size = true);

/// Counts what is read of a source; `reads` may be looked at while it is read.
struct ReadCount {
  std::uint64_t bytes = 0, calls = 0;
  std::uint64_t calls_in_order = 0;         ///< of these, while the kernel may read ahead
  std::set<std::uint64_t> read, announced;  ///< pages of 4096 bytes, by offset
};
std::unique_ptr<Source> counting(std::unique_ptr<Source> inner, ReadCount& count);

}  // namespace bagloom::bag::raw
