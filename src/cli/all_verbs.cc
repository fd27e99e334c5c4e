#include "cli/verb.h"

namespace bagloom::cli {

std::vector<std::unique_ptr<Verb>> all_verbs() {
  std::vector<std::unique_ptr<Verb>> verbs = recording_verbs();
  verbs.push_back(make_init());
  verbs.push_back(make_plan());
  verbs.push_back(make_convert());
  verbs.push_back(make_verify());
  verbs.push_back(make_bench());
  verbs.push_back(make_synth());
  verbs.push_back(make_bench_method());
  return verbs;
}

}  // namespace bagloom::cli
