#include "rules/relabel.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/subject.h"
#include "rules/address_key.h"
#include "rules/automatic_answer.h"
#include "rules/event_log.h"
#include "rules/fairness.h"
#include "rules/grant.h"
#include "rules/mail_values.h"
#include "rules/response_clock.h"

namespace ticketd {
namespace {

bool is_part_of_word(char c) { return is_letter(c) || is_digit(c) || is_8bit(c); }

/// Where `phrase` stands in `text` between whole words; npos when it does not.
std::size_t find_phrase(std::string_view text, std::string_view phrase) {
  for (auto at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1)) {
    const bool starts = at == 0 || !is_part_of_word(text[at - 1]);
    const auto end = at + phrase.size();
    if (starts && (end == text.size() || !is_part_of_word(text[end]))) return at;
  }
  return std::string_view::npos;
}

/// The subject with a neutral word in place of `quoted`, for what stands beside it may be a label only because of it
/// ("high call volume"); nullopt when it does not stand there.
std::optional<std::string> without(const std::string& subject, const std::string& quoted) {
  const auto at = quoted.empty() ? std::string::npos : find_phrase(subject, quoted);
  if (at == std::string::npos) return std::nullopt;
  return subject.substr(0, at) + "x" + subject.substr(at + quoted.size());
}

/// Is it the other subject, cut at its end as we cut long ones ourselves, or as others cut what we send?
bool is_cut_from(std::string_view subject, std::string_view quoted) {
  constexpr std::string_view kMarks[] = {"\u2026", "..."};
  constexpr std::size_t kTelling = 60, kTellingWithMark = 20;  // octets that nobody repeats by chance
  bool is_marked = false;
  for (const auto mark : kMarks)
    if (subject.ends_with(mark)) {
      subject.remove_suffix(mark.size());
      is_marked = true;
    }
  const auto rest = trim(subject);
  return rest.size() >= (is_marked ? kTellingWithMark : kTelling) && quoted.starts_with(rest);
}

/// What a mail may repeat: where it answers one of ours, the ticket's own subject alone, for ours carry no other.
/// Longest first: one may stand within another.
std::vector<std::string> earlier_subjects(const Candidate& candidate, std::string_view tag) {
  std::vector<std::string> subjects{base_subject(candidate.ticket.subject, tag)};
  if (candidate.answers_us) return subjects;
  for (const auto& earlier : candidate.earlier_subjects) subjects.push_back(base_subject(earlier, tag));
  std::ranges::sort(subjects, std::ranges::greater(), &std::string::size);
  return subjects;
}

}  // namespace

/// A label in the ticket's own subject that never counted, for a late reply had brought it along, is none that it
/// carried.
std::optional<SubjectLabel> new_label(const MailCase& mail, const Candidate& candidate) {
  const auto& tag = mail.ruleset.support.subject_tag;
  const auto subject = base_subject(mail.email.subject, tag);
  const auto earlier = earlier_subjects(candidate, tag);
  if (std::ranges::any_of(earlier, [&](const auto& quoted) { return is_cut_from(subject, quoted); }))
    return std::nullopt;
  for (const auto& quoted : earlier)
    if (const auto rest = without(subject, quoted)) return find_subject_label(*rest, mail.ruleset);
  const auto label = find_subject_label(subject, mail.ruleset);
  const bool may_be_carried = label && (candidate.ticket.labelled || !candidate.answers_us);
  const bool is_carried = may_be_carried && std::ranges::any_of(earlier, [&](const auto& quoted) {
                            const auto old = find_subject_label(quoted, mail.ruleset);
                            return old && old->priority == label->priority;
                          });
  return is_carried ? std::nullopt : label;
}

namespace {

/// Only the requester and the same organization may relabel, and not by a tag alone (service-rules §9).
Words authority_obstacle(const MailCase& mail, const Thread& thread, const Ticket& ticket) {
  if (thread.standing != Standing::strong) return Words::phrase("obstacle_tag_alone");
  const bool is_own =
      is_same_address(mail.sender, ticket.requester.addr_spec) || mail.organization == ticket.organization;
  if (!is_own) return Words::phrase("obstacle_not_own");
  if (const auto* found = unanswerable(mail))
    return fmt::format("A mail recognised as {} mail changes no category.", name_of(found->mail_class));
  return {};
}

/// Why the label can't be followed; empty when it can.
Words refusal(const MailCase& mail, const Candidate& candidate, Priority wanted) {
  const auto& before = candidate.ticket;
  if (wanted < before.priority) return {};
  const auto channel = mail.channel.channel == Channel::portal ? before.channel : mail.channel.channel;
  const Claim claim{{}, channel, before.organization, candidate.downgraded_until, nullptr, mail.names_staff};
  if (wanted > Priority::normal)
    if (auto obstacle = label_obstacle(claim, mail.ruleset, mail.now); !obstacle.empty()) return obstacle;
  if (before.labelled && wanted > before.priority && !is_breached(before, mail.now) && !before.missed_before)
    return Words::phrase("obstacle_too_early");
  return {};
}

void answer(const MailCase& mail, const Ticket& ticket, std::string_view file, const Words& reason, Priority requested,
            Decision& decision) {
  auto values = ticket_values(ticket, mail.ruleset, mail.now);
  add_target_values(values, ticket, reason, mail.ruleset, mail.now);
  values["requested"] = category_name(requested);
  answer_automatically(mail, ticket, file, std::move(values), decision);
}

void refuse(const MailCase& mail, const Ticket& ticket, Priority wanted, const Words& obstacle, Decision& decision) {
  const auto why = in_english(obstacle);
  log_event(decision, ticket.number, mail.now, actor_of(mail), "raise_refused",
            fmt::format("Asked for {} and was refused: {}", category_name(wanted), why));
  note_reason(decision, "Category", fmt::format("stays {}: {}", category_name(ticket.priority), why));
  answer(mail, ticket, "answer-category-kept.txt", obstacle, wanted, decision);
  decision.news.push_back({StaffEvent::raise_refused,
                           fmt::format("The customer asks for {}. To grant it, answer with this line alone:\n\n"
                                       "#priority {}\n\n{}",
                                       category_name(wanted), to_lower(category_name(wanted)), mail.email.text)});
}

void grant(const MailCase& mail, const SubjectLabel& label, Ticket& ticket, Decision& decision) {
  const auto old = ticket.priority;
  change_priority(ticket, label.priority, mail.reported_at, mail.ruleset);
  ticket.labelled = true;
  if (ticket.priority != old) note_claim(mail, ticket);  // who agrees with staff claims nothing
  const auto reason = Words::phrase("reason_label_in_reply", {{"label", label.evidence}});
  if (old == ticket.priority)
    log_event(decision, ticket.number, mail.now, actor_of(mail), "category_confirmed",
              fmt::format("The subject of a reply names {} with \"{}\".", category_name(old), label.evidence));
  else
    log_event(decision, ticket.number, mail.now, actor_of(mail), "category_changed",
              fmt::format("From {} to {}: the subject of a reply asks for it with \"{}\".", category_name(old),
                          category_name(ticket.priority), label.evidence));
  note_reason(decision, "Category", fmt::format("{}: {}", category_name(ticket.priority), in_english(reason)));
  if (ticket.priority > old) decision.news.push_back({StaffEvent::raised, mail.email.text});
  if (old != ticket.priority) answer(mail, ticket, "answer-category-changed.txt", reason, label.priority, decision);
}

}  // namespace

void apply_follow_up_label(const MailCase& mail, const Thread& thread, const Ticket& before, Ticket& ticket,
                           Decision& decision) {
  const auto label = new_label(mail, *thread.candidate);
  decision.requested_priority = label ? std::optional(label->priority) : std::nullopt;
  if (mail.label && !label)
    note_reason(decision, "Category",
                fmt::format("stays {}: \"{}\" stood in the subject before, and asks for nothing again.",
                            category_name(ticket.priority), mail.label->evidence));
  if (!label || is_silent(mail)) return;
  if (const auto obstacle = authority_obstacle(mail, thread, before); !obstacle.empty()) {
    if (label->priority > ticket.priority && unanswerable(mail) == nullptr)
      return refuse(mail, ticket, label->priority, obstacle, decision);
    const auto why = in_english(obstacle);
    log_event(decision, ticket.number, mail.now, actor_of(mail), "label_ignored",
              fmt::format("The subject asks for {}. {}", category_name(label->priority), why));
    note_reason(decision, "Category", fmt::format("stays {}: {}", category_name(ticket.priority), why));
    return;
  }
  ticket.requested_priority = label->priority;
  if (const auto why = refusal(mail, *thread.candidate, label->priority); !why.empty())
    refuse(mail, ticket, label->priority, why, decision);
  else
    grant(mail, *label, ticket, decision);
}

}  // namespace ticketd
