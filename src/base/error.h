// What went wrong, where, and what the user can do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bagloom {

/// The kind decides the exit code (architecture.md section 9); the text is for people.
enum class ErrorKind {
  invalid,      ///< wrong usage or recipe: exit 2
  unreadable,   ///< not a recording (or dataset) that this tool can read: exit 6
  corrupt,      ///< damaged bytes inside something that is otherwise readable
  unsupported,  ///< valid, but this build or version cannot do it
  over_limit,   ///< memory or disk limit cannot be met: exit 5
  io,           ///< the operating system refused, and trying again will not help: exit 1
  temporary,    ///< disk full, busy, locked: exit 75
  stopped,      ///< a signal or the caller asked to stop
  internal,     ///< our own mistake: exit 1
};

std::string_view name_of(ErrorKind kind);

/// An error with a trail. Each layer adds only what it knows, the innermost first;
/// `text()` prints the outermost first, on one line:
/// `run_07.bag: chunk at 0x5a2c10: /cam_head at +12.345 s: lz4: wanted 6220800 bytes, got 6220488; try ...`.
class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  /// The innermost message, without the trail.
  const std::string& message() const { return message_; }
  const std::string& remedy() const { return remedy_; }

  /// Adds one place to the trail (a file, "chunk at 0x10", a topic, "episode 7").
  Error&& in(std::string where) &&;
  /// Says what the user can do; printed last. The innermost remedy wins.
  Error&& fix(std::string remedy) &&;

  /// For an over_limit error: the smallest limit that would do, in bytes (0: not known).
  std::uint64_t smallest_limit_bytes() const { return smallest_limit_bytes_; }
  Error&& needing(std::uint64_t smallest_limit_bytes) &&;

  std::string text() const;

 private:
  ErrorKind kind_;
  std::string message_;
  std::string remedy_;
  std::vector<std::string> trail_;  // innermost first
  std::uint64_t smallest_limit_bytes_ = 0;
};

/// "0x5a2c10", as offsets are written everywhere.
std::string hex(std::uint64_t offset);

}  // namespace bagloom
