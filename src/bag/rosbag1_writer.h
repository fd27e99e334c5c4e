// Writes ROS 1 bags (format 2.0): for `synth` and for tests. bag-formats.md section 1.
#pragma once

#include <memory>
#include <string>

#include "bag/codec.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace bagloom::bag {

struct Rosbag1WriterOptions {
  Compression compression = Compression::none;  ///< none, lz4 or bz2
  std::uint64_t chunk_bytes = 768 * 1024;       ///< a chunk is closed once its inflated size passes this
  bool connections_in_each_chunk = false;       ///< some writers repeat them
  bool chunk_indexes = true;                    ///< index data records behind each chunk
  bool index_section = true;                    ///< false: ends like a recorder that died (index_pos 0)
};

/// Not thread-safe. The destructor abandons; `finish` writes the index section.
class Rosbag1Writer {
 public:
  static Result<std::unique_ptr<Rosbag1Writer>> create(const std::string& path, const Rosbag1WriterOptions& options);
  virtual ~Rosbag1Writer() = default;

  /// Gives the connection's number, for `write`.
  virtual std::uint32_t add_connection(const std::string& topic, const std::string& type, const std::string& md5sum,
                                       const std::string& definition, bool latching = false) = 0;
  virtual Status write(std::uint32_t connection, TimeNs time, Bytes message) = 0;
  virtual Status finish() = 0;
};

}  // namespace bagloom::bag
