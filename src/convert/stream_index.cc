#include "convert/stream_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/cursor.h"
#include "base/hash.h"
#include "convert/durable_files.h"
#include "convert/pictures.h"
#include "convert/recording.h"
#include "convert/recording_plan.h"
#include "convert/stream_holes.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

// Entries of fixed size, parameter sets, and a trailer of numbers: a checksum and what the file is known by come last.
constexpr std::uint64_t kMagic = 0x356d7274736c6762ull;  // "bglstrm5"
constexpr std::size_t kEntryBytes = 56, kNumbers = 21, kTrailerBytes = (kNumbers + 2) * 8;
constexpr std::uint32_t kUsable = 1, kRestart = 2, kReordered = 4, kSetsAlone = 8;

using EntryBytes = std::array<std::byte, kEntryBytes>;

template <class T>
void put(std::byte*& at, T value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

EntryBytes to_bytes(const StreamEntry& entry) {
  EntryBytes bytes;
  std::byte* at = bytes.data();
  put(at, entry.ref.time);
  put(at, entry.ref.locator);
  put(at, entry.ref.connection);
  put(at, (entry.usable ? kUsable : 0) | (entry.restart ? kRestart : 0) | (entry.reordered ? kReordered : 0) |
              (entry.sets_alone ? kSetsAlone : 0));
  put(at, entry.keyframe);
  put(at, entry.sets_at);
  put(at, entry.sets_bytes);
  put(at, entry.width);
  put(at, entry.height);
  put(at, entry.stamp);
  return bytes;
}

/// The index's own file, written once from front to end.
class EntryFile {
 public:
  explicit EntryFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {
    buffer_.reserve(kFlush + kEntryBytes);
  }
  ~EntryFile() { ::close(descriptor_); }
  EntryFile(const EntryFile&) = delete;
  EntryFile& operator=(const EntryFile&) = delete;

  Status add(Bytes bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    hasher_.add(bytes);
    return buffer_.size() < kFlush ? Status() : flush();
  }
  Status finish(const StreamFacts& facts, Bytes sets) {
    RETURN_IF_ERROR(add(sets));
    std::array<std::byte, kTrailerBytes> trailer;
    std::byte* at = trailer.data();
    const std::array<std::uint64_t, kNumbers> numbers = {static_cast<std::uint64_t>(facts.codec),
                                                         facts.messages,
                                                         facts.keyframes,
                                                         facts.before_keyframe,
                                                         facts.without_picture,
                                                         facts.unreadable,
                                                         facts.after_unreadable,
                                                         facts.after_missing,
                                                         facts.sequence.kept,
                                                         facts.sequence.reordered,
                                                         facts.width,
                                                         facts.height,
                                                         sets.size(),
                                                         std::uint64_t{facts.index_mended},
                                                         facts.counts_to,
                                                         facts.behind_holes,
                                                         facts.in_holes,
                                                         facts.doubtful_holes,
                                                         facts.doubtful_pictures,
                                                         static_cast<std::uint64_t>(facts.doubtful_time),
                                                         std::uint64_t{facts.stamps_rise}};
    for (const std::uint64_t number : numbers) put(at, number);
    hasher_.add(Bytes(trailer.data(), trailer.size() - 16));
    put(at, hasher_.checksum());
    put(at, kMagic);
    buffer_.insert(buffer_.end(), trailer.begin(), trailer.end());
    return flush();
  }

 private:
  static constexpr std::size_t kFlush = 64 * 1024;

  Status flush() {
    for (std::size_t done = 0; done < buffer_.size();) {
      const ssize_t n = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_error("write", errno).in(path_);
      done += static_cast<std::size_t>(n);
    }
    buffer_.clear();
    return {};
  }

  int descriptor_;
  std::string path_;
  std::vector<std::byte> buffer_;
  Hasher hasher_;
};

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
  EntryFile file(descriptor, path);
  ASSIGN_OR_RETURN(media::PacketParser parser, media::PacketParser::open(codec));
  KeyframePass pass(recording, column, codec, std::move(parser));
  bag::ConnectionSet which(recording.reader->info().connections.size(), false);
  for (std::uint32_t index = 0; index < which.size(); ++index)
    which[index] = recording.extractors[column].pictures[index] != nullptr;
  RETURN_IF_ERROR(recording.reader->scan(which, [&](const bag::IndexedMessage& message) -> Status {
    if (stop && stop()) return stopped_error();
    ASSIGN_OR_RETURN(const StreamEntry entry, pass.look_at(message.ref));
    return file.add(to_bytes(entry));
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
  const auto refuse = [&] { return Error(ErrorKind::corrupt, "is no index of a video topic").in(path); };
  const std::uint64_t size = index->file_->size();
  if (size < kTrailerBytes) return refuse();
  std::array<std::byte, kTrailerBytes> trailer;
  RETURN_IF_ERROR(index->file_->read_exactly(size - kTrailerBytes, trailer));
  const auto number = [&](std::size_t i) { return Cursor::load<std::uint64_t>(Bytes(trailer).subspan(i * 8)); };
  StreamFacts& facts = index->facts_;
  facts.codec = static_cast<media::StreamCodec>(number(0));
  std::size_t next = 1;
  for (std::uint64_t* const count : {&facts.messages, &facts.keyframes, &facts.before_keyframe, &facts.without_picture,
                                     &facts.unreadable, &facts.after_unreadable, &facts.after_missing})
    *count = number(next++);
  facts.sequence = {static_cast<std::uint32_t>(number(8)), static_cast<std::uint32_t>(number(9))};
  facts.width = static_cast<std::uint32_t>(number(10));
  facts.height = static_cast<std::uint32_t>(number(11));
  const std::uint64_t sets = index->sets_bytes_ = number(12);
  facts.index_mended = number(13) != 0;
  facts.counts_to = static_cast<std::uint32_t>(number(14));
  next = 15;
  for (std::uint64_t* const count : {&facts.behind_holes, &facts.in_holes, &facts.doubtful_holes, &facts.doubtful_pictures})
    *count = number(next++);
  facts.doubtful_time = static_cast<TimeNs>(number(19));
  facts.stamps_rise = number(20) != 0;
  if (number(kNumbers + 1) != kMagic || sets > size - kTrailerBytes || (size - kTrailerBytes - sets) % kEntryBytes != 0 ||
      facts.messages != (size - kTrailerBytes - sets) / kEntryBytes)
    return refuse();
  Hasher hasher;
  std::vector<std::byte> block(kEntryBytes * 1024);
  for (std::uint64_t at = 0; at < size - kTrailerBytes;) {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size - kTrailerBytes - at));
    RETURN_IF_ERROR(index->file_->read_exactly(at, MutableBytes(block.data(), bytes)));
    hasher.add(Bytes(block.data(), bytes));
    at += bytes;
  }
  hasher.add(Bytes(trailer.data(), trailer.size() - 16));
  if (hasher.checksum() != number(kNumbers)) return refuse();
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
  EntryFile file(descriptor, path);
  StreamFacts facts = index.facts();
  facts.in_holes = holes.missing;
  facts.doubtful_holes = holes.doubtful;
  facts.doubtful_pictures = holes.doubtful_pictures;
  if (holes.doubtful > 0) {
    ASSIGN_OR_RETURN(const StreamEntry behind, index.entry(holes.doubtful_message));
    facts.doubtful_time = behind.ref.time;
  }
  auto lost = holes.lost.begin();
  for (std::uint64_t number = 0; number < facts.messages; ++number) {
    ASSIGN_OR_RETURN(StreamEntry entry, index.entry(number));
    while (lost != holes.lost.end() && number >= lost->end) ++lost;
    if (lost != holes.lost.end() && number >= lost->begin && entry.usable) {
      entry.usable = false;
      ++facts.behind_holes;
    }
    RETURN_IF_ERROR(file.add(to_bytes(entry)));
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
  EntryBytes bytes;
  RETURN_IF_ERROR(file_->read_exactly(number * kEntryBytes, bytes));
  const Bytes all(bytes);
  StreamEntry entry;
  entry.ref.time = Cursor::load<std::int64_t>(all);
  entry.ref.locator = Cursor::load<std::uint64_t>(all.subspan(8));
  entry.ref.connection = Cursor::load<std::uint32_t>(all.subspan(16));
  entry.ref.recording = recording_;
  const auto flags = Cursor::load<std::uint32_t>(all.subspan(20));
  entry.usable = (flags & kUsable) != 0;
  entry.restart = (flags & kRestart) != 0;
  entry.reordered = (flags & kReordered) != 0;
  entry.sets_alone = (flags & kSetsAlone) != 0;
  entry.keyframe = Cursor::load<std::uint64_t>(all.subspan(24));
  entry.sets_at = Cursor::load<std::uint32_t>(all.subspan(32));
  entry.sets_bytes = Cursor::load<std::uint32_t>(all.subspan(36));
  entry.width = Cursor::load<std::uint32_t>(all.subspan(40));
  entry.height = Cursor::load<std::uint32_t>(all.subspan(44));
  entry.stamp = Cursor::load<std::int64_t>(all.subspan(48));
  return entry;
}

Result<std::vector<std::byte>> StreamIndex::parameter_sets(const StreamEntry& entry) const {
  std::vector<std::byte> sets(entry.sets_bytes);
  if (!sets.empty()) RETURN_IF_ERROR(file_->read_exactly(facts_.messages * kEntryBytes + entry.sets_at, sets));
  return sets;
}

Result<std::vector<std::byte>> StreamIndex::all_parameter_sets() const {
  std::vector<std::byte> sets(sets_bytes_);
  if (!sets.empty()) RETURN_IF_ERROR(file_->read_exactly(facts_.messages * kEntryBytes, sets));
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
  std::vector<MessageRef> inputs;
  std::uint64_t next = 0;  // not yet in the list
  for (const align::Cell& cell : cells) {
    ASSIGN_OR_RETURN(const std::uint64_t wanted, index.find(cell.first));
    ASSIGN_OR_RETURN(const StreamEntry entry, index.entry(wanted));
    if (!entry.usable || wanted < next) continue;
    for (next = std::max(next, entry.keyframe); next <= wanted; ++next) {
      ASSIGN_OR_RETURN(const StreamEntry input, index.entry(next));
      inputs.push_back(input.ref);
    }
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
        hasher.add_text("stream 5").add_text(recording.identity).add_text(topic).add(std::uint64_t{recording.number});
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
