#include "cli/app.h"
#include "cli/stop.h"
#include "media/quiet_libav.h"
#include "memory/allocator.h"

int main(int argc, char** argv) {
  bagloom::memory::configure_allocator();
  bagloom::media::quiet_libav();
  bagloom::cli::install_signal_handlers();
  return bagloom::cli::run_command_line(argc, argv);
}
