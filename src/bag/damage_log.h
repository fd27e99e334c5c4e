// What was found wrong in a file, kept short: a hostile file could have an oddity every few bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// "1 message", "17 messages".
inline std::string count_of(std::uint64_t n, std::string_view thing) {
  return std::to_string(n) + " " + std::string(thing) + (n == 1 ? "" : "s");
}

class DamageLog {
 public:
  static constexpr std::size_t kMost = 1000;

  void add(std::uint64_t offset, std::string what, bool loss, std::string topic = {}, std::uint64_t messages = 1) {
    if (entries_.size() < kMost) {
      entries_.push_back(Damage{offset, std::move(topic), std::move(what), loss, messages});
    } else {
      messages_beyond_ += messages;
      ++beyond_;
      loss_beyond_ |= loss;
      last_offset_ = offset;
    }
  }

  std::vector<Damage> take() {
    if (beyond_ > 0)
      entries_.push_back(
          Damage{last_offset_, "", "and " + std::to_string(beyond_) + " more up to here", loss_beyond_, messages_beyond_});
    return std::move(entries_);
  }

 private:
  std::vector<Damage> entries_;
  std::uint64_t beyond_ = 0, messages_beyond_ = 0;
  std::uint64_t last_offset_ = 0;
  bool loss_beyond_ = false;
};

}  // namespace bagloom::bag
