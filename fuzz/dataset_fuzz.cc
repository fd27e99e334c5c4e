// Whole small datasets, as `verify` meets them: JSON, Parquet and mp4 together. Input: for each file one byte (which of kFiles),
// its size in 4 bytes, its content. The files are written into a folder in memory where there is one (/dev/shm).
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "allocation_cap.h"
#include "base/cursor.h"
#include "dataset/verify.h"
#include "media/quiet_libav.h"
#include "video_allowance.h"

namespace {

namespace fs = std::filesystem;
using namespace bagloom;

constexpr const char* kFiles[] = {"meta/info.json",
                                  "meta/stats.json",
                                  "meta/tasks.parquet",
                                  "meta/episodes/chunk-000/file-000.parquet",
                                  "data/chunk-000/file-000.parquet",
                                  "videos/observation.images.head/chunk-000/file-000.mp4",
                                  "meta/episodes/chunk-000/file-001.parquet",
                                  "data/chunk-000/file-001.parquet"};

/// Gone when the process ends.
struct Folder {
  fs::path path;
  Folder() {
    std::error_code none;
    const fs::path base = fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
    path = base / ("bagloom_dataset_fuzz." + std::to_string(::getpid()));
    fs::remove_all(path, none);
    for (const char* file : kFiles) fs::create_directories((path / file).parent_path());
  }
  ~Folder() {
    std::error_code none;
    fs::remove_all(path, none);
  }
};

/// What Arrow may take for a table: a page's header may declare any size.
constexpr std::uint64_t kTableBytes = 512 * 1024, kTableBytesAByte = 32;

/// Beside a table: 256 KiB of buffer, footers and JSON as trees, reports, and a video's decoder.
fuzz::Allowance allowance(Bytes input) {
  return {"dataset", kTableBytes + 384 * 1024 + fuzz::video_bytes(input), kTableBytesAByte + 96};
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  media::quiet_libav();
  fuzz::bound_libav_video();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const std::byte*>(data), size);
  static const Folder folder;
  const fuzz::AllocationCap cap(allowance(input), size);
  std::error_code none;
  for (const char* file : kFiles) fs::remove(folder.path / file, none);
  Cursor at(input);
  while (at.remaining() > 0) {
    const auto which = at.u8();
    const auto bytes = at.u32();
    if (!which || !bytes) break;
    const auto content = at.take(*bytes < at.remaining() ? *bytes : at.remaining());
    std::ofstream file(folder.path / kFiles[*which % std::size(kFiles)], std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(content->data()), static_cast<std::streamsize>(content->size()));
  }
  // Numbers of rows and pictures in hostile files may be large: an end is asked for.
  int asked = 0;
  dataset::VerifyOptions options;
  options.table_bytes = kTableBytes + kTableBytesAByte * size;
  options.stop = [&] { return ++asked > 2000; };
  const auto report = dataset::verify_dataset(folder.path, options);
  if (!report.ok()) {
    const ErrorKind kind = report.error().kind();
    if (kind != ErrorKind::unreadable && kind != ErrorKind::unsupported && kind != ErrorKind::stopped) std::abort();
    return 0;
  }
  // Good datasets have something to be good about.
  if (report->checks == 0 || (report->ok() && report->rows == 0)) std::abort();
  return 0;
}
