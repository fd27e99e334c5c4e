#include "convert/pass_through.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "convert/names_pass.h"
#include "convert/pictures.h"
#include "convert/task_messages.h"
#include "media/stream_parameters.h"

namespace bagloom::convert {
namespace {

// Recordings whose keyframe pass is kept for the run: each holds an open file.
constexpr std::size_t kMostKept = 64;

/// One camera on its way to a decision.
struct Candidate {
  std::size_t camera = 0;  ///< in JobSetup::cameras
  std::string reason;      ///< why not
  std::optional<media::StreamParameters> stream;
  std::uint64_t packets = 0, widest = 0;  ///< rows, and the most from one keyframe to the next
};

/// The rows of an episode as a walk over the topic's messages.
class EpisodeWalk {
 public:
  EpisodeWalk(const StreamIndex& index, std::size_t episode) : index_(index), name_("episode " + std::to_string(episode)) {}

  /// What is wrong with the next row; empty: nothing. `after_gap`: rows before it were taken out.
  Result<std::string> add(const MessageRef& ref, bool after_gap) {
    const std::uint64_t row = rows_++;
    const std::string at = name_ + ": row " + std::to_string(row);
    if (row == 0) return begin(ref, name_);
    if (after_gap) return begin(ref, at + ", behind a gap,");
    if (ref == ref_) return at + " repeats a picture (held, or the rate of rows is above the camera's)";
    const std::uint64_t before = number_;
    ASSIGN_OR_RETURN(StreamEntry entry, entry_behind(before, ref));
    ASSIGN_OR_RETURN(const std::uint64_t between, pictures_between(before));
    if (number_ <= before || between > 0) {
      return at + " follows on " + std::to_string(between) + (between == 1 ? " message" : " messages") +
             " that no row takes (lost ones, or the rate of rows is below the camera's)";
    }
    ref_ = ref;
    if (entry.is_keyframe(number_) && !first_size(entry))
      return at + ": a picture of " + size_text(entry.width, entry.height) + ", the video begins with " +
             size_text(index_.facts().width, index_.facts().height);
    if (entry.is_keyframe(number_) && entry.pixel_bits != index_.facts().pixel_bits)
      return at + ": a picture of other sampling or more bits than those before it";
    if (entry.reordered) return at + ": its picture is shown before one that stands before it (B-frames)";
    run_ = entry.is_keyframe(number_) ? 1 : run_ + 1;
    widest_ = std::max(widest_, run_);
    return std::string();
  }
  std::uint64_t widest() const { return widest_; }

 private:
  Result<std::string> begin(const MessageRef& ref, const std::string& what) {
    ref_ = ref;
    run_ = 1;
    widest_ = std::max(widest_, run_);
    ASSIGN_OR_RETURN(number_, index_.find(ref));
    ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(number_));
    if (!entry.is_keyframe(number_)) {
      const std::uint64_t behind = number_ - entry.keyframe;
      return what + " does not begin at a keyframe, but " + std::to_string(behind) + (behind == 1 ? " message" : " messages") +
             " behind one";
    }
    if (!entry.restart) return what + " begins at a CRA picture, which others may be shown before";
    return std::string();
  }

  /// Messages from `before` to this one that no row takes; parameter sets in messages of their own are not counted.
  Result<std::uint64_t> pictures_between(std::uint64_t before) const {
    constexpr std::uint64_t kMostSets = 8;
    if (number_ <= before + 1 || number_ - before > kMostSets) return number_ - before - 1;
    std::uint64_t pictures = 0;
    for (std::uint64_t number = before + 1; number < number_; ++number) {
      ASSIGN_OR_RETURN(const StreamEntry entry, index_.entry(number));
      pictures += entry.sets_alone ? 0 : 1;
    }
    return pictures;
  }

  bool first_size(const StreamEntry& entry) const {
    return entry.width == index_.facts().width && entry.height == index_.facts().height;
  }

  // Rows go forward by one message or few: looking there first.
  Result<StreamEntry> entry_behind(std::uint64_t before, const MessageRef& ref) {
    for (number_ = before + 1; number_ < std::min(before + 4, index_.facts().messages); ++number_) {
      ASSIGN_OR_RETURN(StreamEntry entry, index_.entry(number_));
      if (entry.ref.locator == ref.locator && entry.ref.time == ref.time) return entry;
    }
    ASSIGN_OR_RETURN(number_, index_.find(ref));
    return index_.entry(number_);
  }

  const StreamIndex& index_;
  const std::string name_;
  MessageRef ref_;
  std::uint64_t number_ = 0, rows_ = 0, run_ = 0, widest_ = 0;
};

/// Gives what is wrong, and the most pictures from keyframe to keyframe in `widest`.
Result<std::string> walk(const StreamIndex& index, const RecordingPlan& plan, std::uint32_t column, std::uint64_t& widest) {
  for (std::size_t e = 0; e < plan.outcome.episodes.size(); ++e) {
    EpisodeWalk rows(index, e);
    for (const align::TickRange& range : plan.outcome.episodes[e].ranges)
      for (std::uint64_t tick = range.begin; tick < range.end; ++tick) {
        ASSIGN_OR_RETURN(std::string wrong, rows.add(plan.cells.message(column, tick), tick == range.begin));
        if (!wrong.empty()) return wrong;
      }
    widest = std::max(widest, rows.widest());
  }
  return std::string();
}

class Decision {
 public:
  Decision(const Options& options, JobSetup& setup) : options_(options), setup_(setup) {
    for (std::size_t i = 0; i < setup.cameras->size(); ++i) {
      const CameraOutput& camera = (*setup.cameras)[i];
      if (camera.video == media::StreamCodec::none || camera.image || camera.depth) continue;
      candidates_.push_back({i, "", std::nullopt, 0, 0});
      const CameraShape& source = setup.sources[i];
      if (camera.stream.width != source.width || camera.stream.height != source.height)
        candidates_.back().reason = size_text(source.width, source.height) + " becomes " +
                                    size_text(camera.stream.width, camera.stream.height) + ": size: own keeps it";
    }
  }

  Status run() {
    if (candidates_.empty()) return {};
    setup_.streams.resize(setup_.inputs.size());
    for (std::uint32_t number = 0; number < setup_.inputs.size(); ++number) {
      if (setup_.inputs[number].failure) continue;
      if (options_.stop && options_.stop()) return stopped_error();
      auto status = look_at(number);
      // A recording that cannot be read or planned fails by itself.
      if (!status && status.error().kind() != ErrorKind::unreadable && !concerns_message(status.error())) return status;
    }
    return settle();
  }

 private:
  const CameraOutput& camera_of(const Candidate& candidate) const { return (*setup_.cameras)[candidate.camera]; }

  Status look_at(std::uint32_t number) {
    const InputRecording& input = setup_.inputs[number];
    ASSIGN_OR_RETURN(const std::shared_ptr<Recording> recording,
                     open_recording(input.path, number, {nullptr, options_.hash_inputs, 0, options_.definitions}));
    RETURN_IF_ERROR(compile_extractors(*recording, *setup_.columns));
    recording->reader->check_indexes(planned_connections(*recording, setup_.recipe, *setup_.columns));
    RETURN_IF_ERROR(index_streams(*recording, *setup_.columns, *setup_.cameras, "", options_.stop));
    Excluded excluded;
    for (const auto& stream : recording->streams)
      if (stream != nullptr) RETURN_IF_ERROR(exclude_unusable_of(*stream, excluded));
    if (number < kMostKept) setup_.streams[number] = recording->streams;
    // Rows at the messages of a topic that publishers share are not known without their names.
    RecordingWork work;
    work.recording = recording;
    work.columns = setup_.columns;
    work.non_finite = setup_.recipe.non_finite;
    work.stop = options_.stop;
    std::vector<std::uint64_t> unusable;
    ASSIGN_OR_RETURN(NamesPass names, look_through(work, columns_of_other_names(work), excluded,
                                                   [&](const MessageRef& message, const std::vector<Unusable>&) {
                                                     unusable.push_back(message.locator);
                                                   }));
    exclude_found(names, unusable, excluded);
    ASSIGN_OR_RETURN(const RecordingPlan plan, plan_recording(*recording, setup_.recipe, *setup_.columns, excluded));
    if (plan.outcome.rejected) return {};
    for (Candidate& candidate : candidates_) {
      if (!candidate.reason.empty()) continue;
      ASSIGN_OR_RETURN(std::string wrong, why_not(*recording, plan, candidate));
      if (!wrong.empty()) candidate.reason = input.path + ": " + std::move(wrong);
    }
    return {};
  }

  Result<std::string> why_not(const Recording& recording, const RecordingPlan& plan, Candidate& candidate) {
    const std::uint32_t column = camera_of(candidate).column;
    const StreamIndex& index = *recording.streams[column];
    ASSIGN_OR_RETURN(std::string wrong, walk(index, plan, column, candidate.widest));
    if (!wrong.empty()) {
      ASSIGN_OR_RETURN(const std::string remedy, later_start(index, plan, column));
      return wrong + remedy;
    }
    for (std::size_t e = 0; e < plan.outcome.episodes.size(); ++e) {
      candidate.packets += plan.outcome.episodes[e].rows;
      const MessageRef& first = plan.cells.message(column, plan.outcome.episodes[e].ranges.front().begin);
      ASSIGN_OR_RETURN(wrong, why_not_parameters(recording, column, index, first, candidate));
      if (!wrong.empty()) return "episode " + std::to_string(e) + ": " + wrong;
    }
    return std::string();
  }

  /// Rows that begin between keyframes may begin a little later.
  Result<std::string> later_start(const StreamIndex& index, const RecordingPlan& plan, std::uint32_t column) const {
    if (setup_.recipe.timeline.topic.empty() || plan.outcome.episodes.size() != 1) return std::string();
    const std::uint64_t tick = plan.outcome.episodes[0].ranges.front().begin;
    ASSIGN_OR_RETURN(const std::uint64_t first, index.find(plan.cells.message(column, tick)));
    ASSIGN_OR_RETURN(const StreamEntry entry, index.entry(first));
    ASSIGN_OR_RETURN(const std::uint64_t keyframe, index.next_keyframe(first));
    if (entry.is_keyframe(first) || keyframe == index.facts().messages) return std::string();
    ASSIGN_OR_RETURN(const StreamEntry next, index.entry(keyframe));
    // Half a row before it, so that jitter does not matter.
    const double later = seconds(next.ref.time - plan.cells.time(0)) - 0.5 / setup_.recipe.fps;
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), " (--set timeline.drop_start=%.3f begins at the next one)",
                  seconds(setup_.recipe.timeline.drop_start) + std::max(0.0, later));
    return std::string(text.data());
  }

  /// All keyframes that episodes begin with must be alike. Their parameter sets may differ: each keyframe has its own.
  Result<std::string> why_not_parameters(const Recording& recording, std::uint32_t column, const StreamIndex& index,
                                         const MessageRef& first, Candidate& candidate) {
    ASSIGN_OR_RETURN(const std::uint64_t number, index.find(first));
    ASSIGN_OR_RETURN(const StreamEntry entry, index.entry(number));
    const auto fetch = [&](const MessageRef& ref) { return recording.reader->fetch(ref); };
    const auto packet = packet_of(recording, column, index, entry, fetch);
    if (!packet) return packet.error().message();
    auto found =
        media::stream_parameters(index.facts().codec, *packet, setup_.recipe.fps, camera_of(candidate).video_limits.pixels);
    if (!found) return found.error().message();
    if (found->pix_fmt != "yuv420p" && found->pix_fmt != "yuvj420p") return "its pictures are " + found->pix_fmt;
    const CameraShape& source = setup_.sources[candidate.camera];
    if (found->width != source.width || found->height != source.height)
      return "its pictures are " + size_text(found->width, found->height) + ", others " + size_text(source.width, source.height);
    if (!candidate.stream) candidate.stream = *found;
    if (found->pix_fmt != candidate.stream->pix_fmt)
      return "its pictures are " + found->pix_fmt + ", others " + candidate.stream->pix_fmt;
    return std::string();
  }

  Status settle() {
    auto cameras = std::make_shared<std::vector<CameraOutput>>(*setup_.cameras);
    for (const Candidate& candidate : candidates_) {
      CameraOutput& camera = (*cameras)[candidate.camera];
      const FeatureColumn& feature = setup_.columns->columns[camera.column];
      const std::string codec(media::name_of(camera.video));
      // Without an episode there is nothing to decide.
      const bool passed = candidate.reason.empty() && candidate.stream.has_value();
      if (passed) {
        camera.copy = camera.packets = camera.own_size = true;
        camera.stream = *candidate.stream;
        camera.encoder = {};
        camera.encoder.codec.clear();
        setup_.notes.push_back(feature.feature + ": " + std::to_string(candidate.packets) + " packets of " + codec +
                               " are passed through, a keyframe every " + std::to_string(candidate.widest) + " pictures at most");
      } else {
        if (auto status = media::check_encoder(camera.encoder); !status)
          return Error(ErrorKind::invalid, status.error().text()).in(feature.feature + " from " + feature.topic);
        if (!candidate.reason.empty())
          setup_.notes.push_back(feature.feature + ": packets of " + codec +
                                 " cannot be passed through, the pictures are encoded again (" + camera.encoder.codec +
                                 "): " + candidate.reason + "; --set video.codec=h264 chooses that");
      }
      setup_.pass_through.push_back({feature.feature, feature.topic, passed, candidate.reason});
    }
    setup_.cameras = cameras;
    return {};
  }

  const Options& options_;
  JobSetup& setup_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Status decide_pass_through(const Options& options, JobSetup& setup) {
  if (setup.recipe.video.codec != "copy") return {};
  return Decision(options, setup).run();
}

Result<std::string> why_not_packets(const StreamIndex& index, const RecordingPlan& plan, std::uint32_t column) {
  std::uint64_t widest = 0;
  return walk(index, plan, column, widest);
}

Result<std::vector<std::byte>> packet_of(const Recording& recording, std::uint32_t column, const StreamIndex& index,
                                         const StreamEntry& entry,
                                         const std::function<Result<bag::Payload>(const MessageRef&)>& fetch) {
  ASSIGN_OR_RETURN(const bag::Payload payload, fetch(entry.ref));
  ASSIGN_OR_RETURN(const media::EncodedPicture picture, encoded_picture(recording, column, entry.ref, payload.bytes));
  ASSIGN_OR_RETURN(const auto sets, index.parameter_sets(entry));
  std::vector<std::byte> packet;
  packet.reserve(picture.data.size() + sets.size());
  packet.assign(picture.data.begin(), picture.data.end());
  const std::size_t place = sets.empty() ? 0 : media::place_of_sets(index.facts().codec, packet);
  packet.insert(packet.begin() + static_cast<std::ptrdiff_t>(place), sets.begin(), sets.end());
  return packet;
}

}  // namespace bagloom::convert
