// A topic as synth sees it: when its messages come and what stands in them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "synth/definitions.h"
#include "synth/message_bytes.h"
#include "synth/synth.h"

namespace bagloom::synth {

/// Where a message stands: its number in its stream and its times.
struct Moment {
  std::uint64_t index = 0;
  TimeNs nominal = 0;  ///< index / rate, without the stream's offset and the jitter; since the start
  TimeNs tau = 0;      ///< receive time since the start
  TimeNs time = 0;     ///< receive time
  TimeNs stamp() const { return time - 2'000'000; }
};

struct Stream {
  std::string topic;
  TypeText type;
  double hz = 0;  ///< 0: one message at tau 0, without jitter
  TimeNs offset = 0;
  double jitter_ms = 0;
  bool latching = false;
  std::uint32_t connections = 1;                                  ///< message i comes on connection i mod this
  std::function<bool(const Moment&)> present;                     ///< empty: every message; sees index and nominal time only
  std::function<Status(const Moment&, MessageBytes&)> serialise;  ///< appends to an empty MessageBytes
};

/// The streams of each layout (docs/synth.md); they refer to `options`, which must outlive them.
std::vector<Stream> generic_streams(const SynthOptions& options);
std::vector<Stream> kuavo_streams(const SynthOptions& options);

/// Streams of pictures with everything that can be wrong with them. `names` are topic, frame_id a camera; format is that of the
/// JPEGs.
struct CameraName {
  std::string topic, frame_id;
};
std::vector<Stream> camera_streams(const SynthOptions& options, const std::vector<CameraName>& names, const std::string& format);

}  // namespace bagloom::synth
