// The report's page without a browser: what it refuses, that foreign text stays text, that thinning keeps what a reader looks
// for.
#include "bench/report_html.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "bench/report_input.h"
#include "bench/report_page.h"
#include "bench/report_sections.h"
#include "bench/report_text.h"
#include "bench/report_thinning.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

constexpr double kMB = 1048576;

json run(const std::string& name, const std::string& isolation, double initial, double peak) {
  return {{"name", name},
          {"display_name", "Method " + name},
          {"isolation", isolation},
          {"repeat", 1},
          {"status", "ok"},
          {"seconds", 2.5},
          {"initial_bytes", initial},
          {"peak_bytes", peak},
          {"increase_bytes", peak - initial},
          {"frames", 20},
          {"dataset_hash", "4d0c8a5b17e2f933ffff"},
          {"stages", {{"decode", 1.25}, {"scan", 0.5}}},
          {"timeline", {{0.0, initial, 1e6, 2e6}, {1.0, peak, 3e6, 2e6}, {2.5, initial, 1e6, 2e6}}}};
}

json comparison(std::vector<json> runs) {
  return {{"schema", 1}, {"recording", {{"path", "a/b/kuavo.bag"}, {"bytes", 998e6}, {"rows", 1180}}}, {"methods", runs}};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

#define NEEDS_CHART_JS() \
  if (page::chart_js.empty()) GTEST_SKIP() << "this build found no Chart.js"

TEST(ReportText, EscapesWhatHtmlReads) {
  EXPECT_EQ(escape_html("<b a=\"1\" c='2'>&amp;"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  EXPECT_EQ(escape_html(std::string("a\0\x1b\x7f\n", 5)), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n");
  EXPECT_EQ(escape_html("\xe4\xbd\xa0\xe5\xa5\xbd"), "\xe4\xbd\xa0\xe5\xa5\xbd");
}

TEST(ReportText, JsonCannotLeaveItsScript) {
  const json value = {{"</script><!--", "a & b > c \xe4\xbd\xa0 \xe2\x80\xa8"}};
  const std::string text = script_json(value);
  EXPECT_EQ(text.find_first_of("<>&"), text.npos) << text;
  for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << text;
  EXPECT_EQ(json::parse(text), value);
}

TEST(ReportText, JsonTakesTextThatIsNotUtf8) {
  const std::string text = script_json(json("a\xff"));
  EXPECT_EQ(json::parse(text), "a\xef\xbf\xbd");
}

TEST(ReportText, Numbers) {
  EXPECT_EQ(megabytes_text(12345.6 * kMB), "12,345.6");
  EXPECT_EQ(megabytes_text(0), "0.0");
  EXPECT_EQ(decimal_text(-1234567.0, 0), "-1,234,567");
  EXPECT_EQ(decimal_text(-123.0, 0), "-123");
  EXPECT_EQ(decimal_text(999.0, 0), "999");
  EXPECT_EQ(decimal_text(1e300, 1), "?");
  EXPECT_EQ(size_text(73.04 * kMB), "73.0 MB");
  EXPECT_EQ(size_text(486.4 * kMB), "486 MB");
  EXPECT_EQ(size_text(1717.2 * kMB), "1,717 MB");
  EXPECT_EQ(size_text(12.34 * 1024 * kMB), "12.3 GB");
  EXPECT_EQ(size_text(820 * 1024), "820 kB");
  EXPECT_EQ(seconds_text(0.0521), "0.052");
  EXPECT_EQ(seconds_text(4.214), "4.21");
  EXPECT_EQ(seconds_text(632.44), "632.4");
}

/// A random walk with spikes of one sample.
std::vector<ReportSample> walk(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<ReportSample> samples;
  double seconds = 0;
  for (std::size_t i = 0; i < size; ++i) {
    seconds += random() % 10 == 0 ? 1.0 : 0.001;  // uneven in time
    ReportSample sample{seconds, 1000 + random() % 1000, random() % 1000, random() % 1000};
    if (random() % 500 == 0) sample.resident += random() % 100000;
    if (random() % 500 == 0) sample.anonymous += random() % 100000;
    if (random() % 500 == 0) sample.file += random() % 100000;
    samples.push_back(sample);
  }
  return samples;
}

bool same(const ReportSample& a, const ReportSample& b) {
  return a.seconds == b.seconds && a.resident == b.resident && a.anonymous == b.anonymous && a.file == b.file;
}

TEST(ReportThinning, ShortTimelinesStayWhole) {
  EXPECT_TRUE(thin({}, 10).empty());
  const auto samples = walk(60, 1);
  const auto kept = thin(samples, 10);
  ASSERT_EQ(kept.size(), samples.size());
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), samples.begin(), same));
}

TEST(ReportThinning, NeverLosesAMaximum) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const auto samples = walk(5000 + seed * 37, seed);
    for (const std::size_t spans : {1u, 7u, 100u}) {
      const auto kept = thin(samples, spans);
      EXPECT_LE(kept.size(), 6 * spans);
      EXPECT_TRUE(same(kept.front(), samples.front()));
      EXPECT_TRUE(same(kept.back(), samples.back()));
      EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; }));
      // In each span of time, and so in the whole, the largest of each counter and the smallest resident stand where they were.
      const double begin = samples.front().seconds, length = samples.back().seconds - begin;
      for (std::size_t span = 0; span < spans; ++span) {
        const auto in_span = [&](const ReportSample& s) {
          const double from = begin + length * static_cast<double>(span) / static_cast<double>(spans);
          const double to = begin + length * static_cast<double>(span + 1) / static_cast<double>(spans);
          return (span == 0 || s.seconds >= from) && (span + 1 == spans || s.seconds < to);
        };
        ReportSample most{}, most_kept{};
        std::uint64_t least = ~0ull, least_kept = ~0ull;
        const auto note = [&](const ReportSample& s, ReportSample& best, std::uint64_t& smallest) {
          if (!in_span(s)) return;
          best.resident = std::max(best.resident, s.resident);
          best.anonymous = std::max(best.anonymous, s.anonymous);
          best.file = std::max(best.file, s.file);
          smallest = std::min(smallest, s.resident);
        };
        for (const auto& s : samples) note(s, most, least);
        for (const auto& s : kept) note(s, most_kept, least_kept);
        ASSERT_TRUE(same(most, most_kept)) << "seed " << seed << " span " << span << " of " << spans;
        ASSERT_EQ(least, least_kept);
      }
      for (const auto& s : kept)
        ASSERT_TRUE(std::any_of(samples.begin(), samples.end(), [&](const auto& o) { return same(s, o); }));
    }
  }
}

TEST(ReportThinning, AllAtOneTime) {
  std::vector<ReportSample> samples(1000, ReportSample{1.0, 5, 0, 0});
  samples[500].resident = 99;
  const auto kept = thin(samples, 10);
  EXPECT_LE(kept.size(), 60u);
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const auto& s) { return s.resident == 99; }));
}

TEST(ReportInput, RefusesWhatIsNoComparison) {
  for (const std::string text :
       {"", "[]", "{", "{\"schema\":2,\"methods\":[{}]}", "{\"schema\":1}", "{\"schema\":1,\"methods\":[]}",
        "{\"schema\":1,\"methods\":[3]}", "{\"schema\":1,\"methods\":{}}"}) {
    const auto input = read_report_input(text);
    ASSERT_FALSE(input.ok()) << text;
    EXPECT_EQ(input.error().kind(), ErrorKind::invalid);
  }
}

TEST(ReportInput, FiguresOfTheWrongKindAreNotThere) {
  json bad = run("a", "process", 1, 2);
  for (const char* key :
       {"seconds", "initial_bytes", "peak_bytes", "repeat", "stages", "timeline", "status", "name", "display_name"})
    bad[key] = {{"no", "thing"}};
  const auto input = read_report_input(comparison({bad}).dump());
  ASSERT_TRUE(input.ok());
  const ReportRun& read = input.value().runs.at(0);
  EXPECT_FALSE(read.seconds || read.initial_bytes || read.peak_bytes);
  EXPECT_EQ(read.display_name, "(no name)");
  EXPECT_TRUE(read.timeline.empty());
  EXPECT_NE(figures_html(input.value()).find("not measured"), std::string::npos);
}

TEST(ReportInput, TimelinesAreSortedAndThinned) {
  json long_run = run("a", "process", 1, 2);
  long_run["timeline"] = json::array();
  for (int i = 20000; i > 0; --i) long_run["timeline"].push_back({i * 0.01, i == 12345 ? 9e9 : 1e6 + i, 5, 7});
  long_run["timeline"].push_back({"no", "point"});
  long_run["timeline"].push_back(json::array({3.0}));
  long_run["timeline"].push_back({-1.0, -5.0, 1e300});
  const auto input = read_report_input(comparison({long_run}).dump());
  ASSERT_TRUE(input.ok());
  const auto& timeline = input.value().runs.at(0).timeline;
  EXPECT_LE(timeline.size(), 2400u);
  EXPECT_GT(timeline.size(), 400u);
  EXPECT_EQ(timeline.front().resident, 0u);  // nothing is below nothing
  const auto spike = std::find_if(timeline.begin(), timeline.end(), [](const auto& s) { return s.resident == 9000000000u; });
  ASSERT_NE(spike, timeline.end());
  EXPECT_DOUBLE_EQ(spike->seconds, 123.45);
}

TEST(ReportSections, TheTableSaysWhatToDoubt) {
  const auto input =
      read_report_input(comparison({run("a", "process", 43 * kMB, 500 * kMB), run("b", "process", 43 * kMB, 73 * kMB),
                                    run("a", "shared", 43 * kMB, 500 * kMB), run("b", "shared", 450 * kMB, 460 * kMB)})
                            .dump());
  ASSERT_TRUE(input.ok());
  const std::string table = figures_html(input.value());
  EXPECT_EQ(count(table, "<tr class=\"group\">"), 2u);
  EXPECT_EQ(count(table, "<th scope=\"row\">"), 4u);
  // Only the second shared run is contaminated: its initial, peak and increase.
  EXPECT_EQ(count(table, "class=\"doubtful\""), 3u);
  EXPECT_NE(table.find("<td class=\"doubtful\">450.0<sup>"), table.npos);
  EXPECT_NE(table.find("Not to be trusted"), table.npos);
  const std::string beside = isolation_html(input.value());
  EXPECT_NE(beside.find("<td>73.0</td><td class=\"doubtful\">460.0"), beside.npos) << beside;
  EXPECT_NE(beside.find("<td class=\"doubtful\">33<sup>"), beside.npos) << beside;  // 10 of 30 MB
}

TEST(ReportSections, NothingIsDoubtedInOwnProcesses) {
  const auto input =
      read_report_input(comparison({run("a", "process", 43 * kMB, 500 * kMB), run("b", "process", 43 * kMB, 73 * kMB)}).dump());
  ASSERT_TRUE(input.ok());
  EXPECT_EQ(figures_html(input.value()).find("oubtful"), std::string::npos);
  EXPECT_EQ(figures_html(input.value()).find("Not to be trusted"), std::string::npos);
  EXPECT_EQ(isolation_html(input.value()), "");
  EXPECT_NE(verdict_html(input.value())
                .find("<b>73.0 MB</b> with <bdi>Method b</bdi>. Highest: <b>500 MB</b> with <bdi>Method a</bdi>"),
            std::string::npos);
}

TEST(ReportSections, TheVerdictIsOfTheRunsThatAreDrawn) {
  // Alone, b's second run has the lowest peak; in the middle of its three runs, which the drawings show, a has it.
  json first = run("b", "process", 43 * kMB, 90 * kMB), second = run("b", "process", 43 * kMB, 60 * kMB),
       third = run("b", "process", 43 * kMB, 91 * kMB), scan = run("scan", "process", 1 * kMB, 20 * kMB);
  second["repeat"] = 2;
  third["repeat"] = 3;
  const auto verdict = [](const json& runs) { return verdict_html(read_report_input(comparison(runs).dump()).value()); };
  EXPECT_NE(
      verdict({run("a", "process", 43 * kMB, 73 * kMB), first, second, third})
          .find("Lowest peak, in the middle of the runs: <b>73.0 MB</b> with <bdi>Method a</bdi>. Highest: <b>90.0 MB</b> with "
                "<bdi>Method b</bdi>"),
      std::string::npos);
  // A scan is drawn too, and lower.
  EXPECT_NE(verdict({run("a", "process", 43 * kMB, 73 * kMB), run("b", "process", 43 * kMB, 80 * kMB), scan})
                .find("Lowest peak of those that make a dataset: <b>73.0 MB</b>"),
            std::string::npos);
  EXPECT_EQ(verdict({run("a", "process", 43 * kMB, 73 * kMB), scan}), "") << "one alone is neither lowest nor highest";
}

TEST(ReportSections, ASharedProcessHasNoWinner) {
  const auto input =
      read_report_input(comparison({run("a", "shared", 43 * kMB, 500 * kMB), run("b", "shared", 450 * kMB, 460 * kMB)}).dump());
  ASSERT_TRUE(input.ok());
  EXPECT_EQ(verdict_html(input.value()), "");
}

TEST(ReportSections, FailuresAndSkipsAreRows) {
  json failed = {{"name", "peer"}, {"isolation", "external"}, {"status", "failed"}, {"error", "exit code 3"}};
  json skipped = {{"name", "full"}, {"isolation", "process"}, {"status", "skipped"}, {"error", "needs 34 GB"}};
  const auto input = read_report_input(comparison({skipped, failed}).dump());
  ASSERT_TRUE(input.ok());
  const std::string table = figures_html(input.value());
  EXPECT_NE(table.find("<tr class=\"skipped\">"), table.npos);
  EXPECT_NE(table.find("skipped: needs 34 GB"), table.npos);
  EXPECT_NE(table.find("<tr class=\"failed\">"), table.npos);
  EXPECT_NE(table.find("failed: exit code 3"), table.npos);
  EXPECT_EQ(verdict_html(input.value()), "");
}

TEST(ReportSections, EachCounterIsNamedOnce) {
  json own = run("a", "process", 1e6, 2e6), shared = run("a", "shared", 1e6, 2e6);
  own["counters"] = "VmHWM";
  own["may_have_missed"] = {"a <child>", 7};
  shared["counters"] = "VmRSS";
  const auto input = read_report_input(comparison({own, own, shared}).dump());
  ASSERT_TRUE(input.ok());
  const std::string notes = notes_html(input.value());
  EXPECT_EQ(count(notes, "<li>"), 3u);
  EXPECT_EQ(count(notes, "Peaks of own processes: VmHWM"), 1u);
  EXPECT_EQ(count(notes, "Peaks in one process: VmRSS"), 1u);
  EXPECT_EQ(count(notes, "Method a may have missed: a &lt;child&gt;"), 1u);
}

TEST(ReportSections, ProfilesAreTables) {
  json staged = run("planned", "process", 10 * kMB, 50 * kMB), heap = run("full", "process", 10 * kMB, 90 * kMB);
  staged["profile"] = json::parse(R"({"kind":"stages","resident_bytes":52428800,"unexplained_bytes":-1048576,
    "accounts":[{"name":"base","reserved_bytes":9437184,"counted_bytes":9437184,"counted_by":"resident <at> the layout"},
                {"name":"plan","reserved_bytes":1048576,"counted_bytes":null,"counted_by":""}, 7]})");
  heap["profile"] = json::parse(R"({"kind":"heap","error":null,"peak_heap_bytes":94371840,
    "sites":[{"peak_bytes":73400320,"calls":1234,"function":"media::Picture::reshape","file":"src/media/picture.cc","line":63}]})");
  json missing = run("scan", "process", 1, 2);
  missing["profile"] = {{"kind", "heap"}, {"error", "heaptrack is not installed"}};
  const auto input = read_report_input(comparison({missing, staged, heap}).dump());
  ASSERT_TRUE(input.ok());
  const std::string html = profiles_html(*input);
  EXPECT_EQ(count(html, "<table>"), 2u);
  for (const char* part : {"Method planned: 50.0 MB", "resident &lt;at&gt; the layout", "unexplained",
                           "Method full: 90.0 MB of heap", ">70.0<", "1,234", "src/media/picture.cc:63"})
    EXPECT_EQ(count(html, part), 1u) << part;
  EXPECT_EQ(count(html, "Method scan"), 0u);
  EXPECT_EQ(profiles_html(*read_report_input(comparison({run("scan", "process", 1, 2)}).dump())), "");
}

TEST(ReportSections, DatasetsThatDifferAreSaid) {
  json whole = comparison({run("a", "process", 1e6, 2e6)});
  whole["datasets"] = {{"same", false}, {"difference", "row 17 of episode 0: <action>"}};
  const auto input = read_report_input(whole.dump());
  ASSERT_TRUE(input.ok());
  EXPECT_NE(verdict_html(input.value()).find("The datasets differ: row 17 of episode 0: &lt;action&gt;"), std::string::npos);
}

TEST(ReportHtml, HasEachPartOnce) {
  NEEDS_CHART_JS();
  json whole = comparison({run("a", "process", 43 * kMB, 500 * kMB), run("a", "shared", 43 * kMB, 500 * kMB)});
  whole["lengths"] = {{{"name", "a"}, {"points", {{{"times", 4}, {"peak_bytes", 2 * kMB}}}}, {"bytes_per_gigabyte", 1.2e6}}};
  whole["repeats"] = {{{"name", "a"},
                       {"isolation", "process"},
                       {"count", 3},
                       {"seconds", {1, 2, 3}},
                       {"peak_bytes", {1e6, 2e6, 3e6}},
                       {"increase_bytes", {1e6, 2e6, 3e6}}}};
  whole["comparisons"] = {{{"text", "a: 97 % less"}, {"isolation", "process"}}};
  whole["notes"] = {"a note"};
  const auto page = report_html(whole.dump());
  ASSERT_TRUE(page.ok()) << page.error().text();
  for (const char* part : {"<title>kuavo.bag: memory by method</title>", "id=\"curves\"", "id=\"peaks\"", "id=\"strip-process\"",
                           "id=\"strip-shared\"", "id=\"data\"", "Content-Security-Policy", "default-src 'none'",
                           "<h2>Seconds by stage</h2>", "<h2>Longer recordings</h2>", "<h2>Repeats</h2>", "a: 97 % less",
                           "<li>a note</li>", "Permission is hereby granted", "4x: 2.0 MB"})
    EXPECT_EQ(count(page.value(), part), 1u) << part;
  EXPECT_EQ(page.value().find("{{"), std::string::npos);
  // Whatever the page could load, it does not: no address stands where a browser would follow it.
  const std::string own = page.value().substr(0, page.value().find("<script>"));
  for (const char* loads : {"src=", "href=\"h", "@import", "url("}) EXPECT_EQ(own.find(loads), std::string::npos) << loads;
  EXPECT_EQ(page.value().find("sourceMappingURL"), std::string::npos);
}

TEST(ReportHtml, HostileNamesStayText) {
  NEEDS_CHART_JS();
  const std::string hostile = "</script><script>alert(1)</script><!--<img src=x>{{chart_js}}";
  json whole = comparison({run("a", "process", 43 * kMB, 500 * kMB)});
  whole["methods"][0]["display_name"] = whole["methods"][0]["error"] = whole["methods"][0]["status"] =
      whole["methods"][0]["dataset_hash"] = hostile;
  whole["methods"][0]["isolation"] = hostile;
  whole["methods"][0]["stages"][hostile] = 1.0;
  whole["recording"] = {{"path", hostile},
                        {"main_timeline", hostile},
                        {"rows", 1},
                        {"codec", hostile},
                        {"topics", {{{"topic", hostile}, {"type", hostile}, {"feature", hostile}}}}};
  whole["machine"] = {{"cpu", hostile}, {"kernel", hostile}};
  whole["notes"] = {hostile};
  whole["comparisons"] = {{{"text", hostile}}};
  whole["datasets"] = {{"same", false}, {"difference", hostile}};
  whole["lengths"] = {{{"name", hostile}}};
  whole["repeats"] = {{{"name", hostile}, {"count", 2}}};
  const auto page = report_html(whole.dump());
  ASSERT_TRUE(page.ok());
  const auto plain = report_html(comparison({run("a", "process", 43 * kMB, 500 * kMB)}).dump());
  ASSERT_TRUE(plain.ok());
  for (const char* markup : {"<script", "</script", "<!--"})
    EXPECT_EQ(count(page.value(), markup), count(plain.value(), markup)) << markup;
  EXPECT_EQ(count(page.value(), "<img"), count(plain.value(), "<img"));
  EXPECT_EQ(count(page.value(), "Released under the MIT License"),
            count(plain.value(), "Released under the MIT License"));  // the slot's name was not filled
}

TEST(ReportHtml, KnowsItsOwnPages) {
  EXPECT_FALSE(is_report(""));
  EXPECT_FALSE(is_report("#ROSBAG V2.0\n<meta name=\"generator\" content=\"bagloom bench\">"));
  EXPECT_FALSE(is_report("<!doctype html><html><meta name=\"generator\" content=\"something else\">"));
  NEEDS_CHART_JS();
  EXPECT_TRUE(can_draw_report().ok());
  const auto page = report_html(comparison({run("a", "process", 1, 2)}).dump());
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(is_report(page->substr(0, 1000)));
}

TEST(ReportHtml, SaysHowToGetTheLibrary) {
  if (!page::chart_js.empty()) GTEST_SKIP() << "this build has Chart.js";
  const auto page = report_html(comparison({run("a", "process", 1, 2)}).dump());
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().kind(), ErrorKind::unsupported);
  EXPECT_NE(page.error().text().find("libjs-chart.js"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::bench
