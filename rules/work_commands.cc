// What staff do with a ticket among themselves: the customer is told nothing.
#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/compose.h"
#include "rules/fairness.h"
#include "rules/response_clock.h"

namespace ticketd {
namespace {

/// By name, login or address, in any case; nullptr when nobody is called so.
const StaffMember* find_colleague(std::string_view words, const Ruleset& ruleset) {
  const auto found = std::ranges::find_if(ruleset.staff, [&](const StaffMember& member) {
    return equals_ignoring_case(member.name, words) || equals_ignoring_case(member.login, words) ||
           is_same_address(member.email, words);
  });
  return found == ruleset.staff.end() ? nullptr : &*found;
}

std::string names_of(const std::vector<StaffMember>& staff) {
  std::string names;
  for (const auto& member : staff) names += (names.empty() ? "" : ", ") + printable_line(member.name);
  return names.empty() ? "nobody; add a [[staff]] table to the configuration" : names;
}

/// " It was with Ben before.", or nothing.
std::string former(const Ticket& ticket, std::string_view assignee) {
  if (ticket.assignee.empty() || ticket.assignee == assignee) return {};
  return fmt::format(" It was with {} before.", printable_line(ticket.assignee));
}

/// Whoever is given an Urgent ticket has as long to take it as anybody; then the page goes out again.
void restart_page(Ticket& ticket, Time now) {
  ticket.notices.forget_page();
  ticket.notices.paged_at = now;
}

/// Whoever gets it, somebody has looked at it: a new ticket is open. `how` begins the sentence for the log.
CommandResult hand_over(const CommandCase& command, const StaffMember& staff, std::string_view kind, std::string how) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::closed) return reopen_first(ticket, "is closed");
  auto decision = change_of(ticket, std::move(how));
  const bool takes = command.actor.staff != nullptr && command.actor.staff->name == staff.name;
  const bool had_it = ticket.assignee == staff.name;
  if (had_it && (ticket.taken || !takes) && ticket.status != TicketStatus::new_) return decision;
  log_action(command, decision, ticket.number, kind, decision.reason + former(ticket, staff.name));
  ticket.assignee = staff.name;
  ticket.taken = takes || (had_it && ticket.taken);
  const bool calls = ticket.priority == Priority::urgent && !waits_in_silence(ticket);
  if (calls && !ticket.taken && !had_it) restart_page(ticket, command.now);
  if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
  decision.ticket = std::move(ticket);
  return decision;
}

/// Whose further mail is spam too: never a colleague's, nor our own, nor that of a gateway that passes on other
/// people's messages, nor that of somebody whose address was forged.
bool can_be_blocked(const Ticket& ticket, std::string_view address, const Ruleset& ruleset) {
  return is_envelope_address(address) && ticket.no_page_reason.empty() && !is_support_address(address, ruleset) &&
         !is_gateway_address(address, ruleset) && find_staff(address, ruleset) == nullptr;
}

}  // namespace

CommandResult decide_take(const CommandCase& command) {
  const auto* staff = command.actor.staff;
  if (staff == nullptr)
    return Refusal{Refusal::Kind::not_permitted,
                   fmt::format("\"{}\" is the login of no [[staff]] member, so nobody can be given the ticket; add "
                               "login = \"{}\" to one in the configuration.",
                               printable_line(command.actor.name), printable_line(command.actor.name))};
  return hand_over(command, *staff, "ticket_taken", fmt::format("Taken by {}.", staff->name));
}

CommandResult decide_assign(const CommandCase& command, const AssignCommand& words) {
  const auto* staff = find_colleague(trim(words.engineer), command.ruleset);
  if (staff == nullptr)
    return unusable(fmt::format("\"{}\" is no member of the staff; there is: {}.", printable_line(words.engineer),
                                names_of(command.ruleset.staff)));
  auto result = hand_over(command, *staff, "ticket_assigned",
                          fmt::format("Given to {} by {}.", staff->name, name_of_actor(command.actor)));
  const bool is_own = command.actor.staff != nullptr && command.actor.staff->name == staff->name;
  if (auto* decision = std::get_if<Decision>(&result); !is_own && command.context.ticket->assignee != staff->name)
    if (decision != nullptr)
      decision->news.push_back({StaffEvent::assigned, fmt::format("{} gave it to you.", name_of_actor(command.actor)),
                                0, command.context.ticket->responded_at ? "The customer has an answer." : ""});
  return result;
}

CommandResult decide_note(const CommandCase& command, const NoteCommand& words) {
  const auto& ticket = *command.context.ticket;
  const auto text = trim(words.text);
  if (text.empty()) return unusable("A note needs a text.");
  auto decision = change_of(ticket, fmt::format("Note by {}.", name_of_actor(command.actor)));
  log_action(command, decision, ticket.number, "note_added", decision.reason + " Nothing was sent to the customer.");
  Message message;
  message.ticket = ticket.number;
  message.direction = Direction::note;
  message.at = command.now;
  message.from = {name_of_actor(command.actor), command.actor.staff != nullptr ? command.actor.staff->email : ""};
  message.subject = ticket.subject;
  message.text = text;
  decision.messages.push_back(std::move(message));
  return decision;
}

CommandResult decide_prioritize(const CommandCase& command, const PrioritizeCommand& words) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::closed) return reopen_first(ticket, "is closed");
  if (ticket.priority == words.priority)
    return unusable(fmt::format("Ticket {} is {} already.", number_of(ticket), category_name(words.priority)));
  if (ticket.status == TicketStatus::resolved && words.priority > ticket.priority)
    return reopen_first(ticket, "is resolved");  // of a resolved one the clock says nothing
  const auto why = trim(words.reason);
  auto decision = change_of(
      ticket, fmt::format("From {} to {} by {}{}", category_name(ticket.priority), category_name(words.priority),
                          name_of_actor(command.actor), why.empty() ? "." : fmt::format(": {}", printable_line(why))));
  log_action(command, decision, ticket.number, "category_changed", decision.reason);
  if (words.priority > ticket.priority) {
    ticket.no_page_reason.clear();  // a person vouches for it
    decision.news.push_back({StaffEvent::raised, std::string(why)});
  }
  const auto& before = *command.context.ticket;
  change_priority(ticket, words.priority, command.now, command.ruleset);
  decision.ticket = std::move(ticket);
  if (words.priority < before.priority) weigh_lowering(command, words.strikes, before, decision);
  return decision;
}

CommandResult decide_spam(const CommandCase& command) {
  auto ticket = *command.context.ticket;
  const auto requester = address_key(ticket.requester.addr_spec);
  const bool blocks = can_be_blocked(ticket, requester, command.ruleset);
  auto decision = change_of(ticket, fmt::format("Marked as spam by {}.", name_of_actor(command.actor)));
  if (blocks) decision.sender_standing = {requester, true};
  log_action(command, decision, ticket.number, "marked_as_spam",
             fmt::format("{} {}", decision.reason,
                         blocks ? fmt::format("Further mail of {} counts as spam, until the ticket is reopened.",
                                              printable_line(requester))
                                : "Its sender is not blocked."));
  if (owes_response(ticket)) {  // and nobody waits for it
    ticket.response_due_at.reset();
    ticket.warn_at.reset();
  }
  if (ticket.status != TicketStatus::closed) ticket.closed_at = command.now;
  ticket.status = TicketStatus::closed;
  decision.ticket = std::move(ticket);
  return decision;
}

/// The ticket is open already, but mail of its requester still counts as spam.
CommandResult unblock(const CommandCase& command) {
  const auto& ticket = *command.context.ticket;
  const auto requester = address_key(ticket.requester.addr_spec);
  auto decision = change_of(ticket, fmt::format("Mail of {} counts as spam no more.", printable_line(requester)));
  decision.sender_standing = {requester, false};
  log_action(command, decision, ticket.number, "sender_unblocked", decision.reason);
  return decision;
}

CommandResult decide_reopen(const CommandCase& command) {
  auto ticket = *command.context.ticket;
  if (is_at_work(ticket) && command.context.blocked_by) return unblock(command);
  if (is_at_work(ticket))
    return unusable(fmt::format("Ticket {} is {}; only a resolved or closed one can be reopened.", number_of(ticket),
                                name_of(ticket.status)));
  auto decision = change_of(ticket, fmt::format("Reopened by {}.", name_of_actor(command.actor)));
  lower_reopened(ticket, command.context.downgraded_until, command.ruleset, command.now, decision);
  restart_clock(ticket, command.now, command.ruleset);
  const auto requester = address_key(ticket.requester.addr_spec);
  if (command.context.blocked_by) decision.sender_standing = {requester, false};
  log_action(command, decision, ticket.number, "ticket_reopened",
             fmt::format("{} It was {}; {}.{}", decision.reason, name_of(command.context.ticket->status),
                         due_in_words(ticket, command.ruleset),
                         command.context.blocked_by
                             ? fmt::format(" Mail of {} counts as spam no more.", printable_line(requester))
                             : ""));
  decision.news.push_back({StaffEvent::reopened, {}});
  decision.ticket = std::move(ticket);
  return decision;
}

}  // namespace ticketd
