#pragma once

namespace ticketd {

/// sysexits(3), as far as the programs use them.
enum ExitCode : int {
  kExitOk = 0,
  kExitProblem = 1,        ///< `ticketctl status`: something needs a person
  kExitUsage = 64,         ///< EX_USAGE: unknown command or option
  kExitDataError = 65,     ///< EX_DATAERR: unusable input
  kExitNoInput = 66,       ///< EX_NOINPUT: no such ticket, message, row
  kExitUnavailable = 69,   ///< EX_UNAVAILABLE: a service it needs is unusable for good
  kExitTryAgain = 75,      ///< EX_TEMPFAIL
  kExitNoPermission = 77,  ///< EX_NOPERM
  kExitConfig = 78         ///< EX_CONFIG
};

}  // namespace ticketd
