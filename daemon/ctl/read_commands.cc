#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/output_file.h"
#include "daemon/ctl/present.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::vector<TicketStatus> wanted_statuses(const std::string& name) {
  if (name.empty()) return {TicketStatus::new_, TicketStatus::open, TicketStatus::resolved};
  if (name == "any") return {TicketStatus::new_, TicketStatus::open, TicketStatus::resolved, TicketStatus::closed};
  const auto status = status_from_name(name);
  if (!status) refuse_value("--status", name, "new, open, resolved, closed, any");
  return {*status};
}

void print_json(const boost::json::value& value) { print(boost::json::serialize(value) + "\n"); }

void print_rows(CtlSession& session, std::span<const TicketRow> rows, bool with_snippet) {
  if (!session.json()) return print(present_list(rows, session.now(), session.style()));
  boost::json::array array;
  for (const auto& row : rows) {
    auto object = ticket_json(row, session.now());
    if (with_snippet) object["snippet"] = row.snippet;
    array.push_back(std::move(object));
  }
  print_json(array);
}

/// "400d", as a configuration may have it.
std::string as_configured(Duration span) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  if (span % days(1) == Duration::zero()) return fmt::format("{}d", span / days(1));
  if (span % hours(1) == Duration::zero()) return fmt::format("{}h", span / hours(1));
  if (span % minutes(1) == Duration::zero()) return fmt::format("{}m", span / minutes(1));
  return fmt::format("{}s", span / seconds(1));
}

std::string why_removed(const Settings& settings, const RemovedOriginal& removed) {
  if (removed.is_erased) return "the original was removed with a person's data (ticketctl erase)";
  const auto kept = settings.raw_mail_retention;
  if (!kept) return "the original was removed: mails were kept for some time only then (retention.raw_mails)";
  return fmt::format("the original was removed after {} (retention.raw_mails)", as_configured(*kept));
}

std::string raw_or_fail(CtlSession& session, std::int64_t number, std::int64_t message) {
  auto raw = session.store().raw(TicketId{number}, message);
  if (raw) return std::move(*raw);
  const auto messages = session.store().messages(TicketId{number});
  const bool known = std::ranges::find(messages, message, &Message::id) != messages.end();
  if (const auto removed = known ? session.store().removed_original(message) : std::nullopt)
    throw CommandFailure(kExitNoInput, why_removed(session.settings(), *removed));
  throw CommandFailure(
      kExitNoInput,
      known ? fmt::format("message {} did not come by mail, so there is no original of it", message)
            : fmt::format("ticket #{0} has no message {1}; their ids: ticketctl show {0}", number, message));
}

/// The search index follows the mails in idle moments of the daemon. Where there is more to do than one wants to wait
/// for, or it can't be done (on a full disk), older mails are found all the same.
void complete_index(CtlSession& session) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kAtOnce = 200;
  constexpr std::chrono::seconds kPatience{2};
  constexpr std::chrono::milliseconds kShortestPause{5};
  std::string obstacle = "the search index is catching up with them";
  const auto start = Clock::now();
  try {
    for (auto begun = start; begun - start < kPatience; begun = Clock::now()) {
      try {
        if (!session.store().index_messages(kAtOnce)) return;
      } catch (const StoreBusy&) {
      }
      std::this_thread::sleep_for(std::max<Clock::duration>(Clock::now() - begun, kShortestPause));  // others may write
    }
  } catch (const std::exception& error) {
    obstacle = error.what();
  }
  fmt::print(stderr, "ticketctl: the newest mails can't be found yet: {}\n", obstacle);
}

}  // namespace

void list_tickets(CtlSession& session, const ListOptions& options) {
  TicketFilter filter;
  filter.statuses = wanted_statuses(options.status);
  if (!options.priority.empty()) filter.priority = read_priority("--priority", options.priority);
  filter.organization = options.organization;
  filter.assignee = options.assignee;
  filter.breached = options.breached;
  filter.now = session.now();
  filter.limit = options.limit;
  print_rows(session, session.store().list(filter), false);
}

void search_tickets(CtlSession& session, const std::vector<std::string>& words, std::uint32_t limit) {
  complete_index(session);
  print_rows(session, session.store().search(fmt::format("{}", fmt::join(words, " ")), limit), true);
}

void show_ticket(CtlSession& session, std::int64_t number, bool full) {
  const auto row = session.ticket(TicketId{number});
  const auto messages = session.store().messages(TicketId{number});
  const auto events = session.store().events(TicketId{number});
  const auto quoted = full ? QuotedText::shown : QuotedText::folded;
  if (!session.json())
    return print(
        present_case(row, messages, events, quoted, session.settings().ruleset, session.now(), session.style()));
  print_json(case_json(row, messages, events, session.now()));
}

void print_raw_mail(CtlSession& session, std::int64_t number, std::int64_t message) {
  session.require_ticket(TicketId{number});
  print_foreign(raw_or_fail(session, number, message));
}

void save_attachment(CtlSession& session, std::int64_t number, std::int64_t attachment, const std::string& output,
                     bool replace) {
  session.require_ticket(TicketId{number});
  const auto stored = session.store().attachment(TicketId{number}, attachment);
  if (!stored)
    throw CommandFailure(kExitNoInput, fmt::format("ticket #{0} has no attachment {1}; their ids: ticketctl show {0}",
                                                   number, attachment));
  const auto octets =
      extract_attachment(raw_or_fail(session, number, stored->message), stored->part, session.desk().rules().limits);
  if (!octets) throw CommandFailure(kExitNoInput, fmt::format("attachment {} is not in its mail any more", attachment));
  if (output.empty()) return print_foreign(*octets);
  write_file(output, *octets, replace ? Existing::replaced : Existing::kept);
  if (session.json())
    print_json(
        boost::json::object{{"id", attachment}, {"name", stored->name}, {"size", octets->size()}, {"file", output}});
  else
    print(
        fmt::format("{} ({} octets) is in {}\n", printable_line(stored->name), octets->size(), printable_line(output)));
}

void list_outbox(CtlSession& session, const OutboxOptions& options) {
  const auto rows = options.all ? session.store().outbox() : session.store().latest_outbox(options.limit);
  const auto sent = std::ranges::count(rows, OutboxState::sent, &OutboxRow::state);
  const bool may_be_more = !options.all && std::cmp_greater_equal(sent, options.limit);
  if (!session.json())
    return print(present_outbox(rows, session.now(), session.style()) +
                 (may_be_more ? "Of those that are sent these are the latest; all: ticketctl outbox --all\n" : ""));
  boost::json::array array;
  for (const auto& row : rows) array.push_back(outbox_json(row));
  print_json(array);
}

void show_ledger(CtlSession& session, const std::string& mailbox) {
  auto health = session.store().mailbox_health();
  if (!mailbox.empty()) {
    std::erase_if(health, [&](const MailboxHealth& each) { return each.name != mailbox; });
    if (health.empty())
      throw CommandFailure(kExitNoInput, fmt::format("no mailbox '{}' is on record", printable_line(mailbox)));
  }
  const auto entries = session.store().ledger(mailbox);
  if (session.json()) return print_json(ledger_json(health, entries));
  print(present_ledger(health, entries, session.now(), session.style()));
}

}  // namespace ticketd
