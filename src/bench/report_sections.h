// The parts of the page that need no script: facts, tables, sentences. Each gives finished HTML, or "" where there is nothing to
// say.
#pragma once

#include <string>

#include "bench/report_input.h"

namespace bagloom::bench {

std::string facts_html(const ReportInput& input);        ///< recording, machine and settings, as a list of terms
std::string verdict_html(const ReportInput& input);      ///< lowest and highest peak; whether the datasets are the same
std::string figures_html(const ReportInput& input);      ///< the table: a row a run, grouped by isolation
std::string stages_html(const ReportInput& input);       ///< seconds by stage
std::string comparisons_html(const ReportInput& input);  ///< each method against the original, chunk sizes against each other
std::string isolation_html(const ReportInput& input);    ///< own process beside shared process; "" unless both were measured
std::string repeats_html(const ReportInput& input);      ///< minimum, median, maximum
std::string lengths_html(const ReportInput& input);      ///< peaks by length, and slopes
std::string profiles_html(const ReportInput& input);     ///< who had the memory at the peak; "" where nobody asked
std::string notes_html(const ReportInput& input);        ///< which counter measured what
std::string topics_html(const ReportInput& input);       ///< the recording's topics

/// "Chunked (100)", and ", run 2" where the method ran more than once in that isolation.
std::string run_name(const ReportInput& input, const ReportRun& run);

}  // namespace bagloom::bench
