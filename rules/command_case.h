#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "rules/decide.h"

namespace ticketd {

using CommandResult = std::variant<Decision, Refusal>;

/// A command of staff with all that it depends on; refers to the arguments of `decide_command`.
struct CommandCase {
  const CommandContext& context;
  const Actor& actor;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;
};

[[nodiscard]] Refusal unusable(std::string reason);
/// "#17"
[[nodiscard]] std::string number_of(const Ticket& ticket);
/// "17": as a command line takes it, where a shell would take "#17" for a comment.
[[nodiscard]] std::string argument_of(TicketId number);
/// "Ticket #17 is closed; reopen it first: ticketctl reopen 17". `state` is a verb and what follows it.
[[nodiscard]] Refusal reopen_first(const Ticket& ticket, std::string_view state);
/// As it stands in the log: the staff member's name, else the login.
[[nodiscard]] std::string name_of_actor(const Actor& actor);
/// Adds an event of the actor's.
void log_action(const CommandCase& command, Decision& decision, TicketId ticket, std::string_view kind,
                std::string detail);
/// A decision that leaves the ticket as it is, to be filled.
[[nodiscard]] Decision change_of(const Ticket& ticket, std::string reason);

// The commands. All but `decide_new` are for an existing ticket (CommandContext::ticket).
[[nodiscard]] CommandResult decide_new(const CommandCase& command, const NewCommand& report);
[[nodiscard]] CommandResult decide_take(const CommandCase& command);
[[nodiscard]] CommandResult decide_assign(const CommandCase& command, const AssignCommand& words);
[[nodiscard]] CommandResult decide_note(const CommandCase& command, const NoteCommand& words);
[[nodiscard]] CommandResult decide_prioritize(const CommandCase& command, const PrioritizeCommand& words);
[[nodiscard]] CommandResult decide_estimate(const CommandCase& command, const EstimateCommand& words);
[[nodiscard]] CommandResult decide_reply(const CommandCase& command, const ReplyCommand& words);
[[nodiscard]] CommandResult decide_resolve(const CommandCase& command, const ResolveCommand& words);
[[nodiscard]] CommandResult decide_close(const CommandCase& command, const CloseCommand& words);
[[nodiscard]] CommandResult decide_reopen(const CommandCase& command);
/// `context.ticket` goes into `context.other`.
[[nodiscard]] CommandResult decide_merge(const CommandCase& command, const MergeCommand& words);
[[nodiscard]] CommandResult decide_spam(const CommandCase& command);
/// To an incident of `context.incidents`.
[[nodiscard]] CommandResult decide_incident(const CommandCase& command, const IncidentCommand& words);

}  // namespace ticketd
