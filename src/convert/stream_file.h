// The file that the index of a video topic is kept in: entries of fixed size, parameter sets, and a trailer of numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/source.h"
#include "convert/keyframe_pass.h"

namespace bagloom::convert {

inline constexpr std::size_t kStreamEntryBytes = 60;

/// Written once from front to end.
class StreamFileWriter {
 public:
  /// Owns the descriptor. `path`: for errors.
  StreamFileWriter(int descriptor, std::string path);
  ~StreamFileWriter();
  StreamFileWriter(const StreamFileWriter&) = delete;
  StreamFileWriter& operator=(const StreamFileWriter&) = delete;

  /// Errors: io.
  Status add(const StreamEntry& entry);
  /// `sets`: what the entries' `sets_at` count in.
  Status finish(const StreamFacts& facts, Bytes sets);

 private:
  Status add_bytes(Bytes bytes);
  Status flush();

  int descriptor_;
  std::string path_;
  std::vector<std::byte> buffer_;
  Hasher hasher_;
};

struct StreamTrailer {
  StreamFacts facts;
  std::uint64_t sets_bytes = 0;
};
/// Reads the file through once. Errors: corrupt (not such a file, or not whole), io.
Result<StreamTrailer> read_stream_trailer(const Source& file);

/// The entry of that number; MessageRef::recording is not in it.
Result<StreamEntry> read_stream_entry(const Source& file, std::uint64_t number);

}  // namespace bagloom::convert
