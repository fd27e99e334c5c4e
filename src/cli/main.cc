#include "cli/app.h"
#include "cli/stop.h"
#include "memory/allocator.h"

int main(int argc, char** argv) {
  bagloom::memory::configure_allocator();
  bagloom::cli::install_signal_handlers();
  return bagloom::cli::run_command_line(argc, argv);
}
