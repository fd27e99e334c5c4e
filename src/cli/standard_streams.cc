#include "cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace bagloom::cli {

void hold_standard_streams() {
  // open() gives the lowest descriptor that is free. The wrong direction: reading 0, writing 1 and 2 gives EBADF.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) == -1) (void)::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace bagloom::cli
