#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/data_commands.h"
#include "daemon/ctl/question.h"
#include "daemon/ctl/store_files.h"
#include "daemon/desk/nudge.h"
#include "daemon/desk/open_desk.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/classify.h"
#include "store/erasure.h"

namespace ticketd {
namespace {

/// Staff work on tickets of others, and the desk's own address stands in all of them.
void require_customer(const std::string& address, const Ruleset& ruleset) {
  const auto at = address.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == address.size() ||
      address.find_first_of(" \t\r\n<>") != address.npos)
    throw CommandFailure(kExitDataError, fmt::format("'{}' is no address", printable_line(address)));
  const auto is_same = [&](const std::string& own) { return is_same_address(own, address); };
  if (is_same(ruleset.support.address) || std::ranges::any_of(ruleset.support.aliases, is_same))
    throw CommandFailure(kExitDataError, "this is the desk's own address");
  if (find_staff(address, ruleset) || std::ranges::any_of(ruleset.support.admins, is_same))
    throw CommandFailure(kExitDataError, "this is an address of staff: take it out of the configuration first");
}

ErasureOrder order_for(CtlSession& session, const EraseOptions& options) {
  const auto& ruleset = session.settings().ruleset;
  ErasureOrder order;
  order.address = options.address;
  order.actor = session.actor().name;
  order.mark = random_token();
  order.kept_names = {ruleset.support.name};
  for (const auto& member : ruleset.staff) order.kept_names.push_back(member.name);
  order.now = session.now();
  order.dry_run = options.dry_run;
  return order;
}

void close_tickets(CtlSession& session, const std::vector<TicketId>& tickets) {
  for (const TicketId number : tickets) {
    const auto done = session.desk().command(number, CloseCommand{}, session.actor());
    const auto* refusal = done ? std::get_if<Refusal>(&*done) : nullptr;
    if (refusal)
      throw CommandFailure(exit_code_of(*refusal), fmt::format("ticket {} can't be closed, so nothing is erased: {}",
                                                               shown_number(number), refusal->reason));
  }
}

/// A mail that comes in meanwhile opens a ticket again, or another one.
Erasure erase_or_fail(CtlSession& session, const EraseOptions& options) {
  constexpr int kTries = 3;
  const auto order = order_for(session, options);
  for (int i = 0; i < kTries; ++i) {
    auto erasure = erase_person(session.settings().store_path, order);
    if (erasure.is_under_way && !order.dry_run)
      throw CommandFailure(
          kExitTryAgain,
          "a mail to this person, or one that tells of it, is being sent right now: nothing is erased; try again");
    if (erasure.open.empty() || order.dry_run) return erasure;
    close_tickets(session, erasure.open);
  }
  throw CommandFailure(kExitTryAgain, "new mail of this person keeps coming in: nothing is erased; try again");
}

boost::json::object erasure_json(const Erasure& erasure, const EraseOptions& options) {
  boost::json::array tickets;
  for (const TicketId number : erasure.tickets) tickets.push_back(static_cast<std::int64_t>(number));
  return {{"dry_run", options.dry_run},
          {"tickets", tickets},
          {"messages", erasure.messages},
          {"mentions", erasure.mentions},
          {"originals", erasure.originals},
          {"outgoing", erasure.outgoing},
          {"withheld", erasure.withheld},
          {"quarantined", erasure.quarantined},
          {"files_are_clean", erasure.files_are_clean}};
}

/// "1 ticket", "2 tickets"
std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string erasure_text(const Erasure& erasure, const EraseOptions& options) {
  if (erasure.is_empty()) return "The store has nothing of this person.\n";
  auto text = fmt::format("{}: {}, {}, {}, {}, {} in quarantine; {} of others in which address or name {} replaced\n",
                          options.dry_run ? "Would be erased" : "Erased", counted(erasure.tickets.size(), "ticket"),
                          counted(erasure.messages, "message"), counted(erasure.originals, "original"),
                          counted(erasure.outgoing, "outgoing mail"), counted(erasure.quarantined, "mail"),
                          counted(erasure.mentions, "message"), options.dry_run ? "would be" : "is");
  if (erasure.withheld == 1)
    text += fmt::format("1 mail to others tells of the person and {} not sent any more: see the events of its ticket\n",
                        options.dry_run ? "would be" : "is");
  if (erasure.withheld > 1)
    text +=
        fmt::format("{} mails to others tell of the person and {} not sent any more: see the events of their tickets\n",
                    erasure.withheld, options.dry_run ? "would be" : "are");
  return text;
}

/// Asks a person at a terminal; whoever else must have said --yes.
void require_leave(CtlSession& session, const EraseOptions& options) {
  if (!can_ask(session))
    throw CommandFailure(kExitUsage, "it can't be undone: add --yes to erase, or --dry-run to see how much it is");
  auto look = options;
  look.dry_run = true;
  fmt::print(stderr, "{}", erasure_text(erase_or_fail(session, look), look));
  if (!says_yes("It can't be undone. Erase it for good?")) throw CommandFailure(kExitDataError, "nothing is erased");
}

}  // namespace

void erase_data(CtlSession& session, const EraseOptions& options) {
  require_customer(options.address, session.settings().ruleset);
  Erasure erasure;
  try {
    if (!options.dry_run && !options.confirmed) require_leave(session, options);
    erasure = erase_or_fail(session, options);
  } catch (const StoreError&) {
    fail_of_store(std::current_exception());
  }
  if (!options.dry_run) nudge_daemon();
  print_done([&] {
    return session.json() ? boost::json::serialize(erasure_json(erasure, options)) + "\n"
                          : erasure_text(erasure, options);
  });
  if (!options.dry_run && !erasure.files_are_clean)
    throw CommandFailure(
        kExitTryAgain,
        "it is erased, but others were using the store, or its disk is full: what was deleted may still "
        "lie in its files. Run this again");
}

}  // namespace ticketd
