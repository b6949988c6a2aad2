#include <fmt/format.h>

#include "rules/command_case.h"
#include "rules/staff_notice.h"
#include "rules/timers.h"

namespace ticketd {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

/// Whoever works on a ticket that he was given has taken it, as if he had said so; a note may say anything.
void take_by_work(const StaffCommand& command, const Actor& actor, Decision& decision) {
  const bool is_own = decision.ticket && actor.staff != nullptr && decision.ticket->assignee == actor.staff->name;
  const bool is_work = !std::holds_alternative<AssignCommand>(command) && !std::holds_alternative<NoteCommand>(command);
  if (is_own && is_work) decision.ticket->taken = true;
}

}  // namespace

std::variant<Decision, Refusal> decide_command(const StaffCommand& command, const CommandContext& context,
                                               const Actor& actor, const Ruleset& ruleset, const Templates& templates,
                                               Time now, const TokenSource& tokens) {
  const CommandCase c{context, actor, ruleset, templates, now, tokens};
  if (context.ticket && context.ticket->merged_into)
    return unusable(fmt::format("Ticket {} was merged into {}; work on that one: ticketctl show {}",
                                number_of(*context.ticket), shown_number(*context.ticket->merged_into),
                                argument_of(*context.ticket->merged_into)));
  if (!context.ticket && !std::holds_alternative<NewCommand>(command)) return unusable("There is no such ticket.");
  auto result = std::visit(Overloaded{[&](const NewCommand& words) { return decide_new(c, words); },
                                      [&](const TakeCommand&) { return decide_take(c); },
                                      [&](const AssignCommand& words) { return decide_assign(c, words); },
                                      [&](const NoteCommand& words) { return decide_note(c, words); },
                                      [&](const PrioritizeCommand& words) { return decide_prioritize(c, words); },
                                      [&](const EstimateCommand& words) { return decide_estimate(c, words); },
                                      [&](const ReplyCommand& words) { return decide_reply(c, words); },
                                      [&](const ResolveCommand& words) { return decide_resolve(c, words); },
                                      [&](const CloseCommand& words) { return decide_close(c, words); },
                                      [&](const ReopenCommand&) { return decide_reopen(c); },
                                      [&](const MergeCommand& words) { return decide_merge(c, words); },
                                      [&](const IncidentCommand& words) { return decide_incident(c, words); },
                                      [&](const SpamCommand&) { return decide_spam(c); }},
                           command);
  if (auto* decision = std::get_if<Decision>(&result)) {
    take_by_work(command, actor, *decision);
    const bool is_limited = std::holds_alternative<NewCommand>(command);
    tell_staff({context.news, context.thread_message_ids, ruleset, templates, now, tokens, is_limited}, *decision);
    schedule_checks(*decision, ruleset);
  }
  return result;
}

}  // namespace ticketd
