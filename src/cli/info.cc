// bagloom info: what is in recordings.
#include "cli/each_recording.h"
#include "cli/quantity.h"
#include "cli/recordings.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/verb.h"

namespace bagloom::cli {
namespace {

constexpr std::uint64_t kTopicBytes = 1000;  // its row or JSON object, and the text of it

std::string_view index_text(bag::IndexState state) {
  switch (state) {
    case bag::IndexState::indexed: return "indexed";
    case bag::IndexState::chunk_indexes: return "no index section (its chunks have indexes)";
    case bag::IndexState::walked: return "no index (chunks were read through)";
  }
  return "";
}

Json to_json(const bag::BagInfo& info, const std::vector<Topic>& topics) {
  Json object;
  object["path"] = info.path;
  object["format"] = info.format;
  object["compression"] = info.compression;
  object["indexed"] = info.index == bag::IndexState::indexed;
  object["index"] = bag::name_of(info.index);
  object["bytes"] = info.bytes;
  object["chunks"] = info.chunks;
  object["messages"] = info.messages;
  object["start_ns"] = info.start;
  object["end_ns"] = info.end;
  object["duration_seconds"] = seconds(info.end - info.start);
  object["topics"] = Json::array();
  for (const Topic& topic : topics) {
    Json entry;
    entry["name"] = topic.name;
    entry["type"] = topic.type;
    entry["messages"] = topic.messages;
    entry["rate_hz"] = topic.rate_hz();
    entry["bytes"] = topic.bytes;
    entry["connections"] = topic.connections.size();
    entry["latching"] = topic.latching;
    object["topics"].push_back(std::move(entry));
  }
  object["damage"] = Json::array();
  for (const bag::Damage& damage : info.damage) {
    Json entry;
    entry["offset"] = damage.offset;
    entry["topic"] = damage.topic;
    entry["what"] = damage.what;
    object["damage"].push_back(std::move(entry));
  }
  return object;
}

void print(const bag::BagInfo& info, const std::vector<Topic>& topics, bool first, Output& output) {
  if (!first) output.line();
  output.line(info.path);
  const std::string compression = info.compression == "none"    ? "not compressed"
                                  : info.compression == "mixed" ? "several compressions"
                                                                : info.compression;
  output.line("  " + size_text(info.bytes) + ", " + (info.by_message ? "" : plural(info.chunks, "chunk") + ", ") +
              (info.chunks > 0 || info.by_message ? compression + ", " : "") +  // of no chunk it is not known
              std::string(index_text(info.index)));
  if (info.messages > 0) {
    output.line("  " + duration_text(seconds(info.end - info.start)) + " from " + utc_text(info.start));
  }
  output.line("  " + plural(info.messages, "message") + " on " + plural(topics.size(), "topic"));
  if (!topics.empty()) {
    output.line();
    using Align = Table::Align;
    Table table({{"topic", Align::left, 16},
                 {"type", Align::left, 12},
                 {"messages", Align::right},
                 {"Hz", Align::right},
                 {"size", Align::right},
                 {"conn.", Align::right},
                 {"", Align::left}});
    for (const Topic& topic : topics) {
      const double hz = topic.rate_hz();
      table.add({topic.name, topic.type, count_text(topic.messages), hz > 0 ? fixed_text(hz, hz < 10 ? 2 : 1) : "-",
                 size_text(topic.bytes), std::to_string(topic.connections.size()), topic.latching ? "latched" : ""});
    }
    table.drop_column_of("conn.", {"1"});
    table.drop_column_of("", {""});
    output.block(table.text(2, output.width()));
  }
  if (!info.damage.empty()) {
    output.line();
    output.line("  damage:");
    for (const bag::Damage& damage : info.damage)
      output.line("  " + (damage.offset == 0 ? "" : hex(damage.offset) + ": ") +
                  (damage.topic.empty() ? "" : damage.topic + ": ") + damage.what);
  }
}

class Info : public Verb {
 public:
  std::string name() const override { return "info"; }
  std::string summary() const override { return "What is in recordings: topics, types, rates, sizes, damage"; }
  void configure(CLI::App& app) override {
    app.add_option("BAG", bags_, "Recordings: files, rosbag2 folders, or folders of recordings")->required();
    add_limits(app, limits_);
    add_json(app);
    app.footer(
        "Reads indexes only: no payload is inflated or decoded, but for chunks that have no index.\n"
        "Sizes are those of the messages without compression.");
  }
  int run(Output& output) override {
    return look_at_each(bags_, {limits_.memory_limit, kTopicBytes, 0}, output,
                        [&](bag::BagReader& reader, bool first) -> Result<Json> {
                          const std::vector<Topic> topics = topics_of(reader.info());
                          if (!output.json()) print(reader.info(), topics, first, output);
                          return output.json() ? to_json(reader.info(), topics) : Json();
                        });
  }

 private:
  std::vector<std::string> bags_;
  Limits limits_;
};

}  // namespace

std::unique_ptr<Verb> make_info() { return std::make_unique<Info>(); }

}  // namespace bagloom::cli
