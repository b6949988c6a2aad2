// Reclassification and abuse of categories (service-rules §4).
#include "rules/fairness.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"
#include "rules/response_clock.h"
#include "rules/roster.h"
#include "rules/staff_notice.h"
#include "rules/time_words.h"
#include "rules/timers.h"

namespace ticketd {
namespace {

bool is_downgraded(std::optional<Time> until, Time now) { return until && *until > now; }

/// Somebody is at it; whoever has left the staff is not.
bool keeps_category(const Ticket& ticket, const Ruleset& ruleset) {
  return ticket.priority == Priority::urgent && is_taken(ticket, ruleset);
}

/// By a downgrade, which settles what was claimed: it is no strike when staff raise the ticket and lower it again.
void lower_to_normal(Ticket& ticket, Time now, const Ruleset& ruleset) {
  change_priority(ticket, Priority::normal, now, ruleset);
  if (ticket.claim == LabelClaim::counts) ticket.claim = LabelClaim::settled;
}

std::string lines_of(std::string_view heading, const std::vector<Ticket>& tickets, const Ruleset& ruleset) {
  if (tickets.empty()) return {};
  std::string lines(heading);
  for (const auto& ticket : tickets)
    lines += fmt::format("\n[{}] {}", tag_of(ticket.number, ruleset), in_english(shown_subject(ticket)));
  return lines;
}

/// One organization's change of standing, with all that follows for its tickets and its staff.
class StandingChange {
 public:
  StandingChange(const CommandCase& command, std::string organization, Decision& decision)
      : command_(command),
        organization_(std::move(organization)),
        shown_(printable_line(organization_)),
        decision_(decision) {}

  /// `why`: a sentence.
  void downgrade(const OrganizationRecord& record, Time until, const std::string& why);
  void restore(const std::string& why);
  /// By itself, for its time has come.
  void expire(Time until);

 private:
  void settle(std::optional<Time> until, std::string_view kind, const std::string& detail);
  void note(std::string_view kind, const std::string& detail);
  /// False for what is Normal, or keeps its category.
  bool lower(Ticket& ticket);
  void keep(const Ticket& ticket);
  void tell(const std::string& headline, const std::string& why, const std::string& tickets,
            const std::string& advice) const;
  [[nodiscard]] TicketId own_ticket() const { return decision_.ticket ? decision_.ticket->number : TicketId{}; }

  const CommandCase& command_;
  const std::string organization_, shown_;
  Decision& decision_;
  std::string because_;
  std::vector<Ticket> lowered_, kept_;
};

void StandingChange::settle(std::optional<Time> until, std::string_view kind, const std::string& detail) {
  decision_.organization_standing = {organization_, until};
  note(kind, detail);
}

void StandingChange::note(std::string_view kind, const std::string& detail) {
  log_action(command_, decision_, own_ticket(), kind, detail);
  decision_.events.back().organization = organization_;
  note_reason(decision_, "Standing", detail);
}

bool StandingChange::lower(Ticket& ticket) {
  if (ticket.priority == Priority::normal) return false;
  if (keeps_category(ticket, command_.ruleset)) {
    keep(ticket);
    return false;
  }
  const auto before = ticket.priority;
  lower_to_normal(ticket, command_.now, command_.ruleset);
  log_event(decision_, ticket.number, command_.now, "ticketd", "category_changed",
            fmt::format("From {} to Normal: {}", category_name(before), because_));
  lowered_.push_back(ticket);
  return true;
}

void StandingChange::keep(const Ticket& ticket) {
  kept_.push_back(ticket);
  log_event(decision_, ticket.number, command_.now, "ticketd", "category_kept",
            fmt::format("It stays Urgent, for {} has it. {}", printable_line(ticket.assignee), because_));
  News news;
  news.event = StaffEvent::category_kept;
  news.words = because_;
  if (ticket.number != own_ticket()) news.about = ticket.number;
  decision_.news.push_back(std::move(news));
}

void StandingChange::downgrade(const OrganizationRecord& record, Time until, const std::string& why) {
  const auto day = dated_local_time(until, command_.ruleset);
  because_ = fmt::format("{} is downgraded until {}. {}", shown_, day, why);
  settle(until, "organization_downgraded", because_);
  if (decision_.ticket && is_at_work(*decision_.ticket)) lower(*decision_.ticket);
  for (auto ticket : record.tickets) {
    if (ticket.number == own_ticket()) continue;
    lower(ticket);
    decision_.others.push_back(std::move(ticket));
  }
  const auto gap = lowered_.empty() || kept_.empty() ? "" : "\n\n";
  tell(fmt::format("{} is downgraded until {}", shown_, day), why,
       lines_of("Lowered to Normal:", lowered_, command_.ruleset) + gap +
           lines_of("Still Urgent, for somebody has it:", kept_, command_.ruleset),
       fmt::format("Until then its requests are Normal whatever they claim. To end it earlier: ticketctl organization "
                   "restore {}",
                   shell_word(shown_)));
}

void StandingChange::restore(const std::string& why) {
  settle(std::nullopt, "organization_restored", fmt::format("{} is in good standing again. {}", shown_, why));
  tell(fmt::format("{} is in good standing again", shown_), why, {},
       "What its requests claim counts again, and its strikes up to now count no more. Tickets that were lowered stay "
       "Normal, unless somebody raises them.");
}

void StandingChange::expire(Time until) {
  const auto why = fmt::format("Its downgrade lasted until {}.", dated_local_time(until, command_.ruleset));
  decision_.downgrade_over = organization_;
  note("downgrade_over", fmt::format("{} is in good standing again. {}", shown_, why));
  tell(fmt::format("{} is in good standing again", shown_), why, {},
       "What its requests claim counts again. Tickets that were lowered stay Normal, unless somebody raises them.");
}

/// A mail of its own to everybody who hears of it; about no ticket, for it is about many.
void StandingChange::tell(const std::string& headline, const std::string& why, const std::string& tickets,
                          const std::string& advice) const {
  const auto audience = audience_of({StaffEvent::standing_changed}, command_.ruleset, command_.now);
  TemplateValues values{{"headline", headline}, {"organization", shown_},
                        {"reason", why},        {"tickets", tickets},
                        {"advice", advice},     {"support_name", command_.ruleset.support.name}};
  for (const auto& listener : audience.listeners) {
    const auto token = command_.tokens();
    values["cut_line"] = cut_line_of(token);
    auto text = command_.templates.render("staff-standing.txt", values);
    MailDraft draft;
    draft.kind = OutboxKind::notification;
    draft.to = {{listener.member ? listener.member->name : "", listener.address}};
    draft.subject = std::move(text.subject);
    draft.body = std::move(text.body);
    auto mail = compose_mail(draft, command_.ruleset, command_.now, token);
    if (!mail.recipients.empty()) decision_.outgoing.push_back(std::move(mail));
  }
  log_event(decision_, own_ticket(), command_.now, "ticketd", "staff_told", audience.reason);
}

/// "3 strikes within 30 days."
std::string strikes_in_words(std::uint32_t strikes, const Ruleset& ruleset) {
  return fmt::format("{} strike{} within {}", strikes, strikes == 1 ? "" : "s", humane_duration(ruleset.abuse_window));
}

void strike(const CommandCase& command, const Ticket& before, Decision& decision) {
  const auto& ticket = *decision.ticket;
  const auto& ruleset = command.ruleset;
  const auto& record = command.context.record;
  const auto organization = printable_line(ticket.organization);
  decision.strike = {ticket.organization, command.now, ticket.number, decision.reason, false};
  const bool is_known = record.name == ticket.organization;  // a merging may have brought another one
  const auto strikes = is_known ? record.strikes + 1 : 1;
  log_action(
      command, decision, ticket.number, "strike_counted",
      fmt::format("A strike against {}: {} had been claimed. That makes {}; {} of them downgrade it.", organization,
                  category_name(*before.claimed_priority), strikes_in_words(strikes, ruleset), ruleset.abuse_strikes));
  if (strikes < ruleset.abuse_strikes) return;
  const auto until = command.now + ruleset.abuse_duration;
  StandingChange(command, ticket.organization, decision)
      .downgrade(
          is_known ? record : OrganizationRecord{}, std::max(until, record.downgraded_until.value_or(until)),
          fmt::format("It has {}: categories that it had claimed were lowered.", strikes_in_words(strikes, ruleset)));
}

/// Why lowering the customer's claim is no strike; empty when it is one.
std::string mercy(const CommandCase& command, bool strikes, LabelClaim claim) {
  if (claim == LabelClaim::unproven) return "the mail that claimed it failed authentication.";
  if (claim == LabelClaim::settled) return "this claim was lowered before.";
  if (!strikes) return fmt::format("{} says so.", name_of_actor(command.actor));
  return {};
}

}  // namespace

void note_claim(const MailCase& mail, Ticket& ticket) {
  const bool is_ruled = mail.rule != nullptr && mail.rule->priority;
  ticket.claim = LabelClaim::none;
  ticket.claimed_priority.reset();
  if (ticket.priority == Priority::normal || is_ruled) return;
  ticket.claim = mail.authentication.failed() ? LabelClaim::unproven : LabelClaim::counts;
  ticket.claimed_priority = ticket.priority;
}

void weigh_lowering(const CommandCase& command, bool strikes, const Ticket& before, Decision& decision) {
  const auto& claimed = before.claimed_priority;
  const bool is_lowered = claimed && *claimed <= before.priority && decision.ticket->priority < *claimed;
  if (!is_lowered || before.claim == LabelClaim::none) return;
  if (before.claim == LabelClaim::counts) decision.ticket->claim = LabelClaim::settled;
  if (const auto why = mercy(command, strikes, before.claim); !why.empty())
    log_action(command, decision, before.number, "strike_spared",
               fmt::format("No strike against {}: {}", printable_line(before.organization), why));
  else
    strike(command, before, decision);
}

void lower_reopened(Ticket& ticket, std::optional<Time> downgraded_until, const Ruleset& ruleset, Time now,
                    Decision& decision) {
  if (ticket.priority == Priority::normal || !is_downgraded(downgraded_until, now)) return;
  const auto detail = fmt::format("From {} to Normal: {} is downgraded until {}.", category_name(ticket.priority),
                                  printable_line(ticket.organization), dated_local_time(*downgraded_until, ruleset));
  lower_to_normal(ticket, now, ruleset);
  log_event(decision, ticket.number, now, "ticketd", "category_changed", detail);
  note_reason(decision, "Category", detail);
}

std::variant<Decision, Refusal> decide_organization(OrganizationCommand wanted, const CommandContext& context,
                                                    const Actor& actor, const Ruleset& ruleset,
                                                    const Templates& templates, Time now, const TokenSource& tokens) {
  const CommandCase command{context, actor, ruleset, templates, now, tokens};
  const auto& record = context.record;
  const bool is_down = is_downgraded(record.downgraded_until, now);
  Decision decision;
  decision.outcome = Outcome::staff;
  decision.organization = record.name;
  decision.reason = fmt::format("{} by {}.", wanted == OrganizationCommand::downgrade ? "Downgraded" : "Restored",
                                name_of_actor(actor));
  StandingChange change(command, record.name, decision);
  if (wanted == OrganizationCommand::downgrade) {
    const auto until = now + ruleset.abuse_duration;
    change.downgrade(record, std::max(until, record.downgraded_until.value_or(until)), decision.reason);
  } else if (!is_down && record.strikes == 0) {
    return unusable(fmt::format("{} is in good standing already.", printable_line(record.name)));
  } else {
    change.restore(decision.reason);
  }
  tell_staff({context.news, context.thread_message_ids, ruleset, templates, now, tokens, false}, decision);
  schedule_checks(decision, ruleset);
  return decision;
}

Decision decide_downgrade_over(const OrganizationRecord& record, const Ruleset& ruleset, const Templates& templates,
                               Time now, const TokenSource& tokens) {
  Decision decision;
  decision.outcome = Outcome::staff;
  decision.organization = record.name;
  decision.reason = "The downgrade is over.";
  const CommandContext context;
  const Actor clock{"ticketd", nullptr};
  StandingChange({context, clock, ruleset, templates, now, tokens}, record.name, decision)
      .expire(record.downgraded_until.value_or(now));
  return decision;
}

}  // namespace ticketd
