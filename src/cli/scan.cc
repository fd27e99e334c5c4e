// bagloom scan: how regularly the messages came. Two passes over the index, no payload.
#include "cli/each_recording.h"
#include "cli/intervals.h"
#include "cli/quantity.h"
#include "cli/recordings.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "cli/verb.h"

namespace bagloom::cli {
namespace {

constexpr std::uint64_t kTopicBytes = 2000;         // its row or JSON object, and the text of it
constexpr std::uint64_t kIntervalBytes = 6 * 8192;  // octaves of a topic with messages

struct TopicScan {
  Topic topic;
  std::uint64_t messages = 0, out_of_order = 0;
  TimeNs first = 0, last = 0;
  IntervalHistogram histogram;
  TimeNs median = 0;
  IntervalFacts facts;

  double mean_hz() const { return messages < 2 || last <= first ? 0 : static_cast<double>(messages - 1) / seconds(last - first); }
};

Status scan_recording(bag::BagReader& reader, std::vector<TopicScan>& scans) {
  const std::size_t connections = reader.info().connections.size();
  std::vector<std::size_t> scan_of(connections);
  for (std::size_t t = 0; t < scans.size(); ++t)
    for (const std::uint32_t connection : scans[t].topic.connections) scan_of[connection] = t;
  const bag::ConnectionSet all(connections, true);
  const auto stopped = [] { return stop_requested() ? Status(Error(ErrorKind::stopped, "stopped before the end")) : Status(); };

  RETURN_IF_ERROR(reader.scan(all, [&](const bag::IndexedMessage& message) {
    TopicScan& scan = scans[scan_of[message.ref.connection]];
    if (scan.messages == 0) {
      scan.first = message.ref.time;
    } else {
      scan.histogram.add(message.ref.time - scan.last);
    }
    scan.last = message.ref.time;
    ++scan.messages;
    scan.out_of_order += message.out_of_order ? 1 : 0;
    return stopped();
  }));
  for (TopicScan& scan : scans) {
    scan.median = scan.histogram.median();
    scan.messages = 0;
  }
  return reader.scan(all, [&](const bag::IndexedMessage& message) {
    TopicScan& scan = scans[scan_of[message.ref.connection]];
    if (scan.messages > 0) scan.facts.add(scan.last, message.ref.time, scan.median);
    scan.last = message.ref.time;
    ++scan.messages;
    return stopped();
  });
}

Json to_json(const bag::BagInfo& info, const std::vector<TopicScan>& scans) {
  Json object;
  object["path"] = info.path;
  object["messages"] = info.messages;
  object["start_ns"] = info.start;
  object["end_ns"] = info.end;
  object["topics"] = Json::array();
  for (const TopicScan& scan : scans) {
    Json entry;
    entry["name"] = scan.topic.name;
    entry["messages"] = scan.messages;
    entry["mean_hz"] = scan.mean_hz();
    entry["median_interval_ns"] = scan.median;
    entry["worst_interval_ns"] = scan.facts.worst;
    entry["worst_at_ns"] = scan.facts.worst_at;
    entry["gaps"] = scan.facts.gaps;
    entry["gap_total_ns"] = scan.facts.gap_total;
    entry["out_of_order"] = scan.out_of_order;
    object["topics"].push_back(std::move(entry));
  }
  return object;
}

void print(const bag::BagInfo& info, const std::vector<TopicScan>& scans, bool first, Output& output) {
  if (!first) output.line();
  output.line(info.path);
  if (info.messages == 0) {
    output.line("  no message");
    return;
  }
  output.line("  " + duration_text(seconds(info.end - info.start)) + " from " + utc_text(info.start) + ", " +
              plural(info.messages, "message") + " on " + plural(scans.size(), "topic"));
  output.line();
  using Align = Table::Align;
  Table table({{"topic", Align::left, 16},
               {"messages", Align::right},
               {"Hz", Align::right},
               {"median ms", Align::right},
               {"worst ms", Align::right},
               {"at s", Align::right},
               {"gaps", Align::right},
               {"gap s", Align::right},
               {"disorder", Align::right}});
  for (const TopicScan& scan : scans) {
    const double hz = scan.mean_hz();
    const bool intervals = scan.messages > 1;
    table.add({scan.topic.name, count_text(scan.messages), hz > 0 ? fixed_text(hz, hz < 10 ? 2 : 1) : "-",
               intervals ? milliseconds_text(scan.median) : "-", intervals ? milliseconds_text(scan.facts.worst) : "-",
               intervals ? std::string(scan.facts.worst_at < info.start ? "" : "+") +
                               fixed_text(seconds(scan.facts.worst_at - info.start), 3)
                         : "-",
               scan.facts.gaps > 0 ? count_text(scan.facts.gaps) : "-",
               scan.facts.gaps > 0 ? fixed_text(seconds(scan.facts.gap_total), 2) : "-",
               scan.out_of_order > 0 ? count_text(scan.out_of_order) : "-"});
  }
  table.drop_column_of("gaps", {"-"});
  table.drop_column_of("gap s", {"-"});
  table.drop_column_of("disorder", {"-"});
  output.block(table.text(2, output.width()));
}

class Scan : public Verb {
 public:
  std::string name() const override { return "scan"; }
  std::string summary() const override { return "How regularly messages came: rates, intervals, gaps, disorder"; }
  void configure(CLI::App& app) override {
    app.add_option("BAG", bags_, "Recordings: files, rosbag2 folders, or folders of recordings")->required();
    add_limits(app, limits_);
    add_json(app);
    app.footer(
        "Reads indexes only, twice; no payload is inflated or decoded, but for chunks that have no index.\n"
        "  median ms  the lower median of the intervals between messages, cut to its eleven leading bits (0.1 %)\n"
        "  worst ms   the longest interval, and \"at s\" where it begins, after the start of the recording\n"
        "  gaps       intervals over 1.5 times the median; \"gap s\" is the time that they take together\n"
        "  disorder   messages that stand behind a later one of their connection in the file");
  }
  int run(Output& output) override {
    return look_at_each(bags_, {limits_.memory_limit, kTopicBytes, kIntervalBytes}, output,
                        [&](bag::BagReader& reader, bool first) -> Result<Json> {
                          std::vector<TopicScan> scans;
                          for (Topic& topic : topics_of(reader.info())) {
                            scans.emplace_back();
                            scans.back().topic = std::move(topic);
                          }
                          RETURN_IF_ERROR(scan_recording(reader, scans));
                          if (!output.json()) print(reader.info(), scans, first, output);
                          return output.json() ? to_json(reader.info(), scans) : Json();
                        });
  }

 private:
  std::vector<std::string> bags_;
  Limits limits_;
};

}  // namespace

std::unique_ptr<Verb> make_scan() { return std::make_unique<Scan>(); }

}  // namespace bagloom::cli
