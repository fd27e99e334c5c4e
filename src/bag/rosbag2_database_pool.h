// Connections to one database for callers in several threads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "bag/rosbag2_database.h"

namespace bagloom::bag {

/// Opens connections as they are wanted, at most kMost; whoever wants one more waits. Thread-safe.
class DatabasePool {
 public:
  static constexpr std::size_t kMost = 8;

  DatabasePool(const SourceVfs& vfs, std::uint64_t most_value_bytes) : vfs_(vfs), most_value_bytes_(most_value_bytes) {}

  /// A connection that goes back when this does.
  class Lease {
   public:
    Lease(DatabasePool& pool, std::unique_ptr<Database> database) : pool_(&pool), database_(std::move(database)) {}
    ~Lease() {
      if (database_ != nullptr) pool_->give_back(std::move(database_));
    }
    Lease(Lease&&) = default;
    Database& operator*() const { return *database_; }
    Database* operator->() const { return database_.get(); }

   private:
    DatabasePool* pool_;
    std::unique_ptr<Database> database_;
  };

  /// Errors as Database::open.
  Result<Lease> take() {
    {
      std::unique_lock lock(mutex_);
      given_back_.wait(lock, [this] { return !idle_.empty() || taken_ < kMost; });
      ++taken_;
      if (!idle_.empty()) {
        auto database = std::move(idle_.back());
        idle_.pop_back();
        return Lease(*this, std::move(database));
      }
    }
    auto opened = Database::open(vfs_, most_value_bytes_);
    if (opened) return Lease(*this, std::move(*opened));
    const std::lock_guard lock(mutex_);
    --taken_;
    given_back_.notify_one();
    return std::move(opened).error();
  }

 private:
  void give_back(std::unique_ptr<Database> database) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(database));
    --taken_;
    given_back_.notify_one();
  }

  const SourceVfs& vfs_;
  const std::uint64_t most_value_bytes_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Database>> idle_;
  std::size_t taken_ = 0;
};

}  // namespace bagloom::bag
