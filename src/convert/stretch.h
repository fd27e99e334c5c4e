// The messages of one block of rows, taken out of compressed chunks once and staged, so that its cameras and numbers do not each
// inflate the same chunks. architecture.md section 4.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/source.h"
#include "convert/recording.h"

namespace bagloom::convert {

struct RecordingWork;
struct TaskRows;

/// A file of payloads, removed in the destructor. Thread-safe once made.
class Stretch {
 public:
  ~Stretch();
  Stretch(const Stretch&) = delete;
  Stretch& operator=(const Stretch&) = delete;

  /// Reads every message that the rows refer to, in the order of the file, and writes it to `path`. A message that cannot be read
  /// is left out: whoever wants it learns the reason from the recording. Errors: of the staging file, stopped.
  static Result<std::shared_ptr<const Stretch>> make(const RecordingWork& work, const TaskRows& rows, const std::string& path);

  /// Nothing where the message is not here.
  std::optional<Result<bag::Payload>> fetch(const MessageRef& ref) const;

 private:
  struct Place {
    std::uint64_t offset = 0, bytes = 0;
  };
  explicit Stretch(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<Source> source_;
  std::unordered_map<std::uint64_t, Place> places_;  ///< by locator
};

}  // namespace bagloom::convert
