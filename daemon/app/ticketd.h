#pragma once

namespace ticketd {

/// The whole of ticketd: reads the command line, checks or runs, returns the exit code.
[[nodiscard]] int run_ticketd(int argc, char** argv);

}  // namespace ticketd
