#include "bench/method.h"

#include <charconv>

#include "base/shell_word.h"

namespace bagloom::bench {

std::string Method::name() const {
  switch (kind) {
    case Kind::scan: return "scan";
    case Kind::full: return "full";
    case Kind::chunked: return "chunked:" + std::to_string(rows);
    case Kind::planned: return "planned";
    case Kind::external: return external_name;
  }
  return "";
}

std::string Method::display_name() const {
  switch (kind) {
    case Kind::scan: return "Timestamp Scan Only";
    case Kind::full: return "Original (Full Load)";
    case Kind::chunked: return "Chunked (" + std::to_string(rows) + ")";
    case Kind::planned: return "bagloom (planned)";
    case Kind::external: return external_name;
  }
  return "";
}

Result<Method> parse_method(const std::string& text) {
  Method method;
  if (text == "scan" || text == "full" || text == "planned") {
    method.kind = text == "scan" ? Method::Kind::scan : text == "full" ? Method::Kind::full : Method::Kind::planned;
    return method;
  }
  const std::string prefix = "chunked:";
  if (text.starts_with(prefix)) {
    method.kind = Method::Kind::chunked;
    const char* const begin = text.data() + prefix.size();
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(begin, end, method.rows);
    if (error == std::errc() && stop == end && method.rows > 0) return method;
  }
  return Error(ErrorKind::invalid, "'" + text + "' is no method").fix("methods are scan, full, chunked:N (N rows) and planned");
}

Result<Method> parse_external(const std::string& text) {
  const std::size_t equals = text.find('=');
  Method method;
  method.kind = Method::Kind::external;
  if (equals != std::string::npos) {
    method.external_name = text.substr(0, equals);
    method.command = text.substr(equals + 1);
  }
  if (method.external_name.empty() || method.command.empty())
    return Error(ErrorKind::invalid, "'" + text + "' is no external method").fix("write NAME=command with {bag} and {out}");
  if (parse_method(method.external_name))
    return Error(ErrorKind::invalid, "an external method cannot be called " + method.external_name);
  if (method.command.find("{bag}") == std::string::npos)
    return Error(ErrorKind::invalid, "the command of " + method.external_name + " does not name the recording")
        .fix("put {bag} where its path belongs, and {out} for the dataset's folder");
  return method;
}

std::string external_command(const Method& method, const std::string& bag, const std::string& out) {
  std::string command;
  for (std::size_t i = 0; i < method.command.size();) {
    if (method.command.compare(i, 5, "{bag}") == 0 || method.command.compare(i, 5, "{out}") == 0) {
      command += shell_word(method.command[i + 1] == 'b' ? bag : out);
      i += 5;
    } else {
      command += method.command[i++];
    }
  }
  return command;
}

}  // namespace bagloom::bench
