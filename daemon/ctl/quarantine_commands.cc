#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/desk/nudge.h"
#include "rules/base64.h"

namespace ticketd {
namespace {

[[noreturn]] void fail_unknown(std::int64_t id) {
  throw CommandFailure(kExitNoInput,
                       fmt::format("the quarantine has no mail {}; what it has: ticketctl quarantine list", id));
}

QuarantinedMail quarantined_or_fail(CtlSession& session, std::int64_t id) {
  auto found = session.store().quarantined(id);
  if (!found) fail_unknown(id);
  return std::move(*found);
}

}  // namespace

void list_quarantine(CtlSession& session) {
  const auto mails = session.store().quarantined();
  if (!session.json()) return print(present_quarantine(mails, session.now(), session.style()));
  boost::json::array array;
  for (const auto& mail : mails) array.push_back(quarantined_json(mail));
  print(boost::json::serialize(array) + "\n");
}

void show_quarantined(CtlSession& session, std::int64_t id) {
  const auto known = quarantined_or_fail(session, id);
  const auto arrived = session.store().quarantined_mail(id);
  if (!arrived) fail_unknown(id);
  if (!session.json()) return print_foreign(arrived->octets);
  auto object = quarantined_json(known);
  object["octets"] = base64(arrived->octets);
  print(boost::json::serialize(object) + "\n");
}

void retry_quarantined(CtlSession& session, std::int64_t id) {
  const auto decision = session.desk().retry_quarantined(id, session.actor());
  if (!decision) fail_unknown(id);
  if (decision->outcome == Outcome::quarantined)
    throw CommandFailure(kExitDataError, "it stays in quarantine: " + decision->reason);
  nudge_daemon();
  print_done([&] {
    return session.json() ? boost::json::serialize(decision_json(*decision, nullptr)) + "\n"
                          : present_decision(*decision, nullptr, session.style());
  });
}

void drop_quarantined(CtlSession& session, std::int64_t id) {
  const auto known = quarantined_or_fail(session, id);
  if (!session.desk().drop_quarantined(id, session.actor())) fail_unknown(id);
  nudge_daemon();
  print_done([&] {
    return session.json() ? boost::json::serialize(quarantined_json(known)) + "\n"
                          : fmt::format("mail {} is dropped; {}\n", id,
                                        known.uid ? "its ledger row stays"
                                                  : "it came through the pipe, so an event is all that tells of it");
  });
}

}  // namespace ticketd
