#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/ctl/session.h"

/// The commands of ticketctl. Each prints its result and throws CommandFailure where it can't.
namespace ticketd {

struct ListOptions {
  std::string status;  ///< new, open, resolved, closed, any; empty: everything not closed
  std::string priority;
  std::string organization;
  std::string assignee;
  bool breached = false;
  std::uint32_t limit = 0;
};

struct OutboxOptions {
  bool all = false;
  std::uint32_t limit = 50;  ///< of those that are sent
};

struct NewOptions {
  std::string from;  ///< address, or "Name <address>"
  std::string subject;
  std::string channel = "phone";
  std::optional<std::string> message;
};

struct IncidentOptions {
  std::string title;
  std::optional<std::string> pattern;  ///< at most one of these three says which new tickets belong to it
  std::optional<std::string> organization;
  bool all = false;
  std::optional<std::string> message;
};

void list_tickets(CtlSession& session, const ListOptions& options);
/// `full`: quoted text and signatures too.
void show_ticket(CtlSession& session, std::int64_t number, bool full);
void search_tickets(CtlSession& session, const std::vector<std::string>& words, std::uint32_t limit);
void print_raw_mail(CtlSession& session, std::int64_t number, std::int64_t message);
/// Into the file `output`, or to standard output when that is empty. `replace`: a file of that name too.
void save_attachment(CtlSession& session, std::int64_t number, std::int64_t attachment, const std::string& output,
                     bool replace);

void open_ticket(CtlSession& session, const NewOptions& options);
/// Carries out a command of staff on a ticket.
void change_ticket(CtlSession& session, std::int64_t number, const StaffCommand& command);
/// Before a customer is mailed words that nobody wrote: asks whoever sits at a terminal. Throws CommandFailure (65)
/// when he does not want it.
void confirm_resolution(CtlSession& session, std::int64_t number);
/// The exit code of a refused order.
[[nodiscard]] ExitCode exit_code_of(const Refusal& refusal);
/// The text for a ticket, which must be there before anybody types it.
[[nodiscard]] std::string message_for(CtlSession& session, std::int64_t number,
                                      const std::optional<std::string>& argument);
void prioritize_ticket(CtlSession& session, std::int64_t number, const std::string& priority, const std::string& reason,
                       bool strikes);

/// Files the mail on standard input, as if it had come into a mailbox of channel portal.
void ingest_mail(CtlSession& session);
/// Says what would become of it; writes nothing.
void explain_mail(CtlSession& session);

void list_outbox(CtlSession& session, const OutboxOptions& options);
void retry_outgoing_mail(CtlSession& session, std::int64_t id);
void drop_outgoing_mail(CtlSession& session, std::int64_t id);
void list_quarantine(CtlSession& session);
/// The mail's octets; with --json what is known of it, and the octets in base64.
void show_quarantined(CtlSession& session, std::int64_t id);
void retry_quarantined(CtlSession& session, std::int64_t id);
void drop_quarantined(CtlSession& session, std::int64_t id);
/// Addresses that get no mail, because it came back.
void list_undeliverable(CtlSession& session);
void clear_undeliverable(CtlSession& session, const std::string& address);
/// Senders whose mail is spam, by `spam` and by the configuration.
void list_blocked(CtlSession& session);
void list_incidents(CtlSession& session);
void open_incident(CtlSession& session, const IncidentOptions& options);
void update_incident(CtlSession& session, std::int64_t number, const std::optional<std::string>& message);
/// And its tickets with it; what this process does not live to do, the daemon does.
void resolve_incident(CtlSession& session, std::int64_t number, const std::optional<std::string>& message);
void list_organizations(CtlSession& session);
/// `words`: the name of one, a domain or an address of it.
void show_organization(CtlSession& session, const std::string& words);
void change_organization(CtlSession& session, const std::string& words, OrganizationCommand wanted);
/// `since`: a span ("30d") or a date.
void show_statistics(CtlSession& session, const std::string& since);
void show_ledger(CtlSession& session, const std::string& mailbox);
/// kExitOk, or kExitProblem when something needs a person.
[[nodiscard]] ExitCode show_status(CtlSession& session);
/// kExitOk, or kExitProblem when a server did not let us in.
[[nodiscard]] ExitCode probe_all(CtlSession& session);

}  // namespace ticketd
