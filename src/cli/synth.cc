// bagloom synth: a robot-like recording from a seed.
#include "synth/synth.h"

#include <map>
#include <tuple>

#include "base/shell_word.h"
#include "cli/exit_code.h"
#include "cli/new_file.h"
#include "cli/quantity.h"
#include "cli/stop.h"
#include "cli/verb.h"

namespace bagloom::cli {
namespace {

/// For CLI11: an empty text, or the complaint.
std::string is_picture_size(const std::string& text) {
  const auto size = parse_picture_size(text);
  return size.ok() ? "" : size.error().message();
}
std::string is_span(const std::string& text) {
  const auto span = parse_span(text);
  return span.ok() ? "" : span.error().message();
}

class Synth : public Verb {
 public:
  std::string name() const override { return "synth"; }
  std::string summary() const override { return "Make a robot-like recording, for trying and testing"; }

  void configure(CLI::App& app) override {
    app.add_option("-o,--output", path_, "The bag to write")->required()->type_name("BAG");
    app.add_flag("--force", force_, "Replace a file that exists");
    add_json(app);

    const char* content = "Content";
    app.add_option("--seconds", options_.seconds, "Length")->type_name("S")->capture_default_str()->group(content);
    app.add_option("--layout", options_.layout, "Topics and types: generic or kuavo")
        ->type_name("NAME")
        ->capture_default_str()
        ->group(content);
    app.add_option("--cameras", options_.cameras, "How many cameras")->type_name("N")->capture_default_str()->group(content);
    app.add_option("--size", size_, "Size of the pictures")
        ->type_name("WxH")
        ->capture_default_str()
        ->check(is_picture_size)
        ->group(content);
    app.add_option("--fps", options_.camera_hz, "Pictures a second")->type_name("HZ")->capture_default_str()->group(content);
    app.add_option("--quality", options_.quality, "Of the JPEGs")->type_name("1..100")->capture_default_str()->group(content);
    app.add_flag("--raw", options_.raw, "sensor_msgs/Image rgb8 instead of JPEG")->group(content);
    app.add_option("--video", video_, "foxglove_msgs/CompressedVideo instead of JPEG: h264, h265 or av1")
        ->type_name("CODEC")
        ->check(CLI::IsMember({"h264", "h265", "av1"}))
        ->group(content);
    app.add_option("--gop", options_.gop, "Of video: pictures from keyframe to keyframe")
        ->type_name("N")
        ->capture_default_str()
        ->group(content);
    app.add_option("--joint-hz", options_.joint_hz, "Joint messages a second")
        ->type_name("HZ")
        ->capture_default_str()
        ->group(content);
    app.add_option("--joints", options_.joints, "Joints of the generic layout")
        ->type_name("N")
        ->capture_default_str()
        ->group(content);
    app.add_option("--seed", options_.seed, "Same seed and options, same bytes")
        ->type_name("N")
        ->capture_default_str()
        ->group(content);
    app.add_option("--start-ns", options_.start, "Receive time at the start")
        ->type_name("NS")
        ->capture_default_str()
        ->group(content);

    const char* trouble = "Trouble";
    app.add_option("--jitter", options_.jitter_ms, "Deviation of the pictures' times; other topics have a tenth")
        ->type_name("MS")
        ->capture_default_str()
        ->group(trouble);
    app.add_option("--drop", options_.drop, "Share of pictures that are missing, such as 0.001")
        ->type_name("SHARE")
        ->group(trouble);
    app.add_option("--gap", gaps_, "No pictures of camera 0 between these seconds: 3.0-3.5; may be repeated")
        ->type_name("FROM-TO")
        ->allow_extra_args(false)
        ->check(is_span)
        ->group(trouble);
    app.add_option("--corrupt", options_.corrupt, "Frames of camera 0 that are cut in half: 12,40")
        ->type_name("N,N")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->group(trouble);

    const char* file = "File";
    app.add_option("--compression", compression_, "none, lz4 or bz2")
        ->type_name("NAME")
        ->capture_default_str()
        ->check(CLI::IsMember({"none", "lz4", "bz2"}))
        ->group(file);
    add_size(app, "--chunk-size", options_.bag.chunk_bytes, "A chunk is closed once it passes this (default 768KiB)")
        ->group(file);
    app.add_flag("--no-index", no_index_, "End like a recorder that died: no index section")->group(file);
    app.add_flag("--no-chunk-index", no_chunk_index_, "No index records behind the chunks either")->group(file);
    app.add_flag("--repeat-connections", options_.bag.connections_in_each_chunk, "Connection records in each chunk")->group(file);
    app.add_option("--state-connections", options_.state_connections, "Connections of /joint_states (generic)")
        ->type_name("N")
        ->capture_default_str()
        ->group(file);
    app.footer("docs/synth.md says exactly what the recording holds, and how the pattern in the pictures is read.");
  }

  int run(Output& output) override {
    static const std::map<std::string, bag::Compression> kCompressions{
        {"none", bag::Compression::none}, {"lz4", bag::Compression::lz4}, {"bz2", bag::Compression::bz2}};
    static const std::map<std::string, media::StreamCodec> kCodecs{{"", media::StreamCodec::none},
                                                                   {"h264", media::StreamCodec::h264},
                                                                   {"h265", media::StreamCodec::hevc},
                                                                   {"av1", media::StreamCodec::av1}};
    options_.video = kCodecs.at(video_);
    options_.bag.compression = kCompressions.at(compression_);
    options_.bag.index_section = !no_index_;
    options_.bag.chunk_indexes = !no_chunk_index_;
    options_.stop = stop_requested;
    const Result<synth::SynthReport> result = make(output);
    output.progress().clear();
    if (!result.ok()) return output.fail(result.error(), exit_code_of(result.error().kind(), stop_signal()));
    output.product_stands(path_);
    Json object;
    object["path"] = path_;
    object["messages"] = result->messages;
    object["bytes"] = result->bytes;
    object["seconds"] = options_.seconds;
    object["topics"] = result->topics;
    output.result(object);
    output.line(path_ + ": " + duration_text(options_.seconds) + ", " + plural(result->messages, "message") + " on " +
                plural(result->topics.size(), "topic") + ", " + size_text(result->bytes));
    output.line("next:");
    output.line("  bagloom info " + shell_word(path_));
    output.line("  bagloom convert " + shell_word(path_) + " -o DATASET");
    return kDone;
  }

 private:
  Result<synth::SynthReport> make(Output& output) {
    RETURN_IF_ERROR(may_write(path_, force_));
    ASSIGN_OR_RETURN(std::tie(options_.width, options_.height), parse_picture_size(size_));
    for (const std::string& gap : gaps_) {
      ASSIGN_OR_RETURN(const auto span, parse_span(gap));
      options_.gaps.push_back(span);
    }
    return synth::write_synth_bag(path_, options_, [&](double done) {
      if (!output.progress().enabled()) return;
      output.progress().show(done / options_.seconds, fixed_text(done, 1) + " of " + fixed_text(options_.seconds, 1) + " s");
    });
  }

  std::string path_, size_ = "640x480", compression_ = "none", video_;
  std::vector<std::string> gaps_;
  bool force_ = false, no_index_ = false, no_chunk_index_ = false;
  synth::SynthOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_synth() { return std::make_unique<Synth>(); }

}  // namespace bagloom::cli
