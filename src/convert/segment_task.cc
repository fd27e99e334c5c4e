// Segment tasks: one camera's pictures of a block of rows, encoded by an encoder of their own or copied by reference.
#include <algorithm>
#include <bit>
#include <set>

#include "convert/pass_through.h"
#include "convert/picture_room.h"
#include "convert/pictures.h"
#include "convert/stream_pictures.h"
#include "convert/task_messages.h"
#include "convert/unit_builder.h"
#include "memory/allocator.h"

namespace bagloom::convert {
namespace {

/// Of the task's rows, counted from its first, those whose pictures LeRobot's statistics take.
std::set<std::uint64_t> sampled_rows_of(const TaskRows& task) {
  std::set<std::uint64_t> samples;
  const auto rows = sampled_rows(task.episode_rows);
  const auto begin = std::lower_bound(rows.begin(), rows.end(), task.first_row);
  const auto end = std::lower_bound(begin, rows.end(), task.first_row + task.ticks.size());
  for (auto row = begin; row != end; ++row) samples.insert(*row - task.first_row);
  return samples;
}

Status check_size(const CameraOutput& camera, std::uint32_t width, std::uint32_t height) {
  if (!camera.own_size || (width == camera.stream.width && height == camera.stream.height)) return {};
  return Error(ErrorKind::corrupt, "a picture of " + size_text(width, height) + ", the others are " +
                                       size_text(camera.stream.width, camera.stream.height))
      .fix(camera.packets ? "" : "give the camera a size in the recipe");
}

class SegmentBuilder : public UnitBuilder {
 public:
  SegmentBuilder(const RecordingWork& work, const CameraOutput& camera, const TaskRows& rows, bool samples_apart)
      : work_(work),
        camera_(camera),
        rules_(work.columns->columns[camera.column].camera_rules),
        rows_(rows),
        samples_apart_(samples_apart) {}

  /// Whether the unit is there already.
  Result<bool> look() {
    ASSIGN_OR_RETURN(cells_, work_.plan->cells(camera_.column, rows_.ticks));
    if (stream() != nullptr) {
      ASSIGN_OR_RETURN(inputs_, stream_inputs(*stream(), cells_));
    }
    choose_samples();
    outcome_.name = unit_name();
    path_ = work_.units_folder + "/" + outcome_.name;
    if (!work_.write) return false;
    const auto reader = dataset::SegmentReader::open(path_);
    if (!reader) return false;
    outcome_.packet_bytes = (*reader)->facts().packet_bytes;
    outcome_.histogram = (*reader)->facts().histogram;
    outcome_.mismatch = (*reader)->facts().mismatch;
    return true;
  }

  Status begin() {
    ASSIGN_OR_RETURN(there_, look());
    if (there_) return {};
    if (work_.write) {
      ASSIGN_OR_RETURN(writer_, dataset::SegmentWriter::create(path_));
    }
    if (stream() != nullptr && !(camera_.packets && samples_apart_)) {
      stream_pictures_.emplace(*work_.recording, camera_.column, camera_.video_limits,
                               [this](const MessageRef& ref) { return fetch_untimed(work_, rows_, ref); });
      RETURN_IF_ERROR(stream_pictures_->want(cells_));
    }
    decoder_ = make_decoder(rules_);
    sampler_ = make_sampler(camera_);
    if (camera_.copy) return {};
    scaler_ = make_scaler(camera_, rules_);
    if (!work_.write) return {};
    const StageTimer timer(work_.stages, Stage::encode);
    ASSIGN_OR_RETURN(encoder_, media::SegmentEncoder::open(camera_.encoder, [this](const media::Packet& packet) {
                       outcome_.packet_bytes += packet.bytes.size();
                       return writer_->add(packet);
                     }));
    return {};
  }

  Status advance(std::uint64_t rows, const DecodedMessages* decoded) override {
    const std::uint64_t end = std::min(next_ + rows, std::uint64_t{cells_.size()});
    for (; next_ < end && !there_; ++next_) {
      if (work_.stop && work_.stop()) return stopped_error();
      RETURN_IF_ERROR(camera_.copy    ? copy_row(next_, decoded)
                      : camera_.image ? file_row(cells_[next_].first, decoded)
                                      : encode_row(cells_[next_].first, decoded));
    }
    next_ = end;
    return {};
  }

  Result<UnitOutcome> finish() override {
    if (there_) return std::move(outcome_);
    outcome_.mismatch = formats_.first();
    if (!outcome_.unusable.empty() || !work_.write) return std::move(outcome_);
    if (encoder_ != nullptr) {
      const StageTimer timer(work_.stages, Stage::encode);
      RETURN_IF_ERROR(encoder_->finish());
    }
    const StageTimer timer(work_.stages, Stage::write);
    RETURN_IF_ERROR(writer_->finish(camera_.copy ? camera_.stream : encoder_->stream(), outcome_.histogram, outcome_.mismatch));
    return std::move(outcome_);
  }

 private:
  // Encoded pictures are all decoded, so all count; copied ones only where LeRobot would sample.
  void choose_samples() {
    if (camera_.copy && !samples_apart_) samples_ = sampled_rows_of(rows_);
  }

  std::string unit_name() const {
    Hasher hasher;
    hasher.add_text("segment 6").add_text(work_.versions).add_text(camera_.stream.codec);
    add_owner(hasher, work_, work_.columns->columns[camera_.column].feature, rows_.ticks);
    hasher.add(camera_.stream.width).add(camera_.stream.height).add(camera_.stream.fps);
    hasher.add(static_cast<std::uint64_t>(camera_.encoder.crf)).add(static_cast<std::uint64_t>(rules_.filter));
    hasher.add(static_cast<std::uint64_t>(rules_.fit)).add(rules_.tolerate_warnings ? 1u : 0u).add(camera_.own_size ? 1u : 0u);
    hasher.add(camera_.packets ? 1u : 0u).add(camera_.image ? 1u : 0u).add(camera_.depth ? 1u : 0u);
    if (camera_.depth) {
      for (const double unit : {camera_.depth->unit, camera_.depth->float_unit}) hasher.add(std::bit_cast<std::uint64_t>(unit));
      const media::DepthRange range = camera_.depth->range.value_or(media::DepthRange{0, 0, 0});
      for (const double number : {range.nearest, range.farthest, range.shift}) hasher.add(std::bit_cast<std::uint64_t>(number));
    }
    for (const std::uint64_t row : samples_) hasher.add(row);
    for (const align::Cell& cell : cells_) add_cell(hasher, cell);
    for (const MessageRef& input : inputs_) hasher.add(input.locator).add(input.connection);
    return hasher.hex_digest() + ".segment";
  }

  const StreamIndex* stream() const { return work_.recording->streams[camera_.column].get(); }

  Result<const media::Picture*> decoded_picture(const MessageRef& ref, const DecodedMessages* decoded) {
    if (decoded != nullptr)
      if (auto held = decoded->picture(camera_.column, ref)) return std::move(*held);
    if (stream_pictures_) {
      const StageTimer timer(work_.stages, Stage::decode);
      return stream_pictures_->picture(ref);
    }
    ASSIGN_OR_RETURN(const bag::Payload payload, fetch_message(work_, rows_, ref));
    ASSIGN_OR_RETURN(const media::EncodedPicture encoded, encoded_picture(*work_.recording, camera_.column, ref, payload.bytes));
    formats_.look_at(encoded, ref.time);
    RETURN_IF_ERROR(make_way(camera_, encoded, decoded_, needs_));
    const StageTimer timer(work_.stages, Stage::decode);
    RETURN_IF_ERROR(decoder_->decode(encoded, decoded_));
    return &decoded_;
  }

  Status scale(const MessageRef& ref, const DecodedMessages* decoded) {
    ASSIGN_OR_RETURN(const media::Picture* picture, decoded_picture(ref, decoded));
    RETURN_IF_ERROR(check_size(camera_, picture->width(), picture->height()));
    const StageTimer timer(work_.stages, Stage::encode);
    return scaler_->scale(*picture, scaled_);
  }

  Status encode_row(const MessageRef& ref, const DecodedMessages* decoded) {
    if (!(ref == last_)) {
      last_ = ref;
      needs_ = 0;
      if (auto status = scale(ref, decoded); !status) {
        if (!concerns_message(status.error())) return std::move(status).error();
        report_unusable(work_, outcome_.unusable, ref, camera_.column, status.error(), needs_);
        report_lost();
      }
    }
    // Once a message is unusable the unit will not be written; what remains is looked at for more of them.
    if (!outcome_.unusable.empty() || encoder_ == nullptr) return {};
    const StageTimer timer(work_.stages, Stage::encode);
    RETURN_IF_ERROR(sampler_->add(scaled_, outcome_.histogram));
    return encoder_->push(scaled_);
  }

  /// A picture that goes into the tables as a file: the recorded one where nothing about it has to change.
  Status file_row(const MessageRef& ref, const DecodedMessages* decoded) {
    needs_ = 0;
    auto status = file_one(ref, decoded);
    if (status) return {};
    if (!concerns_message(status.error())) return status;
    report_unusable(work_, outcome_.unusable, ref, camera_.column, status.error(), needs_);
    return {};
  }

  Status file_one(const MessageRef& ref, const DecodedMessages* decoded) {
    bag::Payload payload;
    ASSIGN_OR_RETURN(const Bytes message, message_bytes(ref, decoded, payload));
    ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(*work_.recording, camera_.column, ref, message));
    formats_.look_at(picture, ref.time);
    RETURN_IF_ERROR(make_way(camera_, picture, decoded_, needs_));
    // All of them are decoded: what cannot be must not get into the dataset.
    {
      const StageTimer timer(work_.stages, Stage::decode);
      RETURN_IF_ERROR(decoder_->decode(picture, decoded_));
    }
    RETURN_IF_ERROR(check_size(camera_, decoded_.width(), decoded_.height()));
    if (!outcome_.unusable.empty() || encoder_ == nullptr) return {};
    const StageTimer timer(work_.stages, Stage::encode);
    const bool resized = decoded_.width() != camera_.stream.width || decoded_.height() != camera_.stream.height;
    const bool millimetres = !camera_.depth || camera_.depth->unit == 0.001;
    if (const Bytes file = media::file_as_recorded(picture, camera_.depth.has_value());
        !file.empty() && !resized && millimetres) {
      RETURN_IF_ERROR(sampler_->add(decoded_, outcome_.histogram));
      outcome_.packet_bytes += file.size();
      return writer_->add({file, true});
    }
    RETURN_IF_ERROR(scaler_->scale(decoded_, scaled_));
    RETURN_IF_ERROR(sampler_->add(scaled_, outcome_.histogram));
    return encoder_->push(scaled_);
  }

  /// Damage in a stream takes more messages with it than rows ask for: a new plan would come upon them one after the other.
  void report_lost() {
    if (!stream_pictures_) return;
    const std::vector<LostPicture>& lost = stream_pictures_->lost();
    for (; lost_reported_ < lost.size(); ++lost_reported_)
      report_unusable(work_, outcome_.unusable, lost[lost_reported_].ref, camera_.column,
                      Error(ErrorKind::corrupt, lost[lost_reported_].reason));
  }

  Status copy_row(std::uint64_t row, const DecodedMessages* decoded) {
    auto status = camera_.packets ? copy_packet(cells_[row].first, samples_.contains(row))
                                  : copy_one(cells_[row].first, samples_.contains(row), decoded);
    if (status) return {};
    if (!concerns_message(status.error())) return status;
    report_unusable(work_, outcome_.unusable, cells_[row].first, camera_.column, status.error());
    report_lost();
    return {};
  }

  Result<Bytes> message_bytes(const MessageRef& ref, const DecodedMessages* decoded, bag::Payload& payload) const {
    if (decoded != nullptr)
      if (auto held = decoded->payload(ref)) return std::move(*held);
    ASSIGN_OR_RETURN(payload, fetch_message(work_, rows_, ref));
    return payload.bytes;
  }

  Status copy_one(const MessageRef& ref, bool sampled, const DecodedMessages* decoded) {
    bag::Payload payload;
    ASSIGN_OR_RETURN(const Bytes message, message_bytes(ref, decoded, payload));
    ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(*work_.recording, camera_.column, ref, message));
    formats_.look_at(picture, ref.time);
    ASSIGN_OR_RETURN(const media::PictureShape shape, media::check_jpeg(picture.data));
    if (shape.width != camera_.stream.width || shape.height != camera_.stream.height || shape.format != camera_.jpeg_format)
      return Error(ErrorKind::corrupt, "a JPEG of " + size_text(shape.width, shape.height) + " " +
                                           std::string(media::name_of(shape.format)) + ", the others are " +
                                           size_text(camera_.stream.width, camera_.stream.height) + " " +
                                           std::string(media::name_of(camera_.jpeg_format)));
    if (sampled || work_.check_pictures) {
      const StageTimer timer(work_.stages, Stage::decode);
      RETURN_IF_ERROR(decoder_->decode(picture, decoded_));
      if (sampled) RETURN_IF_ERROR(sampler_->add(decoded_, outcome_.histogram));
    }
    outcome_.packet_bytes += picture.data.size();
    if (writer_ == nullptr) return {};
    const StageTimer timer(work_.stages, Stage::write);
    // Out of a compressed recording the assembler would have to inflate every chunk again, once a camera.
    if (rows_.stretch != nullptr) return writer_->add({picture.data, true});
    return writer_->add_reference(ref, static_cast<std::uint64_t>(picture.data.data() - message.data()), picture.data.size());
  }

  // Packets are small: they are staged, whatever the recording is.
  Status copy_packet(const MessageRef& ref, bool sampled) {
    ASSIGN_OR_RETURN(const std::uint64_t number, stream()->find(ref));
    ASSIGN_OR_RETURN(const StreamEntry entry, stream()->entry(number));
    const auto fetch = [this](const MessageRef& message) { return fetch_message(work_, rows_, message); };
    ASSIGN_OR_RETURN(const auto packet, packet_of(*work_.recording, camera_.column, *stream(), entry, fetch));
    if (!samples_apart_) {
      ASSIGN_OR_RETURN(const media::Picture* picture, decoded_picture(ref, nullptr));
      RETURN_IF_ERROR(check_size(camera_, picture->width(), picture->height()));
      if (sampled) RETURN_IF_ERROR(sampler_->add(*picture, outcome_.histogram));
    }
    outcome_.packet_bytes += packet.size();
    if (writer_ == nullptr) return {};
    const StageTimer timer(work_.stages, Stage::write);
    return writer_->add({packet, entry.is_keyframe(number)});
  }

  const RecordingWork& work_;
  const CameraOutput& camera_;
  const recipe::CameraFeature& rules_;
  const TaskRows rows_;
  std::string path_;
  std::vector<align::Cell> cells_;
  std::vector<MessageRef> inputs_;   ///< of a video topic: all messages that are read
  std::set<std::uint64_t> samples_;  ///< rows of this task
  std::unique_ptr<media::PictureDecoder> decoder_;
  std::optional<StreamPictures> stream_pictures_;
  std::size_t lost_reported_ = 0;
  media::FormatCheck formats_;
  std::unique_ptr<media::HistogramSampler> sampler_;
  std::unique_ptr<media::PictureScaler> scaler_;
  std::unique_ptr<dataset::SegmentWriter> writer_;  ///< null: nothing is written
  std::unique_ptr<media::SegmentEncoder> encoder_;  ///< null: nothing is encoded, or copied
  media::Picture decoded_, scaled_;
  MessageRef last_;
  std::uint64_t next_ = 0;
  std::uint64_t needs_ = 0;   ///< of the last picture, where memory was not laid out for it
  const bool samples_apart_;  ///< copy: another task decodes the pictures of the statistics
  bool there_ = false;
  UnitOutcome outcome_;
};

}  // namespace

Status decode_picture(const RecordingWork& work, std::uint32_t column, const MessageRef& ref, Bytes message,
                      media::PictureDecoder& decoder, media::Picture& into) {
  const StageTimer timer(work.stages, Stage::decode);
  ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(*work.recording, column, ref, message));
  return decoder.decode(picture, into);
}

Result<std::unique_ptr<UnitBuilder>> begin_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows) {
  auto builder = std::make_unique<SegmentBuilder>(work, (*work.cameras)[camera], rows, false);
  RETURN_IF_ERROR(builder->begin());
  return std::unique_ptr<UnitBuilder>(std::move(builder));
}

Result<bool> has_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows) {
  return SegmentBuilder(work, (*work.cameras)[camera], rows, samples_apart(work, camera)).look();
}

Result<UnitOutcome> make_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows) {
  const CameraOutput& output = (*work.cameras)[camera];
  auto outcome = [&]() -> Result<UnitOutcome> {
    SegmentBuilder builder(work, output, rows, samples_apart(work, camera));
    RETURN_IF_ERROR(builder.begin());
    RETURN_IF_ERROR(builder.advance(rows.ticks.size(), nullptr));
    return builder.finish();
  }();
  // SVT-AV1 allocates from threads of its own: what they free in one segment the next one does not find again. Before the task's
  // bytes are another's.
  if (output.encoder.codec == "av1") memory::trim_heap();
  return outcome;
}

bool samples_apart(const RecordingWork& work, std::uint32_t camera) {
  return (*work.cameras)[camera].copy && (!work.check_pictures || (*work.cameras)[camera].packets);
}

namespace {

/// Decodes all rows of a video topic's packets: damage must not be passed on.
Result<UnitOutcome> decode_packets(const RecordingWork& work, const CameraOutput& camera, const TaskRows& rows) {
  UnitOutcome outcome;
  ASSIGN_OR_RETURN(const auto cells, work.plan->cells(camera.column, rows.ticks));
  const std::set<std::uint64_t> samples = sampled_rows_of(rows);
  const auto sampler = make_sampler(camera);
  StreamPictures pictures(*work.recording, camera.column, camera.video_limits,
                          [&](const MessageRef& ref) { return fetch_untimed(work, rows, ref); });
  RETURN_IF_ERROR(pictures.want(cells));
  const auto look_at = [&](std::uint64_t row) -> Status {
    const StageTimer timer(work.stages, Stage::decode);
    ASSIGN_OR_RETURN(const media::Picture* picture, pictures.picture(cells[row].first));
    RETURN_IF_ERROR(check_size(camera, picture->width(), picture->height()));
    return samples.contains(row) ? sampler->add(*picture, outcome.histogram) : Status();
  };
  for (std::uint64_t row = 0; row < cells.size(); ++row) {
    if (work.stop && work.stop()) return stopped_error();
    auto status = look_at(row);
    if (status) continue;
    if (!concerns_message(status.error())) return std::move(status).error();
    report_unusable(work, outcome.unusable, cells[row].first, camera.column, status.error());
  }
  for (const LostPicture& lost : pictures.lost())
    report_unusable(work, outcome.unusable, lost.ref, camera.column, Error(ErrorKind::corrupt, lost.reason));
  return outcome;
}

}  // namespace

Result<UnitOutcome> sample_pictures(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows) {
  if ((*work.cameras)[camera].packets) return decode_packets(work, (*work.cameras)[camera], rows);
  const std::uint32_t column = (*work.cameras)[camera].column;
  UnitOutcome outcome;
  const std::set<std::uint64_t> samples = sampled_rows_of(rows);
  if (samples.empty()) return outcome;
  ASSIGN_OR_RETURN(const auto cells, work.plan->cells(column, rows.ticks));
  const auto decoder = make_decoder(work.columns->columns[column].camera_rules);
  const auto sampler = make_sampler((*work.cameras)[camera]);
  media::Picture decoded;
  const auto add = [&](const MessageRef& ref) -> Status {
    ASSIGN_OR_RETURN(const bag::Payload payload, fetch_message(work, rows, ref));
    ASSIGN_OR_RETURN(const media::EncodedPicture encoded, encoded_picture(*work.recording, column, ref, payload.bytes));
    std::uint64_t needs = 0;
    RETURN_IF_ERROR(make_way((*work.cameras)[camera], encoded, decoded, needs));
    const StageTimer timer(work.stages, Stage::decode);
    RETURN_IF_ERROR(decoder->decode(encoded, decoded));
    return sampler->add(decoded, outcome.histogram);
  };
  for (const std::uint64_t row : samples) {
    if (work.stop && work.stop()) return stopped_error();
    if (auto status = add(cells[row].first); !status) {
      if (!concerns_message(status.error())) return std::move(status).error();
      report_unusable(work, outcome.unusable, cells[row].first, column, status.error());
    }
  }
  return outcome;
}

}  // namespace bagloom::convert
