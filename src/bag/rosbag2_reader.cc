#include "bag/rosbag2_reader.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <map>
#include <optional>
#include <tuple>

#include "bag/chunk_cache.h"
#include "bag/damage_log.h"
#include "bag/merge_pieces.h"
#include "bag/rosbag2_folder.h"
#include "bag/unpacked_file.h"
#include "bag/zstd_message.h"
#include "base/hash.h"

namespace bagloom::bag {
namespace {

constexpr std::uint32_t kNoConnection = 0xffffffffu;
// Held by a scan where files overlap: 2.5 MiB.
constexpr std::size_t kMostHeld = 65'536;
// Of a file that was not opened, about.
constexpr std::uint64_t kUsualIndexBytes = 512 * 1024;

struct Part {
  std::string name;  ///< for damage; empty: the recording has one file
  std::uint32_t recording = 0;
  std::unique_ptr<BagReader> reader;
  bool packed = false;
  std::vector<std::uint32_t> to_whole;    ///< by the part's connection
  std::vector<std::uint32_t> from_whole;  ///< by the whole's, or kNoConnection
  std::vector<TimeNs> latest_before;      ///< in earlier parts, by the whole's connection
};

class Rosbag2Reader : public BagReader {
 public:
  Rosbag2Reader(std::string path, const OpenOptions& options) : options_(options) { info_.path = std::move(path); }

  /// Opens one more file. Errors are the file's.
  Status add(std::unique_ptr<Source> source, const std::string& path, DamageLog& damage) {
    Part part;
    part.name = std::filesystem::path(path).filename().string();
    OpenOptions open = options_;
    open.recording = part.recording = options_.cache == nullptr ? options_.recording : options_.cache->number_of_part();
    if (options_.memory_bytes > 0)
      open.memory_bytes = std::max<std::uint64_t>(options_.memory_bytes, index_bytes_ + 1) - index_bytes_;
    if (!parts_.empty()) open.connection_bytes = open.busy_connection_bytes = 0;  // most are the same in all files
    if (source == nullptr) {
      ASSIGN_OR_RETURN(source, open_file(path));
    }
    packed_bytes_ = source->size();
    ASSIGN_OR_RETURN(part.packed, is_packed(*source));
    if (part.packed) {
      ASSIGN_OR_RETURN(const std::uint64_t takes, unpacking_bytes(*source));
      if (options_.memory_bytes > 0 && takes > open.memory_bytes)
        return Error(ErrorKind::over_limit,
                     "unpacking takes more memory than there is: about " + std::to_string((takes >> 20) + 1) + " MiB")
            .needing(std::max(takes, kUsualIndexBytes));
      auto result = unpack_zstd_file(*source, options_.temporary_folder);
      if (!result) return std::move(result).error().in(std::string(path));
      Unpacked unpacked = std::move(*result);
      if (!unpacked.damage.empty()) damage.add(0, part.name + ": " + unpacked.damage, unpacked.loss);
      info_.unpacked_bytes += unpacked.source->size();
      ASSIGN_OR_RETURN(part.reader, open_bag(std::move(unpacked.source), open));
    } else {
      ASSIGN_OR_RETURN(part.reader, open_bag(path, open));
    }
    const BagInfo& info = part.reader->info();
    info_.bytes += part.packed ? packed_bytes_ : info.bytes;
    index_bytes_ += info.index_bytes;
    for (const Damage& d : info.damage) damage.add(d.offset, part.name + ": " + d.what, d.loss, d.topic, d.messages);
    parts_.push_back(std::move(part));
    return {};
  }

  void finish(const Rosbag2Folder* folder, DamageLog& damage) {
    if (folder != nullptr) metadata_path_ = folder->metadata_path;
    join_connections();
    count_messages();
    sum_up();
    if (folder != nullptr && folder->metadata) compare(*folder, damage);
    info_.damage = damage.take();
  }

  bool empty() const { return parts_.empty(); }

  /// About what the index takes with a file that takes `next`, and as many more as `behind`.
  std::uint64_t index_bytes_with(std::uint64_t next, std::uint64_t behind) const {
    const std::uint64_t usual = parts_.empty() ? std::min(next, kUsualIndexBytes) : index_bytes_ / parts_.size();
    return index_bytes_ + next + behind * usual;
  }

  const BagInfo& info() const override { return info_; }

  Status scan(const ConnectionSet& which, const Visit& visit) override {
    std::vector<PieceSpan> spans;
    for (const std::size_t p : with_messages_) spans.push_back({parts_[p].reader->info().start, parts_[p].reader->info().end});
    const auto scan_part = [&](std::size_t piece, const Visit& visit_one) {
      return scan_one(with_messages_[piece], which, visit_one);
    };
    return merge_pieces(spans, scan_part, kMostHeld, visit);
  }

  Result<Payload> fetch(const MessageRef& ref) override {
    MessageRef inner;
    Part* part = find(ref, inner);
    if (part == nullptr)
      return Error(ErrorKind::internal, "a message of another recording was asked for").in(std::string(info_.path));
    return part->reader->fetch(inner);
  }

  Result<std::string> identity() override {
    Hasher hasher;
    for (const Part& part : parts_) {
      ASSIGN_OR_RETURN(const std::string of_part, part.reader->identity());
      hasher.add_text(part.name).add_text(of_part);
    }
    // Whether messages are compressed, and what is latched, can stand only there.
    if (!metadata_path_.empty()) {
      ASSIGN_OR_RETURN(const auto metadata, open_file(metadata_path_));
      std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(metadata->size(), kMostMetadataBytes)));
      ASSIGN_OR_RETURN(const std::size_t got, metadata->read_at(0, bytes));
      hasher.add(Bytes(bytes).first(got));
    }
    return hasher.hex_digest();
  }

  std::vector<std::string> files() const override {
    std::vector<std::string> names;
    for (const Part& part : parts_)
      for (std::string& name : part.reader->files()) names.push_back(std::move(name));
    if (!metadata_path_.empty()) names.push_back(metadata_path_);
    return names;
  }

  std::uint64_t file_offset(const MessageRef& ref) const override {
    MessageRef inner;
    const Part* part = const_cast<Rosbag2Reader*>(this)->find(ref, inner);
    return part == nullptr ? 0 : part->reader->file_offset(inner);
  }

  bool chunk_readable(const MessageRef& ref) override {
    MessageRef inner;
    Part* part = find(ref, inner);
    return part == nullptr || part->reader->chunk_readable(inner);
  }

  void check_indexes(const ConnectionSet& which) override {
    for (Part& part : parts_) part.reader->check_indexes(chosen_of(part, which));
  }

  bool index_is_wrong() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.reader->index_is_wrong(); });
  }

  Status mend_index(const std::function<Status()>& go_on) override {
    for (Part& part : parts_) {
      const std::vector<Damage> known = part.reader->info().damage;
      RETURN_IF_ERROR(part.reader->mend_index(go_on));
      const BagInfo& info = part.reader->info();
      const auto named = [&part](Damage damage) {
        damage.what = part.name + ": " + damage.what;
        return damage;
      };
      for (const Damage& one : known)  // a count that was wrong may be right now
        if (std::find(info.damage.begin(), info.damage.end(), one) == info.damage.end()) std::erase(info_.damage, named(one));
      for (const Damage& one : info.damage)
        if (std::find(known.begin(), known.end(), one) == known.end()) info_.damage.push_back(named(one));
      info_.index_mended |= info.index_mended;
      info_.index = std::max(info_.index, info.index);
    }
    count_messages();
    return {};
  }

  std::uint64_t place_key(const MessageRef& ref) const override {
    MessageRef inner;
    const Part* part = const_cast<Rosbag2Reader*>(this)->find(ref, inner);
    return part == nullptr ? 0 : whole_locator(static_cast<std::size_t>(part - parts_.data()), part->reader->place_key(inner));
  }

  std::string place(const MessageRef& ref) const override {
    MessageRef inner;
    const Part* part = const_cast<Rosbag2Reader*>(this)->find(ref, inner);
    return part == nullptr ? "" : part->name + " " + part->reader->place(inner);
  }

  std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const override {
    MessageRef inner;
    const Part* part = const_cast<Rosbag2Reader*>(this)->find(ref, inner);
    return part == nullptr ? 0 : part->reader->fetch_overhead_bytes(inner);
  }

 private:
  static Result<bool> is_packed(const Source& source) {
    std::byte head[4];
    ASSIGN_OR_RETURN(const std::size_t got, source.peek(head));
    return is_zstd_frame(Bytes(head).first(got));
  }

  /// Ids of topics differ from file to file: what joins them is name, type and definition. Where a file has several connections
  /// that agree in all of them (publishers of one topic), the first joins the first of the other files, and so on.
  void join_connections() {
    using Key = std::tuple<std::string, std::string, std::string, std::string, std::string, std::size_t>;
    std::map<Key, std::uint32_t> known;
    for (Part& part : parts_) {
      std::map<Key, std::size_t> of_part;
      for (const Connection& c : part.reader->info().connections) {
        Key key{c.topic, c.type, c.definition, c.definition_encoding, c.encoding, 0};
        std::get<5>(key) = of_part[key]++;
        const auto [place, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(info_.connections.size()));
        part.to_whole.push_back(place->second);
        if (is_new) {
          info_.connections.push_back(c);
          info_.connections.back().id = place->second;
          continue;
        }
        Connection& whole = info_.connections[place->second];
        whole.latching = whole.latching || c.latching;
      }
    }
    for (Part& part : parts_) {
      part.from_whole.assign(info_.connections.size(), kNoConnection);
      for (std::uint32_t i = 0; i < part.to_whole.size(); ++i) part.from_whole[part.to_whole[i]] = i;
    }
  }

  /// What the parts' messages sum up to.
  void count_messages() {
    for (Connection& whole : info_.connections) {
      whole.messages = whole.bytes = 0;
      whole.start = whole.end = 0;
    }
    for (const Part& part : parts_) {
      for (std::uint32_t i = 0; i < part.to_whole.size(); ++i) {
        const Connection& c = part.reader->info().connections[i];
        Connection& whole = info_.connections[part.to_whole[i]];
        if (c.messages > 0) {
          whole.start = whole.messages == 0 ? c.start : std::min(whole.start, c.start);
          whole.end = whole.messages == 0 ? c.end : std::max(whole.end, c.end);
        }
        whole.messages += c.messages;
        whole.bytes += c.bytes;
      }
    }
    std::vector<TimeNs> latest(info_.connections.size(), INT64_MIN);
    for (Part& part : parts_) {
      part.latest_before = latest;
      for (std::uint32_t i = 0; i < part.to_whole.size(); ++i) {
        const Connection& c = part.reader->info().connections[i];
        if (c.messages > 0) latest[part.to_whole[i]] = std::max(latest[part.to_whole[i]], c.end);
      }
    }
    with_messages_.clear();
    info_.messages = 0;
    info_.start = info_.end = 0;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const BagInfo& part = parts_[p].reader->info();
      if (part.messages == 0) continue;
      with_messages_.push_back(p);
      info_.start = info_.messages == 0 ? part.start : std::min(info_.start, part.start);
      info_.end = info_.messages == 0 ? part.end : std::max(info_.end, part.end);
      info_.messages += part.messages;
    }
  }

  void sum_up() {
    info_.format = "rosbag2";
    info_.by_message = true;
    std::uint64_t definitions = 0;
    TimeNs latest = INT64_MIN;
    bool overlap = false;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const BagInfo& part = parts_[p].reader->info();
      const std::string compression = parts_[p].packed && !inflates_chunks(part) ? "zstd" : part.compression;
      info_.compression = p == 0 || info_.compression == compression ? compression : "mixed";
      info_.by_message &= !inflates_chunks(part);
      info_.index = std::max(info_.index, part.index);
      info_.chunks += part.chunks;
      info_.largest_chunk_bytes = std::max(info_.largest_chunk_bytes, part.largest_chunk_bytes);
      info_.index_bytes_a_chunk = std::max(info_.index_bytes_a_chunk, part.index_bytes_a_chunk);
      for (const Connection& c : part.connections) definitions += c.definition.size() + sizeof(Connection) + c.topic.size();
      if (part.messages == 0) continue;
      overlap |= part.start <= latest;
      latest = std::max(latest, part.end);
    }
    info_.index_bytes = index_bytes_ + 2 * definitions + (overlap ? kMostHeld * sizeof(IndexedMessage) : 0);
    part_bits_ = std::bit_width(parts_.size() - 1);
  }

  /// metadata.yaml is a hint: what does not fit is said, and the files are right.
  void compare(const Rosbag2Folder& folder, DamageLog& damage) {
    const Rosbag2Metadata& metadata = *folder.metadata;
    for (Connection& c : info_.connections) c.latching = c.latching || metadata.latched_topics.contains(c.topic);
    if (folder.file_is_missing) return;
    if (metadata.messages && *metadata.messages != info_.messages)
      damage.add(0,
                 "metadata.yaml counts " + std::to_string(*metadata.messages) + " messages, the files have " +
                     std::to_string(info_.messages),
                 false);
    if (info_.messages > 0 && metadata.start && *metadata.start != info_.start)
      damage.add(0,
                 "metadata.yaml says that it starts at " + utc_text(*metadata.start) + ", the first message is of " +
                     utc_text(info_.start),
                 false);
    if (info_.messages > 0 && metadata.duration && *metadata.duration != info_.end - info_.start)
      damage.add(0,
                 "metadata.yaml says that it takes " + relative_text(*metadata.duration).substr(1) + ", the messages take " +
                     relative_text(info_.end - info_.start).substr(1),
                 false);
  }

  int shift() const { return 64 - part_bits_; }
  std::uint64_t whole_locator(std::size_t part, std::uint64_t locator) const {
    return part_bits_ == 0 ? locator : static_cast<std::uint64_t>(part) << shift() | locator;
  }

  Part* find(const MessageRef& ref, MessageRef& inner) {
    const std::size_t p = part_bits_ == 0 ? 0 : static_cast<std::size_t>(ref.locator >> shift());
    if (ref.recording != options_.recording || ref.connection >= info_.connections.size() || p >= parts_.size()) return nullptr;
    Part& part = parts_[p];
    inner = ref;
    inner.recording = part.recording;
    inner.connection = part.from_whole[ref.connection];
    if (part_bits_ > 0) inner.locator &= ~std::uint64_t{0} >> part_bits_;
    return inner.connection == kNoConnection ? nullptr : &part;
  }

  static ConnectionSet chosen_of(const Part& part, const ConnectionSet& which) {
    ConnectionSet chosen(part.to_whole.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = part.to_whole[i] < which.size() && which[part.to_whole[i]];
    return chosen;
  }

  Status scan_one(std::size_t number, const ConnectionSet& which, const Visit& visit) {
    Part& part = parts_[number];
    return part.reader->scan(chosen_of(part, which), [&](const IndexedMessage& message) -> Status {
      if (part_bits_ > 0 && message.ref.locator >> shift() != 0)
        return Error(ErrorKind::unsupported, "a message whose place is too large for a recording of so many files")
            .in(part.reader->info().path);
      IndexedMessage whole = message;
      whole.ref.recording = options_.recording;
      whole.ref.connection = part.to_whole[message.ref.connection];
      whole.ref.locator = whole_locator(number, message.ref.locator);
      whole.out_of_order |= message.ref.time < part.latest_before[whole.ref.connection];
      return visit(whole);
    });
  }

  OpenOptions options_;
  std::vector<Part> parts_;
  std::vector<std::size_t> with_messages_;
  std::string metadata_path_;
  BagInfo info_;
  std::uint64_t index_bytes_ = 0, packed_bytes_ = 0;
  int part_bits_ = 0;
};

}  // namespace

Result<std::unique_ptr<BagReader>> open_rosbag2_folder(const std::string& path, const OpenOptions& options) {
  DamageLog damage;
  ASSIGN_OR_RETURN(const Rosbag2Folder folder, examine_rosbag2_folder(path, damage));
  auto reader = std::make_unique<Rosbag2Reader>(path, options);
  std::optional<Error> first;
  for (const std::string& file : folder.files) {
    const auto added = reader->add(nullptr, file, damage);
    if (added) continue;
    if (added.error().kind() == ErrorKind::over_limit) {
      const auto behind = static_cast<std::uint64_t>(&folder.files.back() - &file);
      return Error(added.error()).needing(reader->index_bytes_with(added.error().smallest_limit_bytes(), behind));
    }
    const ErrorKind kind = added.error().kind();
    if (kind != ErrorKind::unreadable && kind != ErrorKind::corrupt) return added.error();
    if (!first) first = added.error();
    damage.add(0, std::filesystem::path(file).filename().string() + " cannot be read: " + added.error().message(), true);
  }
  if (reader->empty() && first) return std::move(*first);
  reader->finish(&folder, damage);
  return std::unique_ptr<BagReader>(std::move(reader));
}

Result<std::unique_ptr<BagReader>> open_packed_storage(std::unique_ptr<Source> packed, const OpenOptions& options) {
  const std::string name = packed->name();
  DamageLog damage;
  auto reader = std::make_unique<Rosbag2Reader>(name, options);
  if (auto added = reader->add(std::move(packed), name, damage); !added) {
    const Error& error = added.error();
    return Error(error.kind(), error.message()).fix(error.remedy()).needing(error.smallest_limit_bytes()).in(std::string(name));
  }
  reader->finish(nullptr, damage);
  return std::unique_ptr<BagReader>(std::move(reader));
}

}  // namespace bagloom::bag
