#include "dataset/image_files.h"

#include <cstdio>

namespace bagloom::dataset {

ImageFiles::ImageFiles(const DatasetSpec& spec, const std::vector<std::vector<std::string>>& segments) {
  static const std::vector<std::string> kNone;
  std::size_t camera = 0;
  for (const FeatureSpec& feature : spec.features) {
    if (!feature.is_camera()) continue;
    if (feature.image) cameras_.push_back({feature.name, camera < segments.size() ? &segments[camera] : &kNone, 0, nullptr});
    ++camera;
  }
}

Result<std::optional<SegmentReader::Entry>> ImageFiles::next_of(Camera& camera) {
  for (;;) {
    if (camera.reader != nullptr) {
      ASSIGN_OR_RETURN(auto entry, camera.reader->next());
      if (entry) return entry;
      camera.reader.reset();
    }
    if (camera.opened == camera.segments->size()) return std::optional<SegmentReader::Entry>();
    const std::string& path = (*camera.segments)[camera.opened++];
    ASSIGN_OR_RETURN(camera.reader, SegmentReader::open(path));
    if (camera.reader->facts().by_reference) return Error(ErrorKind::internal, "pictures by reference in a table").in(path);
  }
}

Result<std::vector<Bytes>> ImageFiles::next() {
  std::vector<Bytes> files;
  for (Camera& camera : cameras_) {
    ASSIGN_OR_RETURN(const auto entry, next_of(camera));
    if (!entry) return Error(ErrorKind::corrupt, "segments hold fewer pictures than the episode has rows").in(camera.name);
    files.push_back(entry->packet.bytes);
  }
  return files;
}

Status ImageFiles::finish() {
  for (Camera& camera : cameras_) {
    ASSIGN_OR_RETURN(const auto entry, next_of(camera));
    if (entry) return Error(ErrorKind::corrupt, "segments hold more pictures than the episode has rows").in(camera.name);
  }
  return {};
}

std::string image_path(std::uint64_t frame, Bytes file) {
  char name[40];
  const bool jpeg = file.size() >= 2 && as_u8(file)[0] == 0xff && as_u8(file)[1] == 0xd8;
  std::snprintf(name, sizeof name, "frame-%06llu.%s", static_cast<unsigned long long>(frame), jpeg ? "jpg" : "png");
  return name;
}

}  // namespace bagloom::dataset
