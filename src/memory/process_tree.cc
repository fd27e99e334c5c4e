#include "memory/process_tree.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "memory/launcher.h"
#include "memory/tree_wire.h"

namespace bagloom::memory {
namespace {

/// False at the end of the stream. `on_interrupt` is called while waiting, when a signal comes.
template <class OnInterrupt>
bool receive(int socket, void* into, std::size_t size, OnInterrupt&& on_interrupt) {
  char* at = static_cast<char*>(into);
  while (size > 0) {
    pollfd ready{socket, POLLIN, 0};
    if (::poll(&ready, 1, -1) < 0) {
      if (errno != EINTR) return false;
      on_interrupt();
      continue;
    }
    const ssize_t got = ::recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

Error cannot_start(const MeasuredCommand& command, int error) {
  return Error(ErrorKind::io, "cannot be started: " + std::string(std::strerror(error))).in(command.argv[0]);
}

Result<TreeUse> converse(const MeasuredCommand& command, int socket, StartFailure& failure) {
  TreeProgress progress;
  bool answered = false;  // nothing but the answer may come before it
  const auto ask = [&](bool answer = false) {
    if (!answered && !answer) return;
    const Order order = command.on_progress ? command.on_progress(progress) : Order();
    if (answer || order.signal != 0 || order.end) {
      [[maybe_unused]] const ssize_t sent = ::send(socket, &order, sizeof order, MSG_NOSIGNAL);
    }
  };
  MessageHeader header;
  while (receive(socket, &header, sizeof header, ask)) {
    std::string bytes(header.size, '\0');
    if (!receive(socket, bytes.data(), bytes.size(), ask)) break;
    if (header.kind == LauncherMessage::progress && bytes.size() == sizeof progress) {
      std::memcpy(&progress, bytes.data(), sizeof progress);
      ask(!answered);
      answered = true;
      progress.command_started = true;  // by that answer; what a terminal sends from now on reaches the launcher or the command
    } else if (header.kind == LauncherMessage::not_started && bytes.size() == sizeof(int)) {
      std::memcpy(&failure.error, bytes.data(), sizeof(int));
      return cannot_start(command, failure.error);
    } else if (header.kind == LauncherMessage::finished) {
      TreeUse use;
      if (!from_bytes(bytes, use)) break;
      return use;
    }
  }
  return Error(ErrorKind::internal, "the process that measures ended without a report");
}

}  // namespace

Result<TreeUse> run_measured(const MeasuredCommand& command, StartFailure* start_failure) {
  if (command.argv.empty()) return Error(ErrorKind::invalid, "a command is needed");
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return Error(ErrorKind::io, std::string("socketpair: ") + std::strerror(errno));
  const pid_t launcher = ::fork();
  if (launcher < 0) {
    const int error = errno;
    ::close(sockets[0]);
    ::close(sockets[1]);
    return Error(ErrorKind::temporary, std::string("fork: ") + std::strerror(error));
  }
  if (launcher == 0) {
    ::close(sockets[0]);
    launch(command, sockets[1]);
    ::_exit(0);
  }
  ::close(sockets[1]);
  StartFailure failure;
  Result<TreeUse> result = converse(command, sockets[0], failure);
  ::close(sockets[0]);
  while (::waitpid(launcher, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (start_failure != nullptr) *start_failure = failure;
  return result;
}

}  // namespace bagloom::memory
