// The connections of one file: announced by records of their own, used by messages and index records.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/damage_log.h"

namespace bagloom::bag {

/// Gives each connection number of the file a slot, announced or not, in order of first sight.
class ConnectionTable {
 public:
  struct Slot {
    Connection facts;
    bool announced = false;
    // While chunks are added in file order:
    TimeNs latest = INT64_MIN;         ///< of the messages so far
    TimeNs latest_before = INT64_MIN;  ///< the same, before `chunk`
    std::uint32_t chunk = 0xffffffffu;
    bool late = false;  ///< `chunk` has messages older than latest_before
  };

  /// The slot of a connection number, new where it was not seen before.
  std::uint32_t slot_of(std::uint32_t id);
  /// Nothing: the number was not seen.
  std::optional<std::uint32_t> find(std::uint32_t id) const;

  /// Takes what a connection's record says (all but messages, bytes and times); repeats of the same are normal, another topic
  /// or type for the same number is damage. `file_offset` is for the damage log: the record may stand in an inflated chunk.
  void announce(Connection facts, std::uint64_t file_offset, DamageLog& damage);

  /// For formats whose definitions stand apart from the connections: sets what an announced one is of.
  void define(std::uint32_t slot, std::string type, std::string encoding, std::string definition);

  std::vector<Slot>& slots() { return slots_; }
  const std::vector<Slot>& slots() const { return slots_; }
  /// Resident bytes of the table and of BagInfo's copy, rather too many: vectors are moved while they grow; and what the caller
  /// takes for each (OpenOptions::connection_bytes).
  std::uint64_t bytes() const { return slots_.size() * (kSlotBytes + caller_bytes_) + text_bytes_; }
  void count_for_caller(std::uint64_t bytes) { caller_bytes_ = bytes; }
  std::size_t unannounced() const { return slots_.size() - announced_; }

 private:
  static constexpr std::uint64_t kSlotBytes = 3 * sizeof(Slot) + sizeof(Connection) + 64;

  std::vector<Slot> slots_;
  std::uint64_t text_bytes_ = 0;
  std::uint64_t caller_bytes_ = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> by_id_;
  std::size_t announced_ = 0;
};

}  // namespace bagloom::bag
