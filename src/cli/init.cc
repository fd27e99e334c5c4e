// bagloom init: a recipe from what stands in a recording.
#include "base/shell_word.h"
#include "cli/exit_code.h"
#include "cli/new_file.h"
#include "cli/recordings.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "cli/verb.h"
#include "recipe/guess.h"
#include "recipe/message_folders.h"

namespace bagloom::cli {
namespace {

Json to_json(const std::vector<recipe::Candidate>& candidates) {
  Json list = Json::array();
  for (const recipe::Candidate& candidate : candidates) {
    Json entry;
    entry["topic"] = candidate.topic;
    entry["type"] = candidate.type;
    entry["why"] = candidate.why;
    list.push_back(std::move(entry));
  }
  return list;
}

void add_rows(Table& table, const char* role, const std::vector<recipe::Candidate>& candidates) {
  for (const recipe::Candidate& candidate : candidates) table.add({role, candidate.topic, candidate.type, candidate.why});
}

class Init : public Verb {
 public:
  std::string name() const override { return "init"; }
  std::string summary() const override { return "Write the recipe that a recording suggests, to be changed by hand"; }
  void configure(CLI::App& app) override {
    app.add_option("BAG", bag_, "The recording to look at")->required();
    app.add_option("-o,--output", output_, "The recipe to write (default: standard output)")->type_name("FILE");
    add_msg_paths(app, msg_paths_);
    app.add_flag("--force", force_, "Replace a file that exists");
    add_json(app);
    app.footer(
        "Looks at topics, types and one message of each candidate. Every default is written out in the recipe.\n"
        "Then: bagloom convert BAG -o DATASET --recipe FILE");
  }
  int run(Output& output) override {
    const Result<recipe::Guess> guess = look();
    if (!guess.ok()) {
      InputOutcome outcome;
      outcome.failed(guess.error().kind(), stop_signal());
      return output.fail(guess.error(), outcome.code());
    }
    const std::string yaml = recipe::to_yaml(*guess);
    if (!output_.empty()) {
      const Status written = write_new_file(output_, yaml, force_);
      if (!written.ok()) return output.fail(written.error(), exit_code_of(written.error().kind(), stop_signal()));
      output.product_stands(output_);
    }
    if (output.json()) {
      output.result(report(*guess, yaml));
    } else if (output_.empty()) {
      output.block(yaml);
    } else {
      print(*guess, output);
    }
    return kDone;
  }

 private:
  Result<recipe::Guess> look() const {
    if (!output_.empty()) RETURN_IF_ERROR(may_write(output_, force_));
    const std::vector<Input> inputs = expand_recordings({bag_});
    ASSIGN_OR_RETURN(const auto reader, open_recording(inputs.front()));
    if (reader->info().messages == 0)
      return Error(ErrorKind::corrupt, "holds no messages that can be read: there is nothing to make a recipe from")
          .in(std::string(inputs.front().path))
          .fix("`bagloom info` says what is in it");
    ASSIGN_OR_RETURN(const auto definitions, recipe::definitions_in(msg_paths_));
    return recipe::guess_recipe(*reader, *definitions);
  }

  Json report(const recipe::Guess& guess, const std::string& yaml) const {
    Json object;
    object["recipe"] = output_;
    object["complete"] = guess.complete;
    object["preset"] = guess.preset;
    object["states"] = to_json(guess.states);
    object["actions"] = to_json(guess.actions);
    object["cameras"] = to_json(guess.cameras);
    object["left_out"] = guess.left_out;
    if (output_.empty()) object["yaml"] = yaml;
    return object;
  }

  void print(const recipe::Guess& guess, Output& output) const {
    output.line(output_ + (guess.complete ? ": complete" : ": to be completed by hand") +
                (guess.preset.empty() ? "" : ", from the preset " + guess.preset));
    Table table({{"", Table::Align::left},
                 {"topic", Table::Align::left, 16},
                 {"type", Table::Align::left, 12},
                 {"why", Table::Align::left, 12}});
    add_rows(table, "state", guess.states);
    add_rows(table, "action", guess.actions);
    add_rows(table, "camera", guess.cameras);
    if (!table.empty()) {
      output.line();
      output.block(table.text(2, output.width()));
    }
    if (!guess.left_out.empty()) output.line(), output.line("left out:");
    for (const std::string& line : guess.left_out) output.line("  " + line);
    output.line();
    output.line(guess.complete ? "next:" : "next, once it is complete:");
    output.line("  bagloom plan " + shell_word(bag_) + " --recipe " + shell_word(output_));
    output.line("  bagloom convert " + shell_word(bag_) + " -o DATASET --recipe " + shell_word(output_));
  }

  std::string bag_, output_;
  std::vector<std::string> msg_paths_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_init() { return std::make_unique<Init>(); }

}  // namespace bagloom::cli
