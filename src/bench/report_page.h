// What the build embeds for the page: the files of page/, and Chart.js with its licence (cmake/ChartJs.cmake).
#pragma once

#include <string_view>

namespace bagloom::bench::page {

extern const std::string_view outline;      ///< page/outline.html, with {{slots}}
extern const std::string_view style;        ///< page/style.css
extern const std::string_view look;         ///< page/look.js
extern const std::string_view over_time;    ///< page/over_time.js
extern const std::string_view bars;         ///< page/bars.js
extern const std::string_view start;        ///< page/start.js
extern const std::string_view chart_js;     ///< empty where the build found none
extern const std::string_view chart_terms;  ///< its licence, as its package has it

}  // namespace bagloom::bench::page
