#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace bagloom::cli {

Output::Output(bool json) : json_(json), width_(terminal_width(STDOUT_FILENO)), progress_(!json && is_terminal(STDERR_FILENO)) {}

void Output::write(std::string_view text) {
  if (write_error_ != 0 || text.empty()) return;
  progress_.clear();
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) write_error_ = errno != 0 ? errno : EIO;
}

void Output::line(std::string_view text) {
  if (!json_) write(printable(text) + "\n");
}

void Output::block(std::string_view text) {
  if (!json_) write(text);
}

void Output::note(std::string_view text) {
  if (json_) return;
  progress_.clear();
  std::fprintf(stderr, "%s\n", printable(text).c_str());
}

void Output::result(const Json& object) {
  if (!json_) return;
  Json whole;
  whole["schema"] = 1;
  whole.update(object);
  // Paths and topics may hold bytes that are no UTF-8.
  write(whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

int Output::fail(const Error& error, int code, Json rest) {
  progress_.clear();
  if (json_) {
    Json object = error_json(error, code);
    object.update(rest);
    result(object);
  } else {
    std::fprintf(stderr, "bagloom: %s\n", printable(error.text()).c_str());
  }
  return code;
}

void Output::complain(const Error& error) {
  if (json_) return;
  progress_.clear();
  std::fprintf(stderr, "bagloom: %s\n", printable(error.text()).c_str());
}

int Output::finish(int code) {
  progress_.clear();
  errno = 0;
  if (std::fflush(stdout) != 0 && write_error_ == 0) write_error_ = errno != 0 ? errno : EIO;
  if (write_error_ == 0 || write_error_ == EPIPE) return code;
  const std::string whole = product_.empty() ? "" : " (" + printable(product_) + " is complete)";
  std::fprintf(stderr, "bagloom: standard output: %s%s\n", std::strerror(write_error_), whole.c_str());
  return product_.empty() ? first_of({code, kFailed}) : code;
}

Json error_json(const Error& error, int code) {
  Json object;
  object["error"] = error.text();
  object["exit_code"] = code;
  if (error.smallest_limit_bytes() != 0) object["smallest_limit_bytes"] = error.smallest_limit_bytes();
  return object;
}

}  // namespace bagloom::cli
