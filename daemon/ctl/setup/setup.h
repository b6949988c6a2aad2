#pragma once

#include <cstdint>
#include <string>

#include "daemon/exit_code.h"

namespace ticketd {

struct SetupOptions {
  std::string config;
  std::string answers;  ///< a file, or "-"; empty: whoever sits at the terminal is asked
  bool force = false;   ///< a configuration that is there is replaced without asking
  bool probes = true;   ///< servers are tried before anything is written
  bool json = false;
};

/// Asks for what a first configuration needs, tries it, and writes it with its files of secrets. Throws CommandFailure.
[[nodiscard]] ExitCode run_setup(const SetupOptions& options);

struct PreviewOptions {
  std::string config;
  std::string mailbox;  ///< empty: all of them
  std::uint32_t count = 10;
  bool json = false;
};

/// What the newest mails of the mailboxes of the configuration would become; nothing is changed. kExitProblem: one of
/// the mailboxes could not be read. Throws CommandFailure.
[[nodiscard]] ExitCode run_preview(const PreviewOptions& options);

}  // namespace ticketd
