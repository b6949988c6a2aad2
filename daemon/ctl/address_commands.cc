// Addresses that get no mail, and senders whose mail is spam.
#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/desk/nudge.h"
#include "parsers/printable.h"

namespace ticketd {

void list_undeliverable(CtlSession& session) {
  const auto addresses = session.store().undeliverable();
  if (!session.json()) return print(present_undeliverable(addresses, session.now(), session.style()));
  boost::json::array array;
  for (const auto& each : addresses) array.push_back(undeliverable_json(each));
  print(boost::json::serialize(array) + "\n");
}

void clear_undeliverable(CtlSession& session, const std::string& address) {
  const auto listed = session.store().undeliverable(address);
  if (!listed || !session.desk().clear_undeliverable(address, session.actor()))
    throw CommandFailure(kExitNoInput, fmt::format("no mail to {} came back; what did: ticketctl undeliverable list",
                                                   printable_line(address)));
  nudge_daemon();
  print_done([&] {
    return session.json() ? boost::json::serialize(undeliverable_json(*listed)) + "\n"
                          : fmt::format("mail goes to {} again\n", printable_line(listed->address));
  });
}

void list_blocked(CtlSession& session) {
  const auto blocked = session.store().blocked_senders();
  const auto& rules = session.settings().ruleset;
  if (!session.json()) return print(present_blocked(blocked, rules, session.now(), session.style()));
  print(boost::json::serialize(blocked_json(blocked, rules)) + "\n");
}

}  // namespace ticketd
