#include "convert/assembler.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bag/chunk_cache.h"
#include "convert/durable_files.h"
#include "convert/recording_run.h"
#include "memory/file_pages.h"

namespace bagloom::convert {
namespace {

std::string file_record_name(const dataset::FilePlan& file) {
  const bool video = file.family == dataset::FilePlan::Family::video;
  return std::string("file-") + (video ? "video-" + std::to_string(file.camera) : "data") + "-" + std::to_string(file.chunk) +
         "-" + std::to_string(file.file) + ".json";
}

/// File names may hold any bytes, Parquet's strings may not: what is not UTF-8 becomes U+FFFD.
std::string utf8(const std::string& text) {
  return nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
      .get<std::string>();
}

/// The bytes of `copy` pictures, from the recording they stand in; one recording is open at a time.
class PictureSource {
 public:
  PictureSource(const std::vector<InputRecording>& inputs, std::uint64_t chunk_cache_bytes, std::string temporary_folder)
      : inputs_(inputs), cache_(chunk_cache_bytes), temporary_folder_(std::move(temporary_folder)) {}

  Result<Bytes> fetch(const MessageRef& message, std::uint64_t offset, std::uint64_t bytes) {
    if (reader_ == nullptr || recording_ != message.recording) {
      if (message.recording >= inputs_.size()) return Error(ErrorKind::corrupt, "a segment names a recording that is not there");
      bag::OpenOptions options;
      options.recording = message.recording;
      options.cache = &cache_;
      options.temporary_folder = temporary_folder_;
      payload_ = {};
      ASSIGN_OR_RETURN(reader_, bag::open_bag(inputs_[message.recording].path, options));
      recording_ = message.recording;
    }
    ASSIGN_OR_RETURN(payload_, reader_->fetch(message));
    if (offset > payload_.bytes.size() || bytes > payload_.bytes.size() - offset)
      return Error(ErrorKind::corrupt, "the recording changed while it was converted").in(inputs_[message.recording].path);
    return payload_.bytes.subspan(offset, bytes);
  }

 private:
  const std::vector<InputRecording>& inputs_;
  bag::ChunkCache cache_;
  std::string temporary_folder_;
  std::unique_ptr<bag::BagReader> reader_;
  std::uint32_t recording_ = 0;
  bag::Payload payload_;
};

}  // namespace

Assembler::Assembler(const JobSetup& setup, Staging& staging, Pool& pool, StageSeconds* stages)
    : setup_(setup), staging_(staging), pool_(pool), stages_(stages), partition_(setup.spec) {}

void Assembler::add(std::uint32_t recording, RecordingRecord record) {
  for (EpisodeRecord& episode : record.episodes) {
    const std::uint64_t rows = episode.units.rows;
    const std::vector<std::uint64_t> video_bytes = episode.units.video_bytes;
    // Statistics take several kB a camera; they are read again from the record when meta is written.
    std::vector<media::RgbHistogram>().swap(episode.units.histograms);
    std::vector<dataset::FeatureStatistics>().swap(episode.units.vectors);
    episodes_.push_back({recording, rows_, std::move(episode)});
    rows_ += rows;
    plan_files(partition_.add(rows, video_bytes));
  }
}

void Assembler::close() {
  plan_files(partition_.finish());
  closed_ = true;
}

void Assembler::plan_files(const std::vector<dataset::FilePlan>& files) {
  for (const dataset::FilePlan& file : files) {
    files_.push_back(file);
    waiting_.push_back(file);
  }
}

bool Assembler::several_videos() const {
  return std::any_of(files_.begin(), files_.end(), [](const dataset::FilePlan& file) {
    return file.family == dataset::FilePlan::Family::video && (file.file > 0 || file.chunk > 0);
  });
}

std::vector<dataset::EpisodeUnits> Assembler::units_of(const dataset::FilePlan& file) const {
  std::vector<dataset::EpisodeUnits> units;
  const auto locate = [&](std::string& name) { name = staging_.units() + "/" + name; };
  for (std::uint32_t e = file.first_episode; e < file.end_episode; ++e) {
    units.push_back(episodes_[e].record.units);
    for (std::string& name : units.back().row_blocks) locate(name);
    for (auto& segments : units.back().segments) std::for_each(segments.begin(), segments.end(), locate);
  }
  return units;
}

bool Assembler::already_written(const dataset::FilePlan& file) const {
  const auto record = staging_.read_record(file_record_name(file));
  if (!record) return false;
  const auto json = nlohmann::json::parse(*record, nullptr, false);
  return json.is_object() && json.value("path", "") == file.path &&
         json.value("bytes", std::uint64_t{0}) == file_bytes(staging_.dataset() + "/" + file.path) && json.value("bytes", 0) > 0;
}

std::uint64_t Assembler::file_job_bytes(const dataset::FilePlan& file) const {
  const std::uint64_t most = setup_.layout.assembly;
  if (file.family == dataset::FilePlan::Family::data) return most;
  std::uint64_t rows = 0;
  for (std::uint32_t e = file.first_episode; e < file.end_episode; ++e) rows += episodes_[e].record.units.rows;
  return std::min(most, dataset::video_file_bytes(rows) + setup_.needs.copied_from);
}

// While tasks run, a file takes the place of one of them; after the last recording there are only files.
bool Assembler::may_start(std::uint64_t bytes) const {
  if (writing_ == 0) return true;
  return closed_ && writing_ < setup_.layout.tasks_at_once && writing_bytes_ + bytes <= setup_.layout.files;
}

void Assembler::queue_next() {
  while (!waiting_.empty()) {
    const dataset::FilePlan file = waiting_.front();
    if (already_written(file)) {
      // An interrupted run may have recorded the file and not freed all of its units; a failure to free is no failure of the job.
      (void)free_units(file).ok();
      waiting_.pop_front();
      continue;
    }
    const std::uint64_t bytes = file_job_bytes(file);
    if (!may_start(bytes)) return;
    waiting_.pop_front();
    queue(file, bytes);
  }
}

void Assembler::queue(const dataset::FilePlan& file, std::uint64_t job_bytes) {
  ++writing_;
  writing_bytes_ += job_bytes;
  activity_ = "writing " + file.path;
  Job job;
  job.bytes = job_bytes;
  job.name = activity_;
  auto result = std::make_shared<Status>();
  job.work = [this, file, result, units = units_of(file), first_row = episodes_[file.first_episode].first_row] {
    const StageTimer timer(stages_, Stage::write);
    const std::string path = staging_.dataset() + "/" + file.path;
    *result = make_folders(std::filesystem::path(path).parent_path().string());
    if (!*result) return;
    if (file.family == dataset::FilePlan::Family::data) {
      memory::drop_file_pages();  // the codecs' make room for Parquet's
      *result = dataset::write_data_file(path, setup_.spec, units, file.first_episode, first_row,
                                         std::vector<std::int64_t>(units.size(), 0));
    } else {
      PictureSource pictures(setup_.inputs, setup_.chunk_cache_bytes, staging_.folder());
      *result = dataset::write_video_file(path, setup_.spec, file.camera, units,
                                          [&](const MessageRef& message, std::uint64_t offset, std::uint64_t bytes) {
                                            return pictures.fetch(message, offset, bytes);
                                          });
    }
  };
  job.done = [this, file, job_bytes, result]() -> Status {
    --writing_;
    writing_bytes_ -= job_bytes;
    if (writing_ == 0) activity_.clear();
    if (!*result) return file_failed(file, std::move(*result).error());
    return file_written(file);
  };
  pool_.add(std::move(job));
}

// Units are not synced one by one, so a crash of the machine may have taken some although their record is there. The recordings
// that they came from are then done again, by the next run.
Error Assembler::file_failed(const dataset::FilePlan& file, Error error) {
  if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::unreadable) return error;
  for (std::uint32_t e = file.first_episode; e < file.end_episode; ++e)
    (void)staging_.remove_record(record_name(episodes_[e].recording)).ok();
  return Error(ErrorKind::temporary, error.text())
      .in("staged work is not whole")
      .fix("run the same command again: it makes the missing parts anew");
}

Status Assembler::file_written(const dataset::FilePlan& file) {
  // architecture.md section 8: the file is synced, then its folder (both by the writer), then the record.
  const std::string path = staging_.dataset() + "/" + file.path;
  const nlohmann::json record = {{"path", file.path}, {"bytes", file_bytes(path)}};
  RETURN_IF_ERROR(staging_.write_record(file_record_name(file), record.dump()));
  return free_units(file);
}

Status Assembler::free_units(const dataset::FilePlan& file) {
  for (std::uint32_t e = file.first_episode; e < file.end_episode; ++e) {
    dataset::EpisodeUnits& units = episodes_[e].record.units;
    const auto free = [&](std::vector<std::string>& names) -> Status {
      for (const std::string& name : names) RETURN_IF_ERROR(remove_file(staging_.units() + "/" + name));
      names.clear();
      names.shrink_to_fit();
      return {};
    };
    if (file.family == dataset::FilePlan::Family::video) {
      RETURN_IF_ERROR(free(units.segments[file.camera]));
      continue;
    }
    RETURN_IF_ERROR(free(units.row_blocks));
    for (std::size_t camera = 0; camera < units.segments.size(); ++camera) {
      if ((*setup_.cameras)[camera].image) RETURN_IF_ERROR(free(units.segments[camera]));
    }
  }
  return {};
}

Status Assembler::write_meta() const {
  memory::drop_file_pages();
  dataset::MetaInput meta;
  meta.spec = setup_.spec;
  meta.tasks = {setup_.recipe.task};
  meta.files = files_;
  RecordingRecord record;  // of the recording whose episodes are being written
  std::size_t first_of_recording = 0;
  meta.load = [&](std::size_t e) -> Result<dataset::EpisodeUnits> {
    if (e == 0 || episodes_[e].recording != episodes_[e - 1].recording) {
      first_of_recording = e;
      record = {};
      const std::string name = record_name(episodes_[e].recording);
      const auto text = staging_.read_record(name);
      auto read = text ? record_from_json(*text) : std::nullopt;
      if (!read)
        return Error(ErrorKind::temporary, "cannot be read")
            .in(staging_.folder() + "/records/" + name)
            .fix("run the same command again: it makes the missing parts anew");
      record = std::move(*read);
    }
    if (e - first_of_recording >= record.episodes.size())
      return Error(ErrorKind::internal, "a record has fewer episodes than it had").in(staging_.folder());
    return std::move(record.episodes[e - first_of_recording].units);
  };
  for (const Episode& episode : episodes_) {
    meta.episodes.push_back(episode.record.units);
    meta.task_indices.push_back(0);
    meta.provenance.push_back({utf8(setup_.inputs[episode.recording].path), episode.record.start_ns, episode.record.end_ns,
                               episode.record.units.rows, episode.record.held, episode.record.units.task});
  }
  return dataset::write_meta(staging_.dataset(), meta);
}

}  // namespace bagloom::convert
