// test_verify_tool DATASET [--no-decode]: one line a problem, `CHECK SEVERITY WHERE WHAT` with tabs between, then what was
// counted. For verify_mutations.py.
#include <cstdio>
#include <cstring>

#include "dataset/verify.h"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bagloom::dataset::VerifyOptions options;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--no-decode") == 0) options.decode = false;
  }
  auto report = bagloom::dataset::verify_dataset(argv[1], options);
  if (!report.ok()) {
    std::printf("error\t%s\t%s\n", std::string(name_of(report.error().kind())).c_str(), report.error().text().c_str());
    return 1;
  }
  for (const auto& problem : report->problems) {
    std::printf("%s\t%c\t%s\t%s\n", problem.check.c_str(), problem.severity, problem.where.c_str(), problem.what.c_str());
  }
  for (const std::string& note : report->notes) std::printf("note\t%s\n", note.c_str());
  std::printf("counted\t%llu checks\t%llu episodes\t%llu rows\t%llu pictures\t%llu unlisted\n",
              static_cast<unsigned long long>(report->checks), static_cast<unsigned long long>(report->episodes),
              static_cast<unsigned long long>(report->rows), static_cast<unsigned long long>(report->pictures),
              static_cast<unsigned long long>(report->unlisted));
  return report->ok() ? 0 : 3;
}
