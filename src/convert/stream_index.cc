#include "convert/stream_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>

#include "base/hash.h"
#include "convert/durable_files.h"
#include "convert/pictures.h"
#include "convert/recording.h"
#include "convert/recording_plan.h"
#include "convert/stream_file.h"
#include "convert/stream_holes.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

std::string kind_text(media::StreamCodec codec) {
  return codec == media::StreamCodec::none ? "no video" : "video (" + std::string(media::name_of(codec)) + ")";
}

/// Whether one of a topic's messages may be a packet of video: raw pictures are not fetched to see that they are none.
bool may_be_video(const Recording& recording, std::uint32_t column) {
  const auto& connections = recording.reader->info().connections;
  for (std::uint32_t index = 0; index < connections.size(); ++index) {
    const std::string& type = connections[index].type;
    if (recording.extractors[column].pictures[index] != nullptr &&
        (type.ends_with("CompressedImage") || !type.ends_with("Image")))
      return true;
  }
  return false;
}

/// A file without a name where `path` is empty; else one that is not at `path` yet.
Result<int> open_new(const std::string& path, const char* ending, std::string& temporary) {
  if (path.empty()) {
    const char* folder = std::getenv("TMPDIR");
    temporary = std::string(folder != nullptr && *folder != 0 ? folder : "/tmp") + "/bagloom-stream-XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return system_error("cannot write", errno).in(temporary);
    return descriptor;
  }
  temporary = path + ending;
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("cannot write", errno).in(temporary);
  return descriptor;
}

Status write_index(const Recording& recording, std::uint32_t column, media::StreamCodec codec, int descriptor,
                   const std::string& path, const std::function<bool()>& stop) {
  StreamFileWriter file(descriptor, path);
  ASSIGN_OR_RETURN(media::PacketParser parser, media::PacketParser::open(codec));
  KeyframePass pass(recording, column, codec, std::move(parser));
  bag::ConnectionSet which(recording.reader->info().connections.size(), false);
  for (std::uint32_t index = 0; index < which.size(); ++index)
    which[index] = recording.extractors[column].pictures[index] != nullptr;
  RETURN_IF_ERROR(recording.reader->scan(which, [&](const bag::IndexedMessage& message) -> Status {
    if (stop && stop()) return stopped_error();
    ASSIGN_OR_RETURN(const StreamEntry entry, pass.look_at(message.ref));
    return file.add(entry);
  }));
  StreamFacts facts = pass.facts();
  facts.index_mended = recording.reader->info().index_mended;
  return file.finish(facts, pass.sets());
}

}  // namespace

Result<std::shared_ptr<const StreamIndex>> StreamIndex::open(const std::string& path, std::uint32_t recording) {
  std::shared_ptr<StreamIndex> index(new StreamIndex());
  ASSIGN_OR_RETURN(index->file_, open_file(path));
  index->recording_ = recording;
  ASSIGN_OR_RETURN(const StreamTrailer trailer, read_stream_trailer(*index->file_));
  index->facts_ = trailer.facts;
  index->sets_bytes_ = trailer.sets_bytes;
  return std::shared_ptr<const StreamIndex>(std::move(index));
}

namespace {

Result<StreamHoles> holes_in(const StreamIndex& index) {
  const StreamFacts& facts = index.facts();
  return find_holes(facts.messages, facts.counts_to, [&](std::uint64_t number) -> Result<PictureTime> {
    ASSIGN_OR_RETURN(const StreamEntry entry, index.entry(number));
    return PictureTime{entry.usable, !entry.usable && !entry.sets_alone, entry.is_keyframe(number),
                       facts.stamps_rise ? entry.stamp : entry.ref.time};
  });
}

/// The same index once more, with what the times say.
Status write_with_holes(const StreamIndex& index, const StreamHoles& holes, int descriptor, const std::string& path) {
  StreamFileWriter file(descriptor, path);
  StreamFacts facts = index.facts();
  facts.in_holes = holes.missing;
  facts.doubtful_holes = holes.doubtful;
  facts.doubtful_pictures = holes.doubtful_pictures;
  if (holes.doubtful > 0) {
    ASSIGN_OR_RETURN(const StreamEntry behind, index.entry(holes.doubtful_message));
    facts.doubtful_time = behind.ref.time;
  }
  auto lost = holes.lost.begin();
  std::uint64_t lost_end = 0;
  for (std::uint64_t number = 0; number < facts.messages; ++number) {
    ASSIGN_OR_RETURN(StreamEntry entry, index.entry(number));
    for (; lost != holes.lost.end() && number >= lost->end; ++lost) lost_end = lost->end;
    const bool in_lost = lost != holes.lost.end() && number >= lost->begin;
    const bool refers_to_lost = entry.leading && entry.keyframe == lost_end;
    if ((in_lost || refers_to_lost) && entry.usable) {
      entry.usable = false;
      ++facts.behind_holes;
    }
    RETURN_IF_ERROR(file.add(entry));
  }
  ASSIGN_OR_RETURN(const auto sets, index.all_parameter_sets());
  return file.finish(facts, sets);
}

}  // namespace

Result<std::shared_ptr<const StreamIndex>> StreamIndex::make(const Recording& recording, std::uint32_t column,
                                                             media::StreamCodec codec, const std::string& path,
                                                             const std::function<bool()>& stop) {
  if (!path.empty())
    if (auto there = open(path, recording.number)) return there;
  std::string temporary;
  ASSIGN_OR_RETURN(const int descriptor, open_new(path, ".tmp", temporary));
  auto made = [&]() -> Result<std::shared_ptr<const StreamIndex>> {
    RETURN_IF_ERROR(write_index(recording, column, codec, descriptor, temporary, stop));
    ASSIGN_OR_RETURN(auto index, open(temporary, recording.number));
    ASSIGN_OR_RETURN(const StreamHoles holes, holes_in(*index));
    if (!holes.lost.empty() || holes.doubtful > 0) {
      std::string again;
      ASSIGN_OR_RETURN(const int other, open_new(path, ".again.tmp", again));
      auto status = write_with_holes(*index, holes, other, again);
      if (status && ::rename(again.c_str(), temporary.c_str()) != 0) status = system_error("rename", errno).in(again);
      if (!status) {
        ::unlink(again.c_str());
        return std::move(status).error();
      }
      ASSIGN_OR_RETURN(index, open(temporary, recording.number));
    }
    if (!path.empty() && ::rename(temporary.c_str(), path.c_str()) != 0) return system_error("rename", errno).in(path);
    return index;
  }();
  if (!made || path.empty()) ::unlink(temporary.c_str());
  return made;
}

Result<StreamEntry> StreamIndex::entry(std::uint64_t number) const {
  if (number >= facts_.messages) return Error(ErrorKind::internal, "no such message in the index of a video topic");
  ASSIGN_OR_RETURN(StreamEntry entry, read_stream_entry(*file_, number));
  entry.ref.recording = recording_;
  return entry;
}

Result<std::vector<std::byte>> StreamIndex::parameter_sets(const StreamEntry& entry) const {
  std::vector<std::byte> sets(entry.sets_bytes);
  if (!sets.empty()) RETURN_IF_ERROR(file_->read_exactly(facts_.messages * kStreamEntryBytes + entry.sets_at, sets));
  return sets;
}

Result<std::vector<std::byte>> StreamIndex::all_parameter_sets() const {
  std::vector<std::byte> sets(sets_bytes_);
  if (!sets.empty()) RETURN_IF_ERROR(file_->read_exactly(facts_.messages * kStreamEntryBytes, sets));
  return sets;
}

Result<std::uint64_t> StreamIndex::find(const MessageRef& ref) const {
  std::uint64_t begin = 0, end = facts_.messages;
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    ASSIGN_OR_RETURN(const StreamEntry at, entry(middle));
    if (at.ref < ref)
      begin = middle + 1;
    else
      end = middle;
  }
  if (begin < facts_.messages) {
    ASSIGN_OR_RETURN(const StreamEntry at, entry(begin));
    if (at.ref.time == ref.time && at.ref.locator == ref.locator) return begin;
  }
  return Error(ErrorKind::internal, "a message that is not in the index of its video topic");
}

Result<std::uint64_t> StreamIndex::begin_of(const StreamEntry& entry) const {
  if (!entry.leading || entry.keyframe == 0) return entry.keyframe;
  ASSIGN_OR_RETURN(const StreamEntry before, this->entry(entry.keyframe - 1));
  return before.keyframe;
}

Result<std::uint64_t> StreamIndex::next_keyframe(std::uint64_t number) const {
  for (++number; number < facts_.messages; ++number) {
    ASSIGN_OR_RETURN(const StreamEntry at, entry(number));
    if (at.keyframe == number) break;
  }
  return std::min(number, facts_.messages);
}

Status StreamIndex::visit_unusable(const std::function<void(const StreamEntry&)>& visit) const {
  for (std::uint64_t number = 0; number < facts_.messages; ++number) {
    ASSIGN_OR_RETURN(const StreamEntry at, entry(number));
    if (!at.usable) visit(at);
  }
  return {};
}

Result<std::vector<MessageRef>> stream_inputs(const StreamIndex& index, const std::vector<align::Cell>& cells) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;  // first and last
  for (const align::Cell& cell : cells) {
    ASSIGN_OR_RETURN(const std::uint64_t wanted, index.find(cell.first));
    ASSIGN_OR_RETURN(const StreamEntry entry, index.entry(wanted));
    if (!entry.usable) continue;
    ASSIGN_OR_RETURN(const std::uint64_t begin, index.begin_of(entry));
    ranges.emplace_back(begin, wanted);
  }
  std::sort(ranges.begin(), ranges.end());
  std::vector<MessageRef> inputs;
  std::uint64_t next = 0;  // not yet in the list
  for (const auto& [first, last] : ranges)
    for (next = std::max(next, first); next <= last; ++next) {
      ASSIGN_OR_RETURN(const StreamEntry input, index.entry(next));
      inputs.push_back(input.ref);
    }
  return inputs;
}

Status exclude_unusable_of(const StreamIndex& index, Excluded& excluded) {
  return index.visit_unusable([&](const StreamEntry& entry) { excluded.messages.insert(entry.ref.locator); });
}

namespace {

Status index_each_stream(Recording& recording, const FeatureColumns& columns, const std::vector<CameraOutput>& cameras,
                         const std::string& folder, const std::function<bool()>& stop) {
  std::map<std::string, std::shared_ptr<const StreamIndex>> by_topic;
  for (const CameraOutput& camera : cameras) {
    const std::uint32_t column = camera.column;
    const bool video = camera.video != media::StreamCodec::none;
    if (!video && !may_be_video(recording, column)) continue;
    const auto found = first_picture(recording, columns, column);
    if (!video && (!found || found->video == media::StreamCodec::none)) continue;  // what cannot be read is found later
    if (!found) return found.error();
    const CameraShape& shape = *found;
    if (shape.video != camera.video)
      return Error(ErrorKind::corrupt,
                   "pictures are " + kind_text(shape.video) + ", the first recording's are " + kind_text(camera.video))
          .in(columns.columns[column].feature + " from " + columns.columns[column].topic)
          .in(recording.path)
          .fix("convert it by itself");
    const std::string& topic = columns.columns[column].topic;
    std::shared_ptr<const StreamIndex>& index = by_topic[topic];
    if (index == nullptr) {
      std::string path;
      if (!folder.empty()) {
        Hasher hasher;
        hasher.add_text("stream 7").add_text(recording.identity).add_text(topic).add(std::uint64_t{recording.number});
        path = folder + "/" + std::to_string(recording.number) + "-" + hasher.hex_digest() + ".stream";
      }
      auto passed = StreamIndex::make(recording, column, shape.video, path, stop);
      if (!passed) return std::move(passed).error().in(columns.columns[column].feature + " from " + topic).in(recording.path);
      index = std::move(*passed);
      if (!path.empty()) recording.stream_files.push_back(path);
    }
    recording.streams[column] = index;
  }
  return {};
}

}  // namespace

Status index_streams(Recording& recording, const FeatureColumns& columns, const std::vector<CameraOutput>& cameras,
                     const std::string& folder, const std::function<bool()>& stop,
                     const std::vector<std::vector<std::shared_ptr<const StreamIndex>>>& made) {
  if (recording.number < made.size() && !made[recording.number].empty()) {
    recording.streams = made[recording.number];
  } else {
    auto status = index_each_stream(recording, columns, cameras, folder, stop);
    if (recording.reader->index_is_wrong()) {
      // Messages had wrong times, or counted as unreadable.
      RETURN_IF_ERROR(mend_index(*recording.reader, stop));
      for (const std::string& path : recording.stream_files) RETURN_IF_ERROR(remove_file(path));
      recording.stream_files.clear();
      status = index_each_stream(recording, columns, cameras, folder, stop);
    }
    RETURN_IF_ERROR(std::move(status));
  }
  // An index that an earlier reader made may have found it: this one has not looked yet.
  for (const auto& stream : recording.streams)
    if (stream != nullptr && stream->facts().index_mended && !recording.reader->info().index_mended)
      RETURN_IF_ERROR(mend_index(*recording.reader, stop, true));
  return {};
}

}  // namespace bagloom::convert
