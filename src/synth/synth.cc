#include "synth/synth.h"

#include <unistd.h>

#include <algorithm>
#include <queue>

#include "base/source.h"
#include "synth/random.h"
#include "synth/stream.h"

namespace bagloom::synth {
namespace {

Status out_of_range(const std::string& what) { return Error(ErrorKind::invalid, what); }

Status check(const SynthOptions& o) {
  if (!(o.seconds > 0 && o.seconds <= 1e6)) return out_of_range("seconds must be above 0 and at most 1000000");
  if (o.layout != "generic" && o.layout != "kuavo") return out_of_range("layout '" + o.layout + "' is not generic or kuavo");
  const std::uint32_t most = o.layout == "kuavo" ? 3 : 16;
  if (o.cameras > most) return out_of_range("layout " + o.layout + " has at most " + std::to_string(most) + " cameras");
  if (o.width < 80 || o.height < 60 || o.width > 8192 || o.height > 8192)
    return out_of_range("pictures must be between 80x60 and 8192x8192");
  if (!(o.camera_hz > 0 && o.camera_hz <= 10000)) return out_of_range("fps must be above 0 and at most 10000");
  if (!(o.joint_hz > 0 && o.joint_hz <= 10000)) return out_of_range("joint-hz must be above 0 and at most 10000");
  if (o.joints < 1 || o.joints > 1000) return out_of_range("joints must be 1 to 1000");
  if (o.quality < 1 || o.quality > 100) return out_of_range("quality must be 1 to 100");
  if (o.gop < 1 || o.gop > 100'000) return out_of_range("gop must be 1 to 100000");
  if (o.raw && o.video != media::StreamCodec::none) return out_of_range("pictures are either raw or video");
  if (o.video != media::StreamCodec::none && (o.width % 2 != 0 || o.height % 2 != 0))
    return out_of_range("video has an even width and height");
  if (!(o.jitter_ms >= 0 && o.jitter_ms <= 1000)) return out_of_range("jitter must be 0 to 1000 ms");
  if (!(o.drop >= 0 && o.drop <= 1)) return out_of_range("drop must be a share between 0 and 1");
  if (o.state_connections < 1 || o.state_connections > 64) return out_of_range("state-connections must be 1 to 64");
  if (o.start < kNsPerSecond * 10 || o.start / kNsPerSecond + static_cast<TimeNs>(o.seconds) >= 0xffffffffLL)
    return out_of_range("start must be a time that a ROS 1 stamp can hold");  // uint32 seconds
  for (const auto& [from, to] : o.gaps)
    if (!(from >= 0 && from < to)) return out_of_range("a gap must end after it begins");
  return {};
}

/// A stream under way: its next message.
struct Runner {
  const Stream* stream = nullptr;
  std::uint64_t number = 0;                // of the stream
  std::vector<std::uint32_t> connections;  // of the bag
  Moment next;
  TimeNs last = 0;

  /// Moves to the message `index` or a later one that is present; false at the end. Receive times rise within a stream, as a
  /// recorder's do.
  bool advance(std::uint64_t index, const SynthOptions& options, TimeNs end) {
    for (;; ++index) {
      next.index = index;
      if (stream->hz <= 0) {
        next.nominal = next.tau = 0;
        next.time = options.start;
        return index == 0;
      }
      next.nominal = static_cast<TimeNs>(static_cast<double>(index) * (1e9 / stream->hz));
      if (next.nominal + stream->offset >= end) return false;
      if (stream->present && !stream->present(next)) continue;
      const std::int64_t deviations = bell(draw(options.seed, 1000 + number, index));
      const auto jitter = static_cast<TimeNs>(static_cast<double>(deviations) * (stream->jitter_ms * 1e6 / 65536.0));
      next.time = std::max(options.start + next.nominal + stream->offset + jitter, last + 1000);
      next.tau = next.time - options.start;
      last = next.time;
      return true;
    }
  }
};

struct Later {
  bool operator()(const Runner* a, const Runner* b) const {
    return a->next.time != b->next.time ? a->next.time > b->next.time : a->number > b->number;
  }
};

Result<SynthReport> write(const std::string& path, bag::Rosbag1Writer* writer, const SynthOptions& options,
                          const std::function<void(double)>& progress) {
  const std::vector<Stream> streams = options.layout == "kuavo" ? kuavo_streams(options) : generic_streams(options);
  const auto end = static_cast<TimeNs>(options.seconds * 1e9);
  SynthReport report;
  std::vector<Runner> runners(streams.size());
  std::priority_queue<Runner*, std::vector<Runner*>, Later> queue;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Stream& stream = streams[i];
    Runner& runner = runners[i];
    runner.stream = &stream;
    runner.number = i;
    runner.last = options.start - 1000;  // no message before the start
    for (std::uint32_t c = 0; c < stream.connections; ++c) {
      runner.connections.push_back(
          writer->add_connection(stream.topic, stream.type.type, stream.type.md5sum, stream.type.definition, stream.latching));
    }
    report.topics.push_back(stream.topic);
    if (runner.advance(0, options, end)) queue.push(&runner);
  }
  MessageBytes message;
  while (!queue.empty()) {
    if (options.stop && options.stop()) return Error(ErrorKind::stopped, "stopped").in(path);
    Runner& runner = *queue.top();
    queue.pop();
    message.clear();
    RETURN_IF_ERROR(runner.stream->serialise(runner.next, message));
    RETURN_IF_ERROR(
        writer->write(runner.connections[runner.next.index % runner.connections.size()], runner.next.time, message.bytes()));
    ++report.messages;
    if (progress) progress(seconds(runner.next.tau));
    if (runner.advance(runner.next.index + 1, options, end)) queue.push(&runner);
  }
  RETURN_IF_ERROR(writer->finish());
  ASSIGN_OR_RETURN(const auto file, open_file(path));
  report.bytes = file->size();
  return report;
}

}  // namespace

Result<SynthReport> write_synth_bag(const std::string& path, const SynthOptions& options,
                                    const std::function<void(double)>& progress) {
  RETURN_IF_ERROR(check(options));
  ASSIGN_OR_RETURN(auto writer, bag::Rosbag1Writer::create(path, options.bag));
  Result<SynthReport> result = write(path, writer.get(), options, progress);
  writer.reset();
  if (!result.ok()) ::unlink(path.c_str());
  return result;
}

}  // namespace bagloom::synth
