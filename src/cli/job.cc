#include "cli/job.h"

#include <algorithm>
#include <map>

#include "base/source.h"
#include "cli/exit_code.h"
#include "cli/quantity.h"
#include "cli/recordings.h"
#include "cli/stop.h"
#include "convert/loss_json.h"
#include "recipe/guess.h"
#include "recipe/message_folders.h"

namespace bagloom::cli {
namespace {

constexpr std::uint64_t kMostRecipeBytes = 16 << 20;
constexpr std::size_t kMostLines = 12;

bool is_remark(const convert::Loss& loss) { return convert::weight_of(loss.kind) == convert::LossWeight::remark; }

Result<std::string> read_text(const std::string& path) {
  const auto source = open_file(path);
  if (!source.ok()) return Error(ErrorKind::invalid, "the recipe cannot be read: " + source.error().text());
  const std::uint64_t size = source.value()->size();
  if (size > kMostRecipeBytes) return Error(ErrorKind::invalid, "is too large for a recipe").in(path);
  std::string text(static_cast<std::size_t>(size), '\0');
  RETURN_IF_ERROR(source.value()->read_exactly(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  return text;
}

/// The guess of the first recording that can be read, with --set applied. Nothing where it is not complete: the library says
/// what is missing, or that the recording is too large for the limit.
Result<std::optional<recipe::Recipe>> guessed(const convert::Options& options, const std::vector<std::string>& sets) {
  const std::uint64_t memory_limit = options.memory_limit;
  bag::OpenOptions open;
  if (memory_limit != 0) open.memory_bytes = memory_limit;
  for (const std::string& bag : options.bags) {
    const auto reader = bag::open_bag(bag, open);
    if (!reader.ok() && reader.error().kind() == ErrorKind::over_limit) return std::optional<recipe::Recipe>();
    if (!reader.ok()) continue;
    const bag::BagInfo& info = reader.value()->info();
    if (memory_limit != 0 && bag::inflates_chunks(info) && info.largest_chunk_bytes > memory_limit)
      return std::optional<recipe::Recipe>();
    ASSIGN_OR_RETURN(const recipe::Guess guess, recipe::guess_recipe(*reader.value(), *options.definitions));
    if (!guess.complete) return std::optional<recipe::Recipe>();
    ASSIGN_OR_RETURN(recipe::Recipe changed, recipe::parse_recipe("guessed recipe", recipe::to_yaml(guess.recipe), sets));
    return std::optional<recipe::Recipe>(std::move(changed));
  }
  return std::optional<recipe::Recipe>();
}

}  // namespace

void JobOptions::configure(CLI::App& app, bool output_is_required) {
  app.add_option("BAG", bags, "Recordings, one episode each: files, rosbag2 folders, or folders of recordings")->required();
  CLI::Option* out = app.add_option("-o,--output", output, "The dataset's folder")->type_name("OUT");
  if (output_is_required) out->required();
  app.add_option("--recipe", recipe, "Which topics become what (default: guessed; bagloom init writes it)")->type_name("FILE");
  app.add_option("--set", sets, "Change the recipe: --set video.codec=av1; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_msg_paths(app, msg_paths);
  add_limits(app, limits);
  app.add_option("--data-file-mib", job.data_file_mib, "Target size of data files")
      ->type_name("MIB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  app.add_option("--video-file-mib", job.video_file_mib, "Target size of videos")
      ->type_name("MIB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  app.add_option("--chunks-size", job.chunks_size, "Most files in a folder")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  add_json(app);
}

Result<convert::Options> JobOptions::make() const {
  convert::Options options = job;
  ASSIGN_OR_RETURN(options.bags, recording_paths(bags));
  ASSIGN_OR_RETURN(options.definitions, recipe::definitions_in(msg_paths));
  options.output = output;
  options.threads = limits.threads;
  options.memory_limit = limits.memory_limit;
  options.stop = stop_requested;
  if (!recipe.empty()) {
    ASSIGN_OR_RETURN(const std::string yaml, read_text(recipe));
    ASSIGN_OR_RETURN(options.recipe, recipe::parse_recipe(recipe, yaml, sets));
  } else if (!sets.empty()) {
    ASSIGN_OR_RETURN(options.recipe, guessed(options, sets));
  }
  return options;
}

Json to_json(const std::vector<convert::Loss>& losses) {
  Json list = Json::array();
  for (const convert::Loss& loss : losses) {
    Json entry = convert::loss_to_json<Json>(loss);
    for (const char* key : {"offset", "time_ns"}) entry[key];  // null where it is not known
    list.push_back(std::move(entry));
  }
  return list;
}

Json to_json(const std::vector<convert::Failure>& failures) {
  Json list = Json::array();
  for (const convert::Failure& failure : failures) {
    Json entry;
    entry["recording"] = failure.recording;
    entry["error"] = failure.error;
    entry["kind"] = name_of(failure.kind);
    list.push_back(std::move(entry));
  }
  return list;
}

Json to_json(const std::vector<convert::PassThrough>& cameras) {
  Json list = Json::array();
  for (const convert::PassThrough& camera : cameras) {
    Json entry;
    entry["feature"] = camera.feature;
    entry["topic"] = camera.topic;
    entry["passed"] = camera.passed;
    entry["reason"] = camera.reason.empty() ? Json() : Json(camera.reason);
    list.push_back(std::move(entry));
  }
  return list;
}

Json to_json(const convert::MemoryLayout& memory) {
  Json object;
  object["limit_bytes"] = memory.limit;
  object["limit_given"] = memory.limit_given;
  object["threads"] = memory.threads;
  object["tasks_at_once"] = memory.tasks_at_once;
  object["largest_task_bytes"] = memory.largest_task;
  object["largest_task"] = memory.largest_task_name;
  object["assembly_bytes"] = memory.assembly;
  object["start_peak_bytes"] = memory.start_peak;
  object["expected_peak_bytes"] = memory.expected_peak;
  object["smallest_limit_bytes"] = memory.smallest_limit;
  object["all_threads_limit_bytes"] = memory.all_threads_limit;
  object["growth"] = {{"row_bytes", memory.growth.row_bytes},
                      {"chunk_bytes", memory.growth.chunk_bytes},
                      {"episode_bytes", memory.growth.episode_bytes}};
  object["accounts"] = Json::array();
  for (const convert::MemoryAccount& account : memory.accounts) {
    Json entry;
    entry["name"] = account.name;
    entry["bytes"] = account.bytes;
    object["accounts"].push_back(std::move(entry));
  }
  return object;
}

void print_failures(const std::vector<convert::Failure>& failures, Output& output) {
  for (const convert::Failure& failure : failures) {
    const bool named = failure.error.compare(0, failure.recording.size(), failure.recording) == 0;
    output.note("bagloom: left out: " + (named ? "" : failure.recording + ": ") + failure.error);
  }
}

void print_losses(const std::vector<convert::Loss>& losses, Output& output) {
  if (losses.empty()) return;
  const auto remarks = static_cast<std::size_t>(std::count_if(losses.begin(), losses.end(), is_remark));
  output.line(remarks == 0               ? "lost or made up:"
              : remarks == losses.size() ? "to be looked at:"
                                         : "lost, made up, or to be looked at:");
  // Messages of one topic that cannot be used for one reason are one line.
  struct Line {
    std::string text;
    std::uint64_t more = 0;
  };
  std::vector<Line> lines;
  std::map<std::string, std::size_t> by_reason;
  for (const convert::Loss& loss : losses) {
    if (!loss.reason.empty()) {
      const auto [line, is_new] = by_reason.try_emplace(loss.recording + '\n' + loss.topic + '\n' + loss.reason, lines.size());
      if (!is_new) {
        lines[line->second].more += loss.count;
        continue;
      }
    }
    lines.push_back({loss.recording + ": " + loss.text});
  }
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i)
    output.line("  " + lines[i].text +
                (lines[i].more > 0 ? "; for the same reason " + plural(lines[i].more, "more message") : ""));
  if (lines.size() > kMostLines)
    output.line("  and " + plural(lines.size() - kMostLines, "more line") +
                " (--json: up to a hundred entries a topic, and how many more)");
}

int code_of(const std::vector<convert::Loss>& losses) {
  const auto is_loss = [](const convert::Loss& loss) { return convert::weight_of(loss.kind) == convert::LossWeight::lost; };
  return std::any_of(losses.begin(), losses.end(), is_loss) ? kDoneWithLoss : kDone;
}

}  // namespace bagloom::cli
