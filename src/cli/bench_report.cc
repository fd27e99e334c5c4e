#include "cli/bench_report.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "bench/report_html.h"
#include "cli/new_file.h"

namespace bagloom::cli {

Status may_write_report(const std::string& path) {
  RETURN_IF_ERROR(bench::can_draw_report());
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return Error(ErrorKind::io, std::string("cannot be created: ") + std::strerror(errno)).in(path);
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return {};
  std::string beginning;
  if (S_ISREG(facts.st_mode)) {
    beginning.resize(1024);
    std::ifstream file(path, std::ios::binary);
    file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (bench::is_report(beginning)) return {};
  return Error(ErrorKind::invalid, "exists already, and is no report of bench").in(path).fix("name another file");
}

Status write_report(const std::string& path, const std::string& bench_json) {
  ASSIGN_OR_RETURN(const std::string page, bench::report_html(bench_json));
  RETURN_IF_ERROR(may_write_report(path));
  return write_new_file(path, page, true);
}

}  // namespace bagloom::cli
