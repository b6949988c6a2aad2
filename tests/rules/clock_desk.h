#pragma once

#include "parsers/ascii.h"
#include "rules/response_clock.h"
#include "rules/staff_notice.h"
#include "rules/timers.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

inline StaffMember member(const std::string& name, const std::string& role) {
  StaffMember staff;
  staff.name = name;
  staff.email = to_lower(name) + "@example.com";
  staff.roles = {role};
  for (unsigned day = 0; day < 7; ++day) staff.available.push_back({std::chrono::weekday{day}, 0h, 24h});
  return staff;
}

/// A desk with somebody in every role, who looks at one ticket at one instant.
struct ClockDesk {
  CommandContext context{TicketId{200}, ticket_17(), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();

  ClockDesk() {
    ruleset.staff = {member("Eva", "engineer"), member("Dora", "director"), member("Max", "managing-director"),
                     member("Duke", "duty")};
    ruleset.staff[0].page = {"15550001@sms.example.net"};
  }
  Ticket& ticket() { return *context.ticket; }
  void owe(Priority priority, Time from = tuesday_ten()) {
    ticket().priority = priority;
    ticket().clock_from = from;
    set_target(ticket(), from, ruleset);
  }
  /// Looks at the ticket, and keeps what came of it.
  Decision look_at(Time at) {
    int calls = 0;
    const TokenSource tokens = [&] { return fmt::format("{:032x}", ++calls); };
    now = at;
    auto decision = std::get<Decision>(decide_timer(context, ruleset, templates, now, tokens));
    context.ticket = decision.ticket;
    return decision;
  }
};

inline std::vector<std::string> recipients_of(const Decision& decision, OutboxKind kind) {
  std::vector<std::string> all;
  for (const auto& mail : decision.outgoing)
    if (mail.kind == kind) all.insert(all.end(), mail.recipients.begin(), mail.recipients.end());
  return all;
}

using Names = std::vector<std::string>;

}  // namespace ticketd
