# Chart.js 3 or 4, which draws the page of `bagloom bench --report`: the minified file of Debian's and Ubuntu's libjs-chart.js, or one that
# -DBAGLOOM_CHART_JS=... names (its licence beside it, as in the npm package). Without it everything else works.
find_file(BAGLOOM_CHART_JS NAMES chart.min.js Chart.min.js chart.umd.min.js chart.umd.js
  PATHS /usr/share/javascript/chart.js /usr/share/javascript/chart.js/dist NO_DEFAULT_PATH DOC "Minified Chart.js 3 or 4")
set(BAGLOOM_CHART_JS_FILES)
set(chart_missing "not found, bench --report will say so; scripts/setup.sh installs libjs-chart.js")
if(BAGLOOM_CHART_JS AND EXISTS "${BAGLOOM_CHART_JS}")
  file(STRINGS "${BAGLOOM_CHART_JS}" chart_version REGEX "Chart\\.js v[0-9.]+" LIMIT_COUNT 1 LIMIT_INPUT 400)
  string(REGEX REPLACE ".*Chart\\.js v([0-9.]+).*" "\\1" chart_version "${chart_version}")
  get_filename_component(chart_folder "${BAGLOOM_CHART_JS}" DIRECTORY)
  # The MIT licence goes into the page with the library: its terms ask for that.
  find_file(BAGLOOM_CHART_JS_LICENCE NAMES copyright LICENSE.md LICENSE
    PATHS ${chart_folder} ${chart_folder}/.. /usr/share/doc/libjs-chart.js NO_DEFAULT_PATH DOC "Licence of Chart.js")
  if(NOT chart_version MATCHES "^[34]\\.")
    set(chart_missing "${BAGLOOM_CHART_JS} is no Chart.js 3 or 4; bench --report will not draw")
  elseif(NOT BAGLOOM_CHART_JS_LICENCE)
    set(chart_missing "no licence (LICENSE.md) beside ${BAGLOOM_CHART_JS}; bench --report will not draw")
  else()
    set(BAGLOOM_CHART_JS_FILES "${BAGLOOM_CHART_JS}" "${BAGLOOM_CHART_JS_LICENCE}")
  endif()
endif()
if(BAGLOOM_CHART_JS_FILES)
  message(STATUS "Chart.js: ${chart_version} (${BAGLOOM_CHART_JS})")
else()
  message(STATUS "Chart.js: ${chart_missing}")
endif()
