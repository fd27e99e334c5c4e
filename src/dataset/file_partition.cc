#include <cstdio>

#include "dataset/assembly.h"

namespace bagloom::dataset {
namespace {

constexpr std::uint64_t kMib = 1024 * 1024;
// float32 times are coarser than LeRobot's tolerance from here on (lerobot-format.md 6.5).
constexpr std::uint64_t kMaxJoinedSeconds = 1024;

std::string numbered(const char* suffix, std::uint32_t chunk, std::uint32_t file) {
  char text[64];
  std::snprintf(text, sizeof text, "chunk-%03u/file-%03u.%s", chunk, file, suffix);
  return text;
}

}  // namespace

FilePartition::FilePartition(const DatasetSpec& spec) : spec_(spec) {
  // timestamp is a float32, the other four default columns are int64 (lerobot-format.md 2.3).
  bytes_a_row_ = 4 + 4 * 8;
  Open data;
  data.plan.family = FilePlan::Family::data;
  open_.push_back(data);
  std::uint32_t camera = 0;
  for (const FeatureSpec& feature : spec.features) {
    if (feature.is_video()) {
      Open video;
      video.plan.family = FilePlan::Family::video;
      video.plan.camera = camera++;
      open_.push_back(video);
    } else if (feature.is_camera()) {
      in_tables_.push_back(camera++);
    } else {
      bytes_a_row_ += 4 * std::uint64_t{feature.width};
    }
  }
}

void FilePartition::advance(Open& open) const {
  if (open.plan.file + std::uint64_t{1} >= spec_.chunks_size) {
    ++open.plan.chunk;
    open.plan.file = 0;
  } else {
    ++open.plan.file;
  }
  open.plan.path.clear();
  open.bytes = open.rows = 0;
  open.used = false;
}

std::vector<FilePlan> FilePartition::add(std::uint64_t rows, const std::vector<std::uint64_t>& video_bytes) {
  std::vector<FilePlan> complete;
  const auto picture_bytes = [&](std::uint32_t camera) { return camera < video_bytes.size() ? video_bytes[camera] : 0; };
  for (Open& open : open_) {
    const bool data = open.plan.family == FilePlan::Family::data;
    std::uint64_t bytes = data ? rows * bytes_a_row_ : picture_bytes(open.plan.camera);
    if (data) {
      for (const std::uint32_t camera : in_tables_) bytes += picture_bytes(camera);
    }
    const std::uint64_t limit = (data ? spec_.data_file_mib : spec_.video_file_mib) * kMib;
    const bool too_long = !data && open.rows + rows >= kMaxJoinedSeconds * spec_.fps;
    if (open.used && (open.bytes + bytes >= limit || too_long)) {
      open.plan.end_episode = episodes_;
      complete.push_back(open.plan);
      advance(open);
    }
    if (!open.used) {
      open.used = true;
      open.plan.first_episode = episodes_;
      if (data) {
        open.plan.path = "data/" + numbered("parquet", open.plan.chunk, open.plan.file);
      } else {
        std::uint32_t seen = 0;
        for (const FeatureSpec& feature : spec_.features) {
          if (feature.is_camera() && seen++ == open.plan.camera) {
            open.plan.path = "videos/" + feature.name + "/" + numbered("mp4", open.plan.chunk, open.plan.file);
          }
        }
      }
    }
    open.bytes += bytes;
    open.rows += rows;
  }
  ++episodes_;
  return complete;
}

std::vector<FilePlan> FilePartition::finish() {
  std::vector<FilePlan> complete;
  for (Open& open : open_) {
    if (!open.used) continue;
    open.plan.end_episode = episodes_;
    complete.push_back(open.plan);
    advance(open);
  }
  return complete;
}

}  // namespace bagloom::dataset
