// Segment tasks: one camera's pictures of a block of rows, encoded by an encoder of their own or copied by reference.
#include <algorithm>
#include <set>

#include "convert/pictures.h"
#include "convert/task_messages.h"
#include "convert/unit_tasks.h"

namespace bagloom::convert {
namespace {

std::string size_text(std::uint32_t width, std::uint32_t height) { return std::to_string(width) + "x" + std::to_string(height); }

class SegmentTask {
 public:
  SegmentTask(const RecordingWork& work, const CameraOutput& camera, const TaskRows& rows)
      : work_(work), camera_(camera), rules_(work.columns->columns[camera.column].camera_rules), rows_(rows) {}

  Result<UnitOutcome> run() {
    ASSIGN_OR_RETURN(cells_, work_.plan->cells(camera_.column, rows_.ticks));
    choose_samples();
    UnitOutcome outcome;
    outcome.name = unit_name();
    path_ = work_.units_folder + "/" + outcome.name;
    if (auto reader = dataset::SegmentReader::open(path_)) {
      outcome.packet_bytes = reader.value()->facts().packet_bytes;
      outcome.histogram = reader.value()->facts().histogram;
      return outcome;
    }
    decoder_ = media::make_picture_decoder({rules_.tolerate_warnings});
    sampler_ = media::make_histogram_sampler();
    RETURN_IF_ERROR(camera_.copy ? copy(outcome) : encode(outcome));
    return outcome;
  }

 private:
  // Encoded pictures are all decoded, so all count; copied ones only where LeRobot would sample.
  void choose_samples() {
    if (!camera_.copy) return;
    const auto rows = sampled_rows(rows_.episode_rows);
    const auto begin = std::lower_bound(rows.begin(), rows.end(), rows_.first_row);
    const auto end = std::lower_bound(begin, rows.end(), rows_.first_row + rows_.ticks.size());
    for (auto row = begin; row != end; ++row) samples_.insert(*row - rows_.first_row);
  }

  std::string unit_name() const {
    Hasher hasher;
    hasher.add_text("segment 1").add_text(work_.versions).add_text(camera_.stream.codec);
    hasher.add(camera_.stream.width).add(camera_.stream.height).add(camera_.stream.fps);
    hasher.add(static_cast<std::uint64_t>(camera_.encoder.crf)).add(static_cast<std::uint64_t>(rules_.filter));
    hasher.add(static_cast<std::uint64_t>(rules_.fit)).add(rules_.tolerate_warnings ? 1u : 0u).add(camera_.own_size ? 1u : 0u);
    for (const std::uint64_t row : samples_) hasher.add(row);
    for (const align::Cell& cell : cells_) add_cell(hasher, work_, cell);
    return hasher.hex_digest() + ".segment";
  }

  /// The picture's bytes; `payload` keeps them alive.
  Result<media::EncodedPicture> fetch(const MessageRef& ref, bag::Payload& payload) const {
    ASSIGN_OR_RETURN(payload, fetch_message(work_, rows_, ref));
    return encoded_picture(*work_.recording, camera_.column, ref, payload.bytes);
  }

  Status check_size(std::uint32_t width, std::uint32_t height) const {
    if (!camera_.own_size || (width == camera_.stream.width && height == camera_.stream.height)) return {};
    return Error(ErrorKind::corrupt, "a picture of " + size_text(width, height) + ", the others are " +
                                         size_text(camera_.stream.width, camera_.stream.height));
  }

  Status decode(const MessageRef& ref) {
    bag::Payload payload;
    ASSIGN_OR_RETURN(const media::EncodedPicture picture, fetch(ref, payload));
    RETURN_IF_ERROR(decoder_->decode(picture, decoded_));
    return check_size(decoded_.width(), decoded_.height());
  }

  Status encode(UnitOutcome& outcome) {
    ASSIGN_OR_RETURN(auto writer, dataset::SegmentWriter::create(path_));
    ASSIGN_OR_RETURN(auto encoder, media::SegmentEncoder::open(camera_.encoder, [&](const media::Packet& packet) {
                       outcome.packet_bytes += packet.bytes.size();
                       return writer->add(packet);
                     }));
    const auto scaler = media::make_picture_scaler(scale_target(rules_, camera_.stream.width, camera_.stream.height));
    media::Picture scaled;
    MessageRef last;
    for (const align::Cell& cell : cells_) {
      if (work_.stop && work_.stop()) return stopped_error();
      if (!(cell.first == last)) {
        last = cell.first;
        auto status = decode(cell.first);
        if (status) status = scaler->scale(decoded_, scaled);
        if (!status) {
          if (!concerns_message(status.error())) return std::move(status).error();
          report_unusable(work_, outcome.unusable, cell.first, camera_.column, status.error());
        }
      }
      // Once a message is unusable the unit will not be written; what remains is looked at for more of them.
      if (!outcome.unusable.empty()) continue;
      RETURN_IF_ERROR(sampler_->add(scaled, outcome.histogram));
      RETURN_IF_ERROR(encoder->push(scaled));
    }
    if (!outcome.unusable.empty()) return {};
    RETURN_IF_ERROR(encoder->finish());
    return writer->finish(encoder->stream(), outcome.histogram);
  }

  Status copy_one(dataset::SegmentWriter& writer, const MessageRef& ref, bool sampled, UnitOutcome& outcome) {
    bag::Payload payload;
    ASSIGN_OR_RETURN(const media::EncodedPicture picture, fetch(ref, payload));
    ASSIGN_OR_RETURN(const media::PictureShape shape, media::check_jpeg(picture.data));
    if (shape.width != camera_.stream.width || shape.height != camera_.stream.height || shape.format != camera_.jpeg_format)
      return Error(ErrorKind::corrupt, "a JPEG of " + size_text(shape.width, shape.height) + " " +
                                           std::string(media::name_of(shape.format)) + ", the others are " +
                                           size_text(camera_.stream.width, camera_.stream.height) + " " +
                                           std::string(media::name_of(camera_.jpeg_format)));
    if (sampled || work_.check_pictures) {
      RETURN_IF_ERROR(decoder_->decode(picture, decoded_));
      if (sampled) RETURN_IF_ERROR(sampler_->add(decoded_, outcome.histogram));
    }
    outcome.packet_bytes += picture.data.size();
    // Out of a compressed recording the assembler would have to inflate every chunk again, once a camera.
    if (rows_.stretch != nullptr) return writer.add({picture.data, true});
    return writer.add_reference(ref, static_cast<std::uint64_t>(picture.data.data() - payload.bytes.data()), picture.data.size());
  }

  Status copy(UnitOutcome& outcome) {
    ASSIGN_OR_RETURN(auto writer, dataset::SegmentWriter::create(path_));
    for (std::uint64_t row = 0; row < cells_.size(); ++row) {
      if (work_.stop && work_.stop()) return stopped_error();
      if (auto status = copy_one(*writer, cells_[row].first, samples_.contains(row), outcome); !status) {
        if (!concerns_message(status.error())) return std::move(status).error();
        report_unusable(work_, outcome.unusable, cells_[row].first, camera_.column, status.error());
      }
    }
    if (!outcome.unusable.empty()) return {};
    return writer->finish(camera_.stream, outcome.histogram);
  }

  const RecordingWork& work_;
  const CameraOutput& camera_;
  const recipe::CameraFeature& rules_;
  const TaskRows rows_;
  std::string path_;
  std::vector<align::Cell> cells_;
  std::set<std::uint64_t> samples_;  ///< rows of this task
  std::unique_ptr<media::PictureDecoder> decoder_;
  std::unique_ptr<media::HistogramSampler> sampler_;
  media::Picture decoded_;
};

}  // namespace

Result<UnitOutcome> make_segment(const RecordingWork& work, std::uint32_t camera, const TaskRows& rows) {
  return SegmentTask(work, (*work.cameras)[camera], rows).run();
}

}  // namespace bagloom::convert
