#include "cli/bench_text.h"

#include <algorithm>
#include <set>

#include "cli/bench_profile_text.h"
#include "cli/quantity.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

using bench::BenchReport;
using bench::Row;
using Align = Table::Align;

// As the script that this experiment descends from prints it.
constexpr double kMB = 1024 * 1024;
constexpr std::size_t kHash = 8;

std::string mb(std::uint64_t bytes) {
  const double value = static_cast<double>(bytes) / kMB;
  return fixed_text(value, value < 1000 ? 1 : 0);
}

std::string name_of(const Row& row, bool several, bool both) {
  std::string name = row.method.display_name();
  if (several) name += " #" + std::to_string(row.repeat);
  if (both && row.isolation == "shared") name += ", shared";
  return name;
}

struct Cells {
  std::string name, status;
  std::vector<std::string> speed, memory;
};

Cells cells_of(const BenchReport& report, const Row& row) {
  Cells cells;
  cells.name = name_of(row, report.options.repeats > 1, report.options.isolation == bench::Isolation::both);
  cells.status = row.ok() ? "OK" : row.status == "failed" ? "FAIL" : row.status;
  const std::string none = "-";
  const auto known = [&](bool is, std::string text) { return is ? std::move(text) : none; };
  const bool rate = row.measured && row.rows && row.seconds > 0;
  cells.speed = {known(row.measured, fixed_text(row.seconds, 2)),
                 known(row.measured && row.rows, count_text(row.rows.value_or(0))),
                 known(rate, fixed_text(static_cast<double>(row.rows.value_or(0)) / std::max(row.seconds, 1e-9), 1)),
                 known(row.measured && row.seconds > 0,
                       fixed_text(static_cast<double>(report.facts.bytes) / 1e6 / std::max(row.seconds, 1e-9), 1))};
  cells.memory = {known(row.measured, mb(row.initial)),
                  known(row.measured, mb(row.peak)),
                  known(row.measured, mb(row.increase)),
                  known(row.tree_peak.has_value(), mb(row.tree_peak.value_or(0))),
                  known(row.measured || row.tree_peak, mb(row.file_bytes)),
                  known(!row.hash.empty(), row.hash.substr(0, kHash))};
  return cells;
}

const std::vector<Table::Column> kSpeed{
    {"Time(s)", Align::right}, {"Frames", Align::right}, {"FPS", Align::right}, {"MB/s", Align::right}};
const std::vector<Table::Column> kMemory{{"Initial(MB)", Align::right},  {"Peak Mem(MB)", Align::right},
                                         {"Mem Inc(MB)", Align::right},  {"Tree peak", Align::right},
                                         {"Files' share", Align::right}, {"Dataset hash"}};

template <class Take>
std::string table_of(const BenchReport& report, std::vector<std::vector<Table::Column>> groups, std::size_t width,
                     const Take& take) {
  std::vector<Table::Column> columns{{"Method", Align::left, 16}};
  for (const auto& group : groups) columns.insert(columns.end(), group.begin(), group.end());
  Table table(columns);
  for (const Row& row : report.rows) {
    const Cells cells = cells_of(report, row);
    std::vector<std::string> line{cells.name};
    take(cells, line);
    table.add(line);
  }
  return table.text(0, width);
}

void append(std::vector<std::string>& line, const std::vector<std::string>& cells) {
  line.insert(line.end(), cells.begin(), cells.end());
}

/// One table where it fits, else two.
std::string main_table(const BenchReport& report, std::size_t width) {
  const std::vector<Table::Column> status{{"Status", Align::left, 8}};
  const std::string whole = table_of(report, {kSpeed, kMemory, status}, 0, [](const Cells& cells, auto& line) {
    append(line, cells.speed);
    append(line, cells.memory);
    line.push_back(cells.status);
  });
  const auto fits = [&](const std::string& text) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      if (display_width(text.substr(begin, end - begin)) > width) return false;
      begin = end + 1;
    }
    return true;
  };
  if (width == 0 || fits(whole)) return whole;
  return table_of(report, {kSpeed, status}, width,
                  [](const Cells& cells, auto& line) {
                    append(line, cells.speed);
                    line.push_back(cells.status);
                  }) +
         "\n" + table_of(report, {kMemory}, width, [](const Cells& cells, auto& line) { append(line, cells.memory); });
}

std::string stage_table(const BenchReport& report, std::size_t width) {
  std::vector<Table::Column> columns{{"Seconds of threads", Align::left, 16}};
  for (const std::string_view name : convert::kStageNames) columns.push_back({std::string(name), Align::right});
  columns.push_back({"threads", Align::right});
  Table table(columns);
  for (const Row& row : report.rows) {
    if (!row.measured || !row.has_stages) continue;
    std::vector<std::string> line{cells_of(report, row).name};
    for (const double seconds : row.stages) line.push_back(fixed_text(seconds, 2));
    line.push_back(std::to_string(row.threads));
    table.add(line);
  }
  return table.empty() ? "" : "\n" + table.text(0, width);
}

std::string side_by_side(const BenchReport& report, std::size_t width) {
  if (report.options.isolation != bench::Isolation::both) return "";
  Table table({{"MB, own process against one for all", Align::left, 16},
               {"Initial own", Align::right},
               {"shared", Align::right},
               {"Peak own", Align::right},
               {"shared", Align::right},
               {"Inc own", Align::right},
               {"shared", Align::right}});
  for (const Row& own : report.rows) {
    if (own.isolation != "process" || !own.measured) continue;
    for (const Row& shared : report.rows)
      if (shared.isolation == "shared" && shared.measured && shared.method == own.method && shared.repeat == own.repeat)
        table.add({name_of(own, report.options.repeats > 1, false), mb(own.initial), mb(shared.initial), mb(own.peak),
                   mb(shared.peak), mb(own.increase), mb(shared.increase)});
  }
  return table.empty() ? "" : "\n" + table.text(0, width);
}

std::string repeat_table(const BenchReport& report, std::size_t width) {
  if (report.options.repeats < 2) return "";
  Table table({{"Minimum / median / maximum", Align::left, 16},
               {"Time(s)", Align::right},
               {"Peak Mem(MB)", Align::right},
               {"Mem Inc(MB)", Align::right}});
  for (const bench::Spread& spread : report.repeats) {
    const auto three = [](const std::uint64_t(&values)[3]) {
      return mb(values[0]) + " / " + mb(values[1]) + " / " + mb(values[2]);
    };
    table.add(
        {spread.name + (spread.isolation == "shared" ? ", shared" : ""),
         fixed_text(spread.seconds[0], 2) + " / " + fixed_text(spread.seconds[1], 2) + " / " + fixed_text(spread.seconds[2], 2),
         three(spread.peak), three(spread.increase)});
  }
  return "\n" + table.text(0, width);
}

std::string length_table(const BenchReport& report, std::size_t width) {
  if (report.lengths.empty()) return "";
  std::vector<Table::Column> columns{{"Peak (MB) by length", Align::left, 16}};
  for (const bench::LengthPoint& point : report.lengths.front().points)
    columns.push_back({fixed_text(point.times, point.times < 1 ? 2 : 0) + "x", Align::right});
  columns.push_back({"MB per GB", Align::right});
  columns.push_back({"MB per 1000 rows", Align::right});
  Table table(columns);
  for (const bench::LengthSeries& series : report.lengths) {
    std::vector<std::string> line{series.method.display_name()};
    for (const bench::LengthPoint& point : series.points) line.push_back(point.peak == 0 ? "-" : mb(point.peak));
    line.resize(columns.size() - 2, "-");
    const auto slope = [](const std::optional<double>& bytes, int digits) {
      return bytes ? fixed_text(*bytes / kMB, digits) : "-";
    };
    line.push_back(slope(series.bytes_per_gigabyte, 1));
    line.push_back(slope(series.bytes_per_1000_rows, 2));
    table.add(line);
  }
  return "\n" + table.text(0, width);
}

std::string counters_text(const BenchReport& report) {
  std::set<std::string> outside;
  bool own = false, shared = false;
  for (const Row& row : report.rows) {
    if (!row.measured) continue;
    own = own || row.isolation == "process";
    shared = shared || row.isolation == "shared";
    if (row.tree_peak && !row.counters.empty()) outside.insert(row.counters);
  }
  std::string text = "MB is 1,048,576 bytes, MB/s a million of the recording's bytes a second.";
  if (own) text += " Initial, Peak, Inc: VmRSS at the method's start and VmHWM at its end, reset at the start, from inside.";
  if (shared) text += " Shared: the largest VmRSS of samples every 10 ms, from inside.";
  for (const std::string& counters : outside) text += " Tree peak: " + counters + ".";
  std::set<std::string> missed;
  for (const Row& row : report.rows) missed.insert(row.may_have_missed.begin(), row.may_have_missed.end());
  for (const std::string& sentence : missed) text += " May have missed: " + sentence;
  return text;
}

/// Breaks at blanks.
std::string wrapped(const std::string& text, std::size_t width) {
  if (width == 0) return text + "\n";
  std::string out, line;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return out + line + "\n";
}

}  // namespace

std::string bench_header(const bench::BenchOptions& options, const bench::Facts& facts) {
  std::string text = printable(facts.path) + ": " + size_text(facts.bytes) + ", " + duration_text(facts.seconds) + ", " +
                     plural(facts.messages, "message") + "\n";
  Table topics({{"topic", Align::left, 20}, {"messages", Align::right}, {"picture"}, {"feature", Align::left, 12}});
  for (const bench::TopicFacts& topic : facts.topics)
    topics.add({topic.topic, count_text(topic.messages),
                topic.width > 0 ? std::to_string(topic.width) + "x" + std::to_string(topic.height) : "", topic.feature});
  text += topics.text(2, 0);
  text += "main timeline: " + printable(facts.main_timeline) + "; " + plural(facts.rows, "aligned row") +
          "; video: " + facts.codec + (options.write ? "" : " (nothing is encoded or written: --no-write)") + "\n";
  std::string methods;
  for (const bench::Method& method : options.methods) methods += (methods.empty() ? "" : ", ") + method.name();
  for (const bench::Method& method : options.externals) methods += (methods.empty() ? "" : ", ") + printable(method.name());
  text += "methods: " + methods + "; " +
          (options.isolation == bench::Isolation::shared ? "all in one process"
           : options.isolation == bench::Isolation::both ? "each in a process of its own, then all in one"
                                                         : "each in a process of its own") +
          (options.repeats > 1 ? "; " + std::to_string(options.repeats) + " repeats" : "") +
          (options.ceiling ? "; ceiling " + size_text(*options.ceiling) : "") + "\n";
  text += "machine: " + size_text(facts.memory_bytes) + " of memory, " + size_text(facts.available_bytes) + " available; " +
          plural(facts.cores, "core") + ", " + plural(facts.threads, "thread") + " a method; " + facts.kernel +
          (facts.cpu.empty() ? "" : "; " + facts.cpu) + "\n";
  if (facts.cached_share >= 0) {
    text += "page cache: " + fixed_text(facts.cached_share * 100, 0) + " % of the recording";
    if (facts.cached_share < 0.99)
      text += facts.bytes < facts.available_bytes / 2
                  ? "; it is read once first, so that every method finds it there"
                  : "; it is too large to be read first: the first method finds less of it there";
    text += "\n";
  }
  return text + "\n";
}

std::string bench_text(const BenchReport& report, std::size_t width) {
  std::string text = main_table(report, width);
  std::set<std::string> skipped;
  for (const Row& row : report.rows) {
    if (row.error.empty()) continue;
    if (row.status == "skipped") {
      if (skipped.insert(row.method.name()).second)  // one reason for all of its repeats
        text += printable(row.method.display_name()) + ": skipped: " + printable(row.error) + "\n";
      continue;
    }
    text += printable(name_of(row, report.options.repeats > 1, report.options.isolation == bench::Isolation::both)) + ": " +
            printable(row.error) + "\n";
  }
  text += side_by_side(report, width) + stage_table(report, width) + repeat_table(report, width) + length_table(report, width);
  text += profile_text(
      report,
      [&](const Row& row) {
        return name_of(row, report.options.repeats > 1, report.options.isolation == bench::Isolation::both);
      },
      width);
  if (!report.comparisons.empty()) text += "\n";
  for (const bench::Comparison& comparison : report.comparisons)
    text += wrapped(comparison.text + (comparison.isolation == "shared" ? " (shared process: not to be trusted)" : ""), width);
  text += "\n";
  if (report.datasets_compared)
    text += !report.difference.empty()         ? "THE DATASETS DIFFER: " + printable(report.difference) + "\n"
            : report.options.externals.empty() ? "All methods made the same dataset.\n"
                                               : "All methods made the same dataset; other programs' are not compared.\n";
  for (const std::string& note : report.notes) text += wrapped("note: " + printable(note), width);
  return text + wrapped(counters_text(report), width);
}

}  // namespace bagloom::cli
