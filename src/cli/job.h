// What `plan` and `convert` have in common: recordings, recipe, limits, and how their reports are printed.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/verb.h"
#include "convert/convert.h"

namespace bagloom::cli {

struct JobOptions {
  std::vector<std::string> bags;
  std::string output, recipe;
  std::vector<std::string> sets, msg_paths;
  Limits limits;
  convert::Options job;  ///< what CLI11 can fill in directly

  void configure(CLI::App& app, bool output_is_required);
  /// Folders expanded, the recipe read, --set applied (to the guessed recipe where none is given). Errors: invalid, unreadable.
  Result<convert::Options> make() const;
};

Json to_json(const std::vector<convert::Loss>& losses);
Json to_json(const std::vector<convert::Failure>& failures);
Json to_json(const std::vector<convert::PassThrough>& cameras);
Json to_json(const convert::MemoryLayout& memory);

/// One line a failed recording, on stderr.
void print_failures(const std::vector<convert::Failure>& failures, Output& output);
/// A short list on stdout; long ones are cut, the dataset's meta/bagloom has all.
void print_losses(const std::vector<convert::Loss>& losses, Output& output);

/// 3 where something of the recordings was lost, else 0. Rows that were held and values that the recipe keeps are no loss.
int code_of(const std::vector<convert::Loss>& losses);

}  // namespace bagloom::cli
