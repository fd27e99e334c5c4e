#include "cli/app.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "cli/usage.h"

namespace bagloom::cli {
namespace {

/// Help and version are text, with --json too.
void print_anyway(const std::string& text, Output& output) {
  if (output.json()) return Output(false).block(text);
  output.block(text);
}

/// Before anything is parsed, so that usage errors are JSON too. `measure` writes its JSON to a file: stdout is the command's.
bool wants_json(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "measure") return false;
  const auto options_end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), options_end, "--json") != options_end;
}

/// `measure` runs another program: its own options end at the first word that is none, with or without `--`.
std::vector<std::string> with_command_apart(const CLI::App& app, std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "measure") return arguments;
  const CLI::App* measure = nullptr;
  for (const CLI::App* verb : app.get_subcommands({}))
    if (verb->get_name() == arguments.front()) measure = verb;
  if (measure == nullptr) return arguments;
  for (auto at = arguments.begin() + 1; at != arguments.end(); ++at) {
    if (*at == "--") return arguments;
    if (at->empty() || at->front() != '-') {
      arguments.insert(at, "--");
      return arguments;
    }
    const CLI::Option* option = at->find('=') == std::string::npos ? measure->get_option_no_throw(*at) : nullptr;
    if (option != nullptr && option->get_items_expected_max() > 0 && at + 1 != arguments.end()) ++at;
  }
  return arguments;
}

int parse_and_run(const std::vector<std::string>& given, const std::vector<std::unique_ptr<Verb>>& verbs,
                  const std::function<std::string()>& version_text, Output& output) {
  CLI::App app("Robot recordings become LeRobot datasets, inside a memory limit.", "bagloom");
  app.get_formatter()->column_width(30);
  app.set_help_flag("-h,--help", "Print this help");
  bool version = false;
  app.add_flag("--version", version, "Print versions: bagloom's, the codecs', where Arrow came from");
  app.require_subcommand(0, 1);
  app.footer(
      "bagloom VERB --help says more about a verb. Exit codes: 0 done, 1 failed, 2 wrong usage or recipe,\n"
      "3 done with recorded loss, 4 some recordings failed, 5 a limit cannot be met, 6 not a recording,\n"
      "75 try again, 128+n ended by signal n.");
  for (const auto& verb : verbs) {
    CLI::App* sub = app.add_subcommand(verb->name(), verb->summary());
    sub->set_help_flag("-h,--help", "Print this help");
    if (verb->hidden()) sub->group("");
    verb->configure(*sub);
  }
  const std::vector<std::string> arguments = with_command_apart(app, given);
  if (const std::optional<Error> error = value_of_flag(app, arguments)) return output.fail(*error, kUsage);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    print_anyway(app.help(), output);
    return kDone;
  } catch (const CLI::ParseError& complaint) {
    return output.fail(usage_error(app, complaint, arguments), kUsage);
  }
  if (version) {
    print_anyway(version_text(), output);
    return kDone;
  }
  for (const auto& verb : verbs) {
    if (!app.got_subcommand(verb->name())) continue;
    if (stop_requested())
      return output.fail(Error(ErrorKind::stopped, "stopped before the work began"),
                         exit_code_of(ErrorKind::stopped, stop_signal()));
    return verb->run(output);
  }
  return output.fail(Error(ErrorKind::invalid, "a verb is needed").fix("bagloom --help lists them"), kUsage);
}

}  // namespace

int run_command_line(int argc, char** argv, const std::vector<std::unique_ptr<Verb>>& verbs,
                     const std::function<std::string()>& version) {
  Output output(wants_json(argc, argv));
  int code = kFailed;
  try {
    code = parse_and_run({argv + 1, argv + argc}, verbs, version, output);
  } catch (const std::exception& problem) {
    // No library of ours throws: this is CLI11, the JSON printer or an allocation.
    code = output.fail(Error(ErrorKind::internal, problem.what()), kFailed);
  }
  return output.finish(code);
}

int report_start_failure(int argc, char** argv, const Error& error) {
  Output output(wants_json(argc, argv));
  return output.finish(output.fail(error, kFailed));
}

}  // namespace bagloom::cli
