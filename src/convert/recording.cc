#include "convert/recording.h"

#include <sys/stat.h>

#include <set>
#include <vector>

#include "bag/first_messages.h"
#include "base/hash.h"
#include "convert/pictures.h"
#include "convert/stream_shape.h"
#include "msg/definition.h"
#include "recipe/connection_definition.h"

namespace bagloom::convert {
namespace {

Status add_content(Hasher& hasher, const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t offset = 0; offset < source->size();) {
    ASSIGN_OR_RETURN(const std::size_t n, source->read_at(offset, block));
    if (n == 0) break;
    hasher.add(Bytes(block.data(), n));
    offset += n;
  }
  return {};
}

// architecture.md section 8: size, mtime, and what the reader hashes; the whole content only when asked.
Result<std::string> identity_of(bag::BagReader& reader, bool hash_inputs) {
  Hasher hasher;
  ASSIGN_OR_RETURN(const std::string index, reader.identity());
  const std::vector<std::string> files = reader.files();
  for (const std::string& path : files) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return Error(ErrorKind::unreadable, "cannot be examined").in(std::string(path));
    hasher.add(static_cast<std::uint64_t>(facts.st_size));
    if (&path == &files.front()) hasher.add_text(index);
    if (hash_inputs) {
      RETURN_IF_ERROR(add_content(hasher, path));
    } else {
      hasher.add(static_cast<std::uint64_t>(facts.st_mtim.tv_sec)).add(static_cast<std::uint64_t>(facts.st_mtim.tv_nsec));
    }
  }
  return hasher.hex_digest();
}

std::vector<msg::NumberSelection> selections_of(const FeatureColumn& column) {
  std::vector<msg::NumberSelection> selections;
  for (const PartPlace& place : column.parts) {
    msg::NumberSelection selection;
    selection.path = place.part.field;
    selection.width = place.part.width;
    if (!place.part.select.empty()) {
      selection.names = place.part.select;  // of the `name` array beside the field
    } else if (!place.expected.empty()) {
      selection.expected = place.expected;
      selection.expected_of = place.expected_by_recipe ? "the recipe's" : "the first message's";
    }
    selections.push_back(std::move(selection));
  }
  return selections;
}

/// Definitions that come from elsewhere are part of the recording's identity: other ones give other numbers. Those that are
/// nowhere are left to whoever needs them.
std::string with_definitions(std::string identity, const bag::BagInfo& info, const msg::DefinitionSet& definitions) {
  Hasher hasher;
  hasher.add_text(identity);
  bool outside = false;
  for (const bag::Connection& connection : info.connections) {
    // Recordings of ROS 1, protobuf and JSON hold whole definitions, or none.
    if (connection.messages == 0 || (connection.encoding != "cdr" && !connection.definition.empty())) continue;
    const auto definition = recipe::definition_of(connection, definitions);
    if (!definition.ok() || (*definition)->outside.empty()) continue;
    hasher.add(connection.id).add_text((*definition)->outside);
    outside = true;
  }
  return outside ? hasher.hex_digest() : identity;
}

Status compile_connection(const bag::Connection& connection, const msg::DefinitionSet& definitions, const FeatureColumn& column,
                          std::uint32_t index, ColumnExtractors& into) {
  ASSIGN_OR_RETURN(auto definition, recipe::definition_of(connection, definitions));
  if (column.camera) {
    ASSIGN_OR_RETURN(auto extractor, msg::PictureExtractor::compile(definition));
    into.pictures[index] = std::make_unique<const msg::PictureExtractor>(std::move(extractor));
  } else {
    ASSIGN_OR_RETURN(auto extractor, msg::NumberExtractor::compile(definition, selections_of(column)));
    into.numbers[index] = std::make_unique<const msg::NumberExtractor>(std::move(extractor));
  }
  return {};
}

/// The types of a topic's messages, where there are several; else empty.
std::string types_of(const std::vector<bag::Connection>& connections, const std::vector<std::uint32_t>& of_topic) {
  std::set<std::string> types;
  for (const std::uint32_t index : of_topic)
    if (connections[index].messages > 0) types.insert(connections[index].type);
  if (types.size() < 2) return {};
  std::string text;
  for (const std::string& type : types) text += (text.empty() ? "" : ", ") + type;
  return text;
}

Error no_messages(const bag::BagInfo& info) {
  if (info.damage.empty()) return Error(ErrorKind::corrupt, "holds no messages");
  const bag::Damage& first = info.damage.front();
  return Error(ErrorKind::corrupt, "holds no messages that can be read: " + hex(first.offset) + ": " +
                                       (first.topic.empty() ? "" : first.topic + ": ") + first.what);
}

}  // namespace

Result<std::unique_ptr<Recording>> open_recording(const std::string& path, std::uint32_t number, const OpenRecording& options) {
  auto recording = std::make_unique<Recording>();
  recording->number = number;
  recording->path = path;
  bag::OpenOptions open;
  open.recording = number;
  open.cache = options.cache;
  open.memory_bytes = options.memory_bytes;
  open.temporary_folder = options.temporary_folder;
  ASSIGN_OR_RETURN(recording->reader, bag::open_bag(path, open));
  ASSIGN_OR_RETURN(recording->identity, identity_of(*recording->reader, options.hash_inputs));
  recording->definitions = options.definitions ? options.definitions : std::make_shared<const msg::DefinitionSet>();
  recording->identity = with_definitions(std::move(recording->identity), recording->reader->info(), *recording->definitions);
  const auto& connections = recording->reader->info().connections;
  for (std::uint32_t i = 0; i < connections.size(); ++i) recording->connections[connections[i].topic].push_back(i);
  return recording;
}

Status compile_extractors(Recording& recording, const FeatureColumns& columns) {
  const auto& connections = recording.reader->info().connections;
  recording.extractors.clear();
  recording.streams.assign(columns.columns.size(), nullptr);
  if (recording.reader->info().messages == 0) return no_messages(recording.reader->info()).in(recording.path).fix("leave it out");
  for (const FeatureColumn& column : columns.columns) {
    const auto here = [&](Error error) {
      return std::move(error).in(column.feature + " from " + column.topic).in(recording.path);
    };
    ColumnExtractors extractors;
    extractors.numbers.resize(connections.size());
    extractors.pictures.resize(connections.size());
    const auto found = recording.connections.find(column.topic);
    if (found == recording.connections.end())
      return here(Error(ErrorKind::invalid, "the recording has no such topic").fix("`bagloom info` lists the topics"));
    std::uint64_t messages = 0;
    for (const std::uint32_t index : found->second) {
      messages += connections[index].messages;
      if (connections[index].messages == 0) continue;
      auto status = compile_connection(connections[index], *recording.definitions, column, index, extractors);
      if (status.ok()) continue;
      const std::string types = types_of(connections, found->second);
      if (types.empty()) return here(std::move(status).error());
      return here(Error(ErrorKind::invalid, status.error().text())
                      .fix("messages of several types stand on this topic (" + types +
                           "), and a feature takes all of them: leave the "
                           "feature out, or give each type a topic of its own in a copy of the recording"));
    }
    if (messages == 0) return here(Error(ErrorKind::invalid, "the topic has no messages"));
    recording.extractors.push_back(std::move(extractors));
  }
  return {};
}

Result<CameraShape> first_picture(Recording& recording, const FeatureColumns& columns, std::uint32_t column) {
  // The first ones; then of other chunks, so that a damaged one that holds all of them does not end it.
  constexpr std::size_t kTries = 30, kOtherChunks = 16;
  bag::ConnectionSet which(recording.reader->info().connections.size(), false);
  for (const std::uint32_t index : recording.connections[columns.columns[column].topic]) which[index] = true;
  std::vector<MessageRef> first;
  RETURN_IF_ERROR(bag::find_first(*recording.reader, which, kTries, kOtherChunks, first));
  std::optional<Error> reason;
  const bool depth = columns.columns[column].camera_rules.depth.has_value();
  for (const MessageRef& ref : first) {
    auto shape = [&]() -> Result<CameraShape> {
      ASSIGN_OR_RETURN(const bag::Payload payload, recording.reader->fetch(ref));
      ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(recording, column, ref, payload.bytes));
      // Raw pixels may look like anything.
      const auto video = picture.compressed ? media::stream_codec(picture.data, picture.encoding) : media::StreamCodec::none;
      if (video != media::StreamCodec::none) {
        CameraShape stream;
        stream.video = video;
        stream.mismatch = media::stream_mismatch(video, picture.encoding);
        return stream;
      }
      ASSIGN_OR_RETURN(const media::PictureShape probed, media::probe_picture(picture, depth));
      const bool file = !media::file_as_recorded(picture, depth).empty();
      CameraShape still;
      still.width = probed.width;
      still.height = probed.height;
      still.format = probed.format;
      still.jpeg = probed.jpeg;
      still.decoding_bytes = probed.decoding_bytes;
      still.file = file;
      still.mismatch = media::format_mismatch(picture);
      return still;
    }();
    if (shape && shape->video != media::StreamCodec::none) {
      std::string mismatch = std::move(shape->mismatch);
      shape = first_keyframe(recording, column, shape->video);
      if (shape) shape->mismatch = std::move(mismatch);
    }
    if (shape) return shape;
    if (!reason) reason = std::move(shape).error();
    if (reason->kind() == ErrorKind::unsupported || reason->kind() == ErrorKind::unreadable) break;
  }
  if (!reason) reason = Error(ErrorKind::corrupt, "no picture could be read");
  return std::move(*reason).in(columns.columns[column].feature + " from " + columns.columns[column].topic).in(recording.path);
}

}  // namespace bagloom::convert
