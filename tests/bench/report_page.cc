// report_page < bench.json > page.html: the report's page, for report_page_test.py. Exit 3 where this build cannot draw it.
#include <iostream>
#include <iterator>
#include <string>

#include "bench/report_html.h"

int main() {
  const std::string json((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  const auto page = bagloom::bench::report_html(json);
  if (!page) {
    std::cerr << page.error().text() << '\n';
    return page.error().kind() == bagloom::ErrorKind::unsupported ? 3 : 2;
  }
  std::cout << page.value();
  return 0;
}
