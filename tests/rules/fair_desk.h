#pragma once

#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

inline Ticket claimed(Priority requested, LabelClaim claim = LabelClaim::counts) {
  auto ticket = ticket_17();
  ticket.priority = requested;
  ticket.requested_priority = requested;
  ticket.labelled = true;
  ticket.claim = claim;
  ticket.claimed_priority = requested;
  return ticket;
}

inline Ticket numbered(int number, Priority priority, const std::string& assignee = "") {
  auto ticket = claimed(priority);
  ticket.number = TicketId{number};
  ticket.subject = fmt::format("Subject {}", number);
  ticket.assignee = assignee;
  ticket.taken = !assignee.empty();
  if (!assignee.empty()) ticket.status = TicketStatus::open;
  return ticket;
}

/// A command of Ann's on ticket 17, where a director and a member of the duty staff work too.
struct FairDesk {
  CommandContext context{TicketId{200}, claimed(Priority::urgent), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();

  FairDesk() {
    context.record.name = "Acme";
    for (const auto* role : {"duty", "director"}) {
      StaffMember member;
      member.name = fmt::format("The {}", role);
      member.email = fmt::format("{}@example.com", role);
      member.roles = {role};
      ruleset.staff.push_back(member);
    }
  }
  [[nodiscard]] Actor ann() const { return {"ann", &ruleset.staff[0]}; }
  [[nodiscard]] Decision done(const StaffCommand& command) const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return std::get<Decision>(decide_command(command, context, ann(), ruleset, templates, now, tokens));
  }
  [[nodiscard]] std::variant<Decision, Refusal> by_hand(OrganizationCommand wanted) const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_organization(wanted, context, ann(), ruleset, templates, now, tokens);
  }
};

inline std::vector<std::string> told(const Decision& decision) {
  std::vector<std::string> addresses;
  for (const auto& mail : decision.outgoing)
    addresses.insert(addresses.end(), mail.recipients.begin(), mail.recipients.end());
  return addresses;
}

inline const Ticket& other(const Decision& decision, int number) {
  const auto found = std::ranges::find(decision.others, TicketId{number}, &Ticket::number);
  REQUIRE(found != decision.others.end());
  return *found;
}

inline std::string detail_of(const Decision& decision, int number, const std::string& kind) {
  for (const auto& event : decision.events)
    if (event.ticket == TicketId{number} && event.kind == kind) return event.detail;
  return {};
}

}  // namespace ticketd
