// An episode's pictures that stand in the tables (dtype image), row after row, from the segments that hold them. Internal to
// dataset/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "dataset/spec.h"
#include "dataset/unit.h"

namespace bagloom::dataset {

/// Holds one picture a camera. Not thread-safe.
class ImageFiles {
 public:
  /// `segments`: for each camera feature of `spec`, in its order; those without `image` are left alone.
  ImageFiles(const DatasetSpec& spec, const std::vector<std::vector<std::string>>& segments);

  /// The next row's files, one for each camera with `image`, valid until the next call. Error: corrupt (fewer pictures than rows,
  /// or a unit that is not whole).
  Result<std::vector<Bytes>> next();
  /// Error: corrupt where pictures are left.
  Status finish();

 private:
  struct Camera {
    std::string name;
    const std::vector<std::string>* segments = nullptr;
    std::size_t opened = 0;
    std::unique_ptr<SegmentReader> reader;
  };
  static Result<std::optional<SegmentReader::Entry>> next_of(Camera& camera);

  std::vector<Camera> cameras_;
};

/// "frame-000012.png", ".jpg" where it is one.
std::string image_path(std::uint64_t frame, Bytes file);

}  // namespace bagloom::dataset
