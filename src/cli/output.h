// Where everything that bagloom says goes: results to stdout, progress and errors to stderr, or one JSON object to stdout.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/progress.h"

namespace bagloom::cli {

using Json = nlohmann::ordered_json;

/// Not thread-safe but for `progress`.
class Output {
 public:
  explicit Output(bool json);

  bool json() const { return json_; }
  /// Columns for tables on stdout; 0: no limit.
  std::size_t width() const { return width_; }

  /// A line for people on stdout; nothing with --json. Control characters become '?'.
  void line(std::string_view text = {});
  /// Lines that are ready (tables, YAML); nothing with --json.
  void block(std::string_view text);
  /// A line on stderr that is no error: notes, what happens next. Nothing with --json.
  void note(std::string_view text);
  /// The verb's result with --json; "schema" is put in front. Once a run.
  void result(const Json& object);
  /// One line on stderr, or the JSON object with error and exit_code (and what `rest` has); gives the exit code.
  int fail(const Error& error, int code, Json rest = Json::object());
  /// One line on stderr about one of several inputs. With --json it stands in the result instead.
  void complain(const Error& error);

  /// On stderr, only where that is a terminal and --json is not given.
  Progress& progress() { return progress_; }

  /// The verb's product is a file or a folder, and it is there: a stdout that takes no text does not change the exit code any
  /// more.
  void product_stands(const std::string& path) { product_ = path; }
  /// Flushes stdout. A reader that went away (head) is no error; any other failure is said, and gives exit code 1 where stdout
  /// was what the verb is for.
  int finish(int code);

 private:
  bool json_;
  std::size_t width_;
  Progress progress_;
  int write_error_ = 0;
  std::string product_;

  void write(std::string_view text);
};

/// {"error": ..., "exit_code": ...} and, where it is known, "smallest_limit_bytes".
Json error_json(const Error& error, int code);

}  // namespace bagloom::cli
