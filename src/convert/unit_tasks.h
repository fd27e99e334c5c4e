// The three kinds of task: numbers of a block of rows, a segment of encoded pictures, a segment of copied JPEGs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "align/plan_file.h"
#include "convert/recording.h"
#include "convert/stage_seconds.h"
#include "convert/stretch.h"
#include "dataset/unit.h"
#include "media/depth_scaler.h"
#include "media/format_check.h"
#include "media/segment_encoder.h"
#include "media/stream_decoder.h"

namespace bagloom::convert {

/// A message that rows refer to and that cannot be used: it is excluded and the recording planned again.
struct Unusable {
  MessageRef message;
  std::uint32_t column = 0;
  std::uint64_t offset = 0;  ///< in the recording's file
  std::string place;         ///< as BagReader::place
  std::string reason;
  std::uint64_t needs = 0;  ///< of a picture that memory was not laid out for: bytes that decoding it takes (picture_room.h)
};

/// What a task leaves: a unit, or the messages that stood in its way.
struct UnitOutcome {
  std::string name;                               ///< file in the units folder
  std::vector<Unusable> unusable;                 ///< not empty: no unit was written
  std::uint64_t packet_bytes = 0;                 ///< segments
  media::RgbHistogram histogram;                  ///< segments
  std::optional<media::FormatMismatch> mismatch;  ///< segments of still pictures: the first of their rows
};

/// How one camera is written. The same for all recordings of a job.
struct CameraOutput {
  std::uint32_t column = 0;        ///< of FeatureColumns
  media::StreamParameters stream;  ///< copy: what every JPEG must be
  media::EncoderSettings encoder;  ///< h264, av1; hevc (depth); png (image)
  bool copy = false;
  bool packets = false;                                       ///< copy of a video topic (pass_through.h)
  bool as_recorded = false;                                   ///< image: pictures like the first are not encoded again
  bool image = false;                                         ///< files in the tables; as recorded where they can be
  std::optional<media::DepthTarget> depth;                    ///< what depth becomes
  bool own_size = false;                                      ///< every picture must have the stream's size
  media::PixelFormat jpeg_format = media::PixelFormat::none;  ///< copy
  media::StreamCodec video = media::StreamCodec::none;        ///< of the topic, where it is a stream
  media::StreamLimits video_limits;                           ///< what memory is laid out for
  std::uint64_t picture_room = 0;                             ///< of still pictures: bytes that decoding one may take
};

/// Everything that the tasks of one recording share; does not change while they run.
struct RecordingWork {
  std::shared_ptr<Recording> recording;
  std::shared_ptr<const align::PlanFile> plan;
  std::shared_ptr<const FeatureColumns> columns;
  std::shared_ptr<const std::vector<CameraOutput>> cameras;
  recipe::NonFinite non_finite = recipe::NonFinite::gap;
  bool check_pictures = false;
  std::string units_folder;
  std::string versions;  ///< of codec libraries: part of the segments' names
  std::function<bool()> stop;
  StageSeconds* stages = nullptr;
  bool write = true;  ///< false: no unit is encoded or written
};

/// The rows of one task: ticks within one block of the grid and one range of an episode.
struct TaskRows {
  align::TickRange ticks;
  std::uint64_t first_row = 0;  ///< in the episode, of ticks.begin
  std::uint64_t episode_rows = 0;
  std::shared_ptr<const Stretch> stretch;  ///< compressed recordings: where its messages are staged
};

/// A task gives the unit that is already there where one of its name is whole. Errors: unreadable (the recording: only this
/// recording fails), io (staging), temporary (disk full), stopped.
Result<UnitOutcome> make_row_block(const RecordingWork& work, const TaskRows& rows);
Result<UnitOutcome> make_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows);

/// Whether the task would find its unit there, so that it needs no message.
Result<bool> has_row_block(const RecordingWork& work, const TaskRows& rows);
Result<bool> has_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows);

/// What making one is called in a profile: "segment observation.images.camera_0, rows 64-127", "numbers, rows 64-127".
std::string unit_text(const RecordingWork& work, std::optional<std::uint32_t> camera, const TaskRows& rows);

/// `copy` makes no pictures: those that the statistics take are decoded in tasks of their own (architecture.md section 1), whose
/// outcome has a histogram and no unit. Not so with `check_pictures`, which decodes all of them anyway. Packets of a video topic
/// are all decoded there: what is damaged, or is no picture of the stream's size, is found.
bool samples_apart(const RecordingWork& work, std::uint32_t camera);
Result<UnitOutcome> sample_pictures(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows);

/// Whether a vector column can be read from this message. Errors: as those that make a message unusable, or of the disk.
Status check_numbers(const RecordingWork& work, std::uint32_t column, const MessageRef& message, msg::Misnamed& misnamed);

/// Rows of an episode whose pictures LeRobot's statistics take (lerobot-format.md 5.3), in ascending order.
std::vector<std::uint64_t> sampled_rows(std::uint64_t episode_rows);

/// Resident bytes that a task may take beside the process's base.
std::uint64_t row_task_bytes(std::uint64_t largest_message, std::uint64_t chunk_bytes, std::uint32_t row_width);
std::uint64_t segment_task_bytes(const CameraOutput& camera, const CameraShape& source, std::uint64_t largest_message,
                                 std::uint64_t chunk_bytes);
std::uint64_t copy_task_bytes(std::uint64_t largest_message, std::uint64_t chunk_bytes);
std::uint64_t sample_task_bytes(const CameraOutput& camera, const CameraShape& source, std::uint64_t largest_message,
                                std::uint64_t chunk_bytes);

}  // namespace bagloom::convert
