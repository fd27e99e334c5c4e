// One verb of the command line: its options, and what it does.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/output.h"

namespace bagloom::cli {

class Verb {
 public:
  virtual ~Verb() = default;
  virtual std::string name() const = 0;
  /// One line for `bagloom --help`.
  virtual std::string summary() const = 0;
  /// Not in `bagloom --help`: for the program's own use.
  virtual bool hidden() const { return false; }
  /// Adds options whose values go into this object, which outlives `app`.
  virtual void configure(CLI::App& app) = 0;
  /// Does it; gives the exit code.
  virtual int run(Output& output) = 0;
};

std::unique_ptr<Verb> make_info();
std::unique_ptr<Verb> make_scan();
std::unique_ptr<Verb> make_init();
std::unique_ptr<Verb> make_plan();
std::unique_ptr<Verb> make_convert();
std::unique_ptr<Verb> make_verify();
std::unique_ptr<Verb> make_synth();
std::unique_ptr<Verb> make_measure();
std::unique_ptr<Verb> make_bench();
std::unique_ptr<Verb> make_bench_method();

/// info, scan and measure: those that need no codec and no Arrow.
std::vector<std::unique_ptr<Verb>> recording_verbs();
/// All of them, in the order of --help.
std::vector<std::unique_ptr<Verb>> all_verbs();

/// What several verbs take.
struct Limits {
  std::uint32_t threads = 0;       ///< 0: the cores that the process may use
  std::uint64_t memory_limit = 0;  ///< bytes; 0: none given
};
void add_limits(CLI::App& app, Limits& limits);
void add_json(CLI::App& app);
/// --msg-path, for recipe::definitions_in.
void add_msg_paths(CLI::App& app, std::vector<std::string>& folders);
/// A size with a unit.
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& bytes, const std::string& help);
/// --memory-limit and the like: less than any program takes is wrong usage.
CLI::Option* add_memory_size(CLI::App& app, const std::string& name, std::uint64_t& bytes, const std::string& help);

}  // namespace bagloom::cli
