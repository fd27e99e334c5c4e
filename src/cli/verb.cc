#include "cli/verb.h"

#include "cli/quantity.h"

namespace bagloom::cli {
namespace {
constexpr std::uint64_t kLeastMemory = 1 << 20;
}

std::vector<std::unique_ptr<Verb>> recording_verbs() {
  std::vector<std::unique_ptr<Verb>> verbs;
  verbs.push_back(make_info());
  verbs.push_back(make_scan());
  verbs.push_back(make_measure());
  return verbs;
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& bytes, const std::string& help) {
  const auto take = [&bytes, name](const std::string& text) {
    Result<std::uint64_t> size = parse_size(text);
    if (!size.ok()) throw CLI::ValidationError(name, size.error().message());
    bytes = *size;
  };
  return app.add_option_function<std::string>(name, take, help)->type_name("SIZE");
}

CLI::Option* add_memory_size(CLI::App& app, const std::string& name, std::uint64_t& bytes, const std::string& help) {
  // No program runs in so little: a unit was forgotten.
  const auto enough = [](const std::string& text) {
    const auto size = parse_size(text);
    if (!size.ok() || *size >= kLeastMemory) return std::string();
    return "'" + text + "' is " + std::to_string(*size) + " bytes: write a unit, such as 256MiB, 1.2GiB, 500MB";
  };
  return add_size(app, name, bytes, help)->check(CLI::Validator(enough, ""));
}

void add_limits(CLI::App& app, Limits& limits) {
  app.add_option("--threads", limits.threads, "Most tasks at once (default: the cores that the process may use)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  add_memory_size(app, "--memory-limit", limits.memory_limit, "Peak resident memory that may be used: 256MiB, 1.2GiB, 500MB");
}

void add_msg_paths(CLI::App& app, std::vector<std::string>& folders) {
  app.add_option("--msg-path", folders, "Definitions that the recording lacks: a folder of pkg/msg/Type.msg; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void add_json(CLI::App& app) {
  // `run_command_line` looks for it before anything is parsed, so that usage errors are JSON too.
  app.add_flag(
      "--json", [](std::int64_t) {}, "Print one JSON object on stdout, errors included");
}

}  // namespace bagloom::cli
