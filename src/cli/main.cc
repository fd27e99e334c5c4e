#include "cli/app.h"
#include "cli/full_program.h"
#include "cli/standard_streams.h"
#include "cli/stop.h"
#include "memory/allocator.h"

int main(int argc, char** argv) {
  using namespace bagloom;  // NOLINT: a main of ten lines
  cli::hold_standard_streams();
  if (!cli::answered_without_codecs(argc, argv)) return cli::report_start_failure(argc, argv, cli::become_full_program(argv));
  memory::configure_allocator();
  cli::install_signal_handlers();
  return cli::run_command_line(argc, argv, cli::recording_verbs(), {});
}
