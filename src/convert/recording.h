// An open recording with everything that its tasks need: reader, connections by topic, compiled extractors.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bag/bag_reader.h"
#include "convert/feature_columns.h"
#include "media/picture.h"
#include "media/stream_packet.h"
#include "msg/definition_set.h"
#include "msg/extractor.h"

namespace bagloom::convert {

class StreamIndex;

/// Compiled readers of one column, by connection. A null entry: another topic's connection.
struct ColumnExtractors {
  std::vector<std::unique_ptr<const msg::NumberExtractor>> numbers;
  std::vector<std::unique_ptr<const msg::PictureExtractor>> pictures;
};

struct Recording {
  std::uint32_t number = 0;  ///< among the job's recordings
  std::string path;
  std::string identity;  ///< of the file, and of the definitions that it lacks
  std::shared_ptr<const msg::DefinitionSet> definitions;
  std::unique_ptr<bag::BagReader> reader;
  std::map<std::string, std::vector<std::uint32_t>> connections;  ///< by topic
  std::vector<ColumnExtractors> extractors;                       ///< by column
  std::vector<std::shared_ptr<const StreamIndex>> streams;        ///< by column; null: no video topic, or not indexed (yet)
  std::vector<std::string> stream_files;                          ///< where the indexes are kept
};

struct OpenRecording {
  bag::ChunkCache* cache = nullptr;
  bool hash_inputs = false;
  std::uint64_t memory_bytes = 0;                              ///< as in bag::OpenOptions
  std::shared_ptr<const msg::DefinitionSet> definitions = {};  ///< as in Options
  std::string temporary_folder = {};                           ///< as in bag::OpenOptions
};

/// Opens the file and its index. Errors as bag::open_bag.
Result<std::unique_ptr<Recording>> open_recording(const std::string& path, std::uint32_t number, const OpenRecording& options);

/// Compiles every column's extractors. Errors (invalid), with the topic: not in the recording, no messages, no definition, no
/// such field.
Status compile_extractors(Recording& recording, const FeatureColumns& columns);

/// The shape of the first picture of a camera's topic that can be read; at most 30 messages are tried.
/// Of a video topic the first keyframe tells, among many more messages.
/// Errors: the first message's own; unsupported encodings name the encoding.
struct CameraShape {
  std::uint32_t width = 0, height = 0;
  media::PixelFormat format = media::PixelFormat::none;  ///< what decoding gives
  bool jpeg = false;
  std::uint64_t decoding_bytes = 0;                     ///< that decoding takes beside the picture
  bool file = false;                                    ///< a table may hold the message's file as it is
  std::string mismatch;                                 ///< "says png, is jpeg"; empty where the message says what it is
  media::StreamCodec video = media::StreamCodec::none;  ///< a video topic
  media::SequencePictures sequence;                     ///< of its first parameter sets
};
Result<CameraShape> first_picture(Recording& recording, const FeatureColumns& columns, std::uint32_t column);

}  // namespace bagloom::convert
