#pragma once

namespace ticketd {

/// The whole of ticketctl: reads the command line, carries out the command, returns the exit code.
[[nodiscard]] int run_ticketctl(int argc, char** argv);

}  // namespace ticketd
