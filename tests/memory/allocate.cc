// A program of known allocations, for the tests of the measurement. Its arguments are done one after the other:
//   anon:N          maps and writes N MiB            shared:N        the same, MAP_SHARED
//   file:PATH       maps a file and reads each page   free            gives all of this back
//   rewrite         writes all anonymous pages again  sleep:MS        sleeps
//   fork [ ... ]    a child does what is in brackets and ends     vfork [ ... ]  a child runs this program anew
//   orphan [ ... ]  the same by a double fork         wait            waits for all children
//   thread [ ... ]  a thread does it, and is joined   exec ...        runs the program anew with the rest
//   leader-exits    the first thread ends, another goes on with the rest
//   post            counts one up for the whole tree  await:N         waits until N were counted
//   spin:MS         uses the CPU for so long, by its own clock
//   exit:N  signal:N  say:TEXT  setsid  ignore-children  forks:N  N children one after another that end at once
// Pages come from mmap, not from malloc: sanitizers and allocators keep what they are given back.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace {

struct Mapping {
  char* pages;
  std::size_t size;
  bool anonymous;
};
std::vector<Mapping> mappings;
const char* program;
std::atomic<int>* posts;  // shared with every forked process

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::_Exit(99);
}

void touch(const Mapping& mapping, char value) {
  for (std::size_t at = 0; at < mapping.size; at += 4096) mapping.pages[at] = value;
}

void map(std::size_t mebibytes, int sharing) {
  const std::size_t size = mebibytes << 20;
  void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) fail("mmap");
  ::madvise(pages, size, MADV_NOHUGEPAGE);
  mappings.push_back({static_cast<char*>(pages), size, sharing == MAP_PRIVATE});
  touch(mappings.back(), 1);
}

void map_file(const char* path) {
  const int fd = ::open(path, O_RDONLY);
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) fail(path);
  const std::size_t size = static_cast<std::size_t>(status.st_size);
  void* pages = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (pages == MAP_FAILED) fail("mmap");
  ::close(fd);
  mappings.push_back({static_cast<char*>(pages), size, false});
  volatile char sink = 0;
  for (std::size_t at = 0; at < size; at += 4096) sink = static_cast<char>(sink + mappings.back().pages[at]);
}

void nap(long milliseconds) {
  timespec time{milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (::nanosleep(&time, &time) != 0) {
  }
}

/// Past the bracket that closes the one at `at`.
char** after_brackets(char** at) {
  int depth = 0;
  do {
    if (*at == nullptr) fail("brackets");
    if (std::strcmp(*at, "[") == 0) ++depth;
    if (std::strcmp(*at, "]") == 0) --depth;
    ++at;
  } while (depth > 0);
  return at;
}

void run(char** at);

[[noreturn]] void run_anew(char** rest) {
  std::vector<char*> arguments = {const_cast<char*>(program)};
  for (; *rest != nullptr; ++rest) arguments.push_back(*rest);
  arguments.push_back(nullptr);
  ::execv("/proc/self/exe", arguments.data());
  fail("exec");
}

void* run_in_thread(void* at) {
  run(static_cast<char**>(at));
  return nullptr;
}

[[noreturn]] void* run_to_the_end(void* at) {
  run(static_cast<char**>(at));
  std::exit(0);
}

void run(char** at) {
  while (*at != nullptr && std::strcmp(*at, "]") != 0) {
    const std::string word = *at;
    const std::size_t colon = word.find(':');
    const std::string verb = word.substr(0, colon);
    const char* value = colon == std::string::npos ? "" : *at + colon + 1;
    const int number = std::atoi(value);
    ++at;
    if (verb == "anon") {
      map(static_cast<std::size_t>(number), MAP_PRIVATE);
    } else if (verb == "shared") {
      map(static_cast<std::size_t>(number), MAP_SHARED);
    } else if (verb == "file") {
      map_file(value);
    } else if (verb == "free") {
      for (const Mapping& mapping : mappings) ::munmap(mapping.pages, mapping.size);
      mappings.clear();
    } else if (verb == "rewrite") {
      for (const Mapping& mapping : mappings)
        if (mapping.anonymous) touch(mapping, 2);
    } else if (verb == "sleep") {
      nap(number);
    } else if (verb == "post") {
      ++*posts;
    } else if (verb == "await") {
      while (*posts < number) nap(1);
    } else if (verb == "spin") {
      timespec used{};
      do {
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
      } while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < number);
    } else if (verb == "fork" || verb == "orphan") {
      const pid_t child = ::fork();
      if (child < 0) fail("fork");
      if (child == 0) {
        if (verb == "orphan" && ::fork() != 0) std::_Exit(0);
        run(at + 1);
        std::_Exit(0);
      }
      if (verb == "orphan") ::waitpid(child, nullptr, 0);
      at = after_brackets(at);
    } else if (verb == "vfork") {
      char** end = after_brackets(at);
      const std::vector<char*> inside(at + 1, end - 1);
      std::vector<char*> arguments = {const_cast<char*>(program)};
      arguments.insert(arguments.end(), inside.begin(), inside.end());
      arguments.push_back(nullptr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
      if (::vfork() == 0) {
        ::execv("/proc/self/exe", arguments.data());
        ::_exit(99);
      }
#pragma GCC diagnostic pop
      at = end;
    } else if (verb == "wait") {
      while (::wait(nullptr) > 0) {
      }
    } else if (verb == "thread") {
      pthread_t thread;
      if (::pthread_create(&thread, nullptr, run_in_thread, at + 1) != 0) fail("thread");
      ::pthread_join(thread, nullptr);
      at = after_brackets(at);
    } else if (verb == "leader-exits") {
      pthread_t thread;
      if (::pthread_create(&thread, nullptr, run_to_the_end, at) != 0) fail("thread");
      ::pthread_exit(nullptr);
    } else if (verb == "exec") {
      run_anew(at);
    } else if (verb == "exit") {
      std::_Exit(number);
    } else if (verb == "signal") {
      ::kill(::getpid(), number);
      nap(10000);
    } else if (verb == "say") {
      std::puts(value);
      std::fflush(stdout);
    } else if (verb == "setsid") {
      ::setsid();
    } else if (verb == "ignore-children") {
      ::signal(SIGCHLD, SIG_IGN);
    } else if (verb == "forks") {
      for (int i = 0; i < number; ++i) {
        const pid_t child = ::fork();
        if (child == 0) std::_Exit(0);
        ::waitpid(child, nullptr, 0);
      }
    } else {
      std::fprintf(stderr, "unknown: %s\n", word.c_str());
      std::_Exit(98);
    }
  }
}

}  // namespace

int main(int, char** argv) {
  program = argv[0];
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) fail("mmap");
  posts = new (page) std::atomic<int>(0);
  run(argv + 1);
  return 0;
}
