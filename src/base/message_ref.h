// Which message of which recording: what a plan is made of.
#pragma once

#include <compare>
#include <cstdint>

#include "base/time.h"

namespace bagloom {

/// A message's place. A definition belongs to a connection, not to a topic, and one topic may have
/// several connections. 24 bytes: a plan holds one or two a cell.
struct MessageRef {
  TimeNs time = 0;                         ///< receive time (ns)
  std::uint64_t locator = 0;               ///< opaque to all but the reader of the recording; grows with the place in the file
  std::uint32_t connection = 0;            ///< index into BagInfo::connections
  std::uint32_t recording = kNoRecording;  ///< index into the job's recordings; kNoRecording: no message

  static constexpr std::uint32_t kNoRecording = 0xffffffffu;
  bool valid() const { return recording != kNoRecording; }

  /// The order of messages everywhere: by time, then by place in the file.
  friend bool operator<(const MessageRef& a, const MessageRef& b) {
    return a.time != b.time ? a.time < b.time : a.locator < b.locator;
  }
  friend bool operator==(const MessageRef&, const MessageRef&) = default;
};
static_assert(sizeof(MessageRef) == 24);

}  // namespace bagloom
