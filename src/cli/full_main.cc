#include "cli/app.h"
#include "cli/stop.h"
#include "cli/version.h"
#include "media/quiet_libav.h"
#include "memory/allocator.h"
#include "memory/file_pages.h"

int main(int argc, char** argv) {
  using namespace bagloom;  // NOLINT: a main of ten lines
  memory::configure_allocator();
  memory::drop_file_pages();  // of 130 libraries, touched by the linker alone
  media::quiet_libav();
  cli::install_signal_handlers();
  const int code = cli::run_command_line(argc, argv, cli::all_verbs(), cli::version_text);
  // The libraries' destructors touch a part of each again.
  memory::trim_heap();
  memory::drop_file_pages();
  return code;
}
