// One mp4 from segments: packets are copied, times are the writer's.
#include <filesystem>
#include <optional>

#include "dataset/assembly.h"
#include "dataset/output_file.h"
#include "dataset/unit.h"
#include "media/mp4.h"

namespace bagloom::dataset {
namespace {

const FeatureSpec* camera_feature(const DatasetSpec& spec, std::uint32_t camera) {
  for (const FeatureSpec& feature : spec.features) {
    if (feature.is_camera() && camera-- == 0) return &feature;
  }
  return nullptr;
}

std::string shape_text(const media::StreamParameters& stream) {
  return stream.codec + " " + std::to_string(stream.width) + "x" + std::to_string(stream.height) + " " + stream.pix_fmt + " at " +
         std::to_string(stream.fps) + " fps";
}

Status check_stream(const media::StreamParameters& found, const media::StreamParameters& wanted) {
  if (shape_text(found) != shape_text(wanted)) {
    return Error(ErrorKind::corrupt, "segment is " + shape_text(found) + ", the file's other pictures are " + shape_text(wanted));
  }
  // One sample description serves the whole file: decoders would use the first segment's parameter sets for all.
  if (found.extradata != wanted.extradata) {
    return Error(ErrorKind::corrupt, "segment's codec parameters differ from those of the file's first segment");
  }
  return {};
}

}  // namespace

Status write_video_file(const std::string& path, const DatasetSpec& spec, std::uint32_t camera,
                        const std::vector<EpisodeUnits>& episodes, const FetchPicture& fetch) {
  const FeatureSpec* feature = camera_feature(spec, camera);
  if (feature == nullptr) return Error(ErrorKind::internal, "no camera " + std::to_string(camera)).in(path);
  RETURN_IF_ERROR(make_parent_folders(path));
  std::unique_ptr<media::Mp4Writer> writer;
  media::StreamParameters stream = *feature->video;

  const auto write_segment = [&](const std::string& unit, std::uint64_t& frames) -> Status {
    ASSIGN_OR_RETURN(auto segment, SegmentReader::open(unit));
    if (writer == nullptr) {
      // The spec may have been made before any encoder was opened: then it has no parameter sets to compare.
      if (stream.extradata.empty()) stream.extradata = segment->facts().stream.extradata;
      if (auto same = check_stream(segment->facts().stream, stream); !same.ok()) return std::move(same).error().in(unit);
      ASSIGN_OR_RETURN(writer, media::Mp4Writer::create(path, stream));
    } else if (auto same = check_stream(segment->facts().stream, stream); !same.ok()) {
      return std::move(same).error().in(unit);
    }
    return segment->visit([&](const SegmentReader::Entry& entry) -> Status {
      media::Packet packet = entry.packet;
      if (segment->facts().by_reference) {
        if (!fetch) return Error(ErrorKind::internal, "a segment of references needs the recording").in(unit);
        ASSIGN_OR_RETURN(packet.bytes, fetch(entry.message, entry.offset, entry.bytes));
        if (packet.bytes.size() != entry.bytes) {
          return Error(ErrorKind::corrupt, "picture of " + std::to_string(packet.bytes.size()) + " bytes, the segment says " +
                                               std::to_string(entry.bytes))
              .in(unit);
        }
      }
      ++frames;
      return writer->write(packet);
    });
  };

  const auto write_all = [&]() -> Status {
    for (std::size_t e = 0; e < episodes.size(); ++e) {
      const std::string place = feature->name + ": episode " + std::to_string(e) + " of the file";
      if (camera >= episodes[e].segments.size()) return Error(ErrorKind::internal, "no segments").in(place);
      std::uint64_t frames = 0;
      for (const std::string& unit : episodes[e].segments[camera]) {
        if (auto written = write_segment(unit, frames); !written.ok()) return std::move(written).error().in(place);
      }
      if (frames != episodes[e].rows) {
        return Error(ErrorKind::corrupt,
                     "segments hold " + std::to_string(frames) + " pictures for " + std::to_string(episodes[e].rows) + " rows")
            .in(place);
      }
    }
    if (writer == nullptr) return Error(ErrorKind::internal, "an mp4 without pictures").in(path);
    RETURN_IF_ERROR(writer->finish());
    return sync_path(std::filesystem::path(path).parent_path().string());
  };

  Status status = write_all();
  if (!status.ok()) {
    writer.reset();
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return std::move(status).error().in(path);
  }
  return {};
}

}  // namespace bagloom::dataset
