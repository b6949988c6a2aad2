#pragma once

#include <string>

#include "daemon/ctl/session.h"

/// The commands of ticketctl that are about the store as a whole.
namespace ticketd {

/// A verified copy of the store; `replace`: a file of that name too.
void back_up_store(CtlSession& session, const std::string& file, bool replace);
/// Puts a backup in the store's place, and the store aside. Refused while a daemon works on it.
void restore_store(CtlSession& session, const std::string& file);
/// kExitOk, or kExitProblem when something is wrong with the store. `repair`: empties a damaged search index first.
[[nodiscard]] ExitCode check_store(CtlSession& session, bool repair);

struct EraseOptions {
  std::string address;
  bool dry_run = false;
  bool confirmed = false;
};
void erase_data(CtlSession& session, const EraseOptions& options);

struct ExportOptions {
  std::string since;   ///< a span or a date; empty: all tickets
  std::string output;  ///< empty: standard output
  bool replace = false;
};
/// One line of JSON for each ticket, by number.
void export_tickets(CtlSession& session, const ExportOptions& options);

}  // namespace ticketd
