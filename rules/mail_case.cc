#include "rules/mail_case.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/compose.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kParticipants = 50;

/// The time of reporting is INTERNALDATE, clamped to the arrival here where it can't be true (service-rules §1).
void set_reported_at(MailCase& mail) {
  const Time claimed = mail.arrived.internal_date;
  mail.reported_at = std::min(claimed, mail.now);
  if (claimed > mail.now + std::chrono::minutes{1})
    mail.clamp_reason =
        "The mail server's date of this mail lies in the future, so the time of its arrival here counts.";
  if (is_silent(mail) || !mail.arrived.first_contact) return;
  // INTERNALDATE has no fractions of a second.
  if (claimed >= std::chrono::floor<std::chrono::seconds>(*mail.arrived.first_contact)) return;
  mail.reported_at = mail.now;
  mail.clamp_reason =
      "The mail is older than this desk's first look into the mailbox, so the time of its arrival here counts.";
}

/// The mail client's own idea of importance: kept and shown, never a label (service-rules §2).
std::string importance_of(const Email& email) {
  constexpr std::size_t kLongest = 40;
  for (const auto* name : {"Importance", "X-Priority", "Priority"})
    if (const auto* value = email.field(name); value != nullptr && !trim(*value).empty())
      return shortened(header_line(*value), kLongest);
  return {};
}

/// Staff said of an earlier mail of the same sender that it was spam.
void add_blocked_sender(MailCase& mail) {
  if (!mail.context.blocked_by || mail.staff != nullptr || has_class(mail, MailClass::spam)) return;
  if (is_gateway_address(mail.sender, mail.ruleset)) return;  // it was none when it was blocked
  mail.classes.push_back({MailClass::spam, fmt::format("ticket {} of {} was marked as spam",
                                                       shown_number(*mail.context.blocked_by), mail.sender)});
}

/// The mail in which the requester wrote.
const Email& original_of(const MailCase& mail) { return mail.is_for_original ? *mail.forward->original : mail.email; }

/// What stands in an attached mail is part of the conversation.
std::string text_of(const MailCase& mail) {
  if (!mail.is_for_original || mail.forward->original->text.empty()) return mail.email.text;
  const auto& original = *mail.forward->original;
  return fmt::format("{}{}---------- Forwarded message ----------\nFrom: {} <{}>\nSubject: {}\n\n{}", mail.email.text,
                     mail.email.text.empty() ? "" : "\n", original.from->display_name, original.from->addr_spec,
                     original.subject, original.text);
}

bool can_take_part(std::string_view address, const Ruleset& ruleset) {
  return is_envelope_address(address) && !is_support_address(address, ruleset) &&
         find_staff(address, ruleset) == nullptr;
}

}  // namespace

MailCase examine(const MailFacts& facts, const TicketContext& context, const Templates& templates, Time now,
                 const TokenSource& tokens) {
  MailCase mail{facts, context, templates, now, tokens};
  if (context.is_ours) mail.classes = classify_mail(mail.email, mail.ruleset, true);
  add_blocked_sender(mail);
  if (mail.forward) mail.classes.push_back({MailClass::forwarded, mail.forward->evidence});
  set_reported_at(mail);
  return mail;
}

MailCase taken_for_original(const MailCase& mail) {
  MailCase taken = mail;
  if (!mail.forward || !mail.forward->original) return taken;
  taken.is_for_original = true;
  taken.customer = &*taken.forward->original->from;
  taken.sender = to_lower(taken.customer->addr_spec);
  taken.organization = organization_by(mail.rule, taken.sender, mail.ruleset);
  if (!taken.label) taken.label = find_subject_label(taken.forward->original->subject, mail.ruleset);
  return taken;
}

bool is_machine_answer(const MailCase& mail) {
  return has_class(mail, MailClass::auto_reply) || has_class(mail, MailClass::bounce);
}

const Classification* written_by_machine(const MailCase& mail) {
  const auto found = std::ranges::find_if(mail.classes, [](const Classification& c) {
    return c.mail_class != MailClass::staff && c.mail_class != MailClass::forwarded && c.mail_class != MailClass::bulk;
  });
  return found == mail.classes.end() ? nullptr : &*found;
}

const Classification* unanswerable(const MailCase& mail) {
  const auto found = std::ranges::find_if(mail.classes, [](const Classification& c) {
    return c.mail_class != MailClass::staff && c.mail_class != MailClass::forwarded;
  });
  return found == mail.classes.end() ? nullptr : &*found;
}

bool is_silent(const MailCase& mail) { return mail.arrived.silent; }

Message message_of(const MailCase& mail, TicketId ticket, Direction direction) {
  Message message;
  message.ticket = ticket;
  message.direction = direction;
  message.at = mail.reported_at;
  if (mail.email.from) message.from = *mail.email.from;
  message.to = mail.email.to;
  message.cc = mail.email.cc;
  message.subject = mail.email.subject;
  message.message_id = mail.email.message_id;
  message.text = text_of(mail);
  message.attachments = mail.email.attachments;
  message.has_raw = true;
  message.importance = importance_of(mail.email);
  return message;
}

std::string actor_of(const MailCase& mail) {
  if (mail.is_for_original) return mail.staff->name;
  return mail.sender.empty() ? "ticketd" : printable_line(mail.sender);
}

bool may_bring_others(const MailCase& mail) {
  return mail.email.from && !mail.authentication.failed() && !mail.doubt.is_ambiguous;
}

std::vector<std::string> participants_of(const MailCase& mail) {
  std::vector<std::string> participants;
  if (!mail.sender.empty() && !is_support_address(mail.sender, mail.ruleset)) participants.push_back(mail.sender);
  if (!may_bring_others(mail)) return participants;
  const auto& original = original_of(mail);
  for (const auto* list : {&original.to, &original.cc}) {
    for (const auto& mailbox : *list) {
      auto address = to_lower(mailbox.addr_spec);
      if (participants.size() >= kParticipants) return participants;
      if (!can_take_part(address, mail.ruleset)) continue;
      if (std::ranges::none_of(participants, [&](const auto& known) { return is_same_address(known, address); }))
        participants.push_back(std::move(address));
    }
  }
  return participants;
}

std::string reply_address(const MailCase& mail) {
  if (mail.customer == nullptr || is_support_address(mail.sender, mail.ruleset)) return {};
  const auto own = organization_of(mail.sender, mail.ruleset);
  for (const auto& mailbox : original_of(mail).reply_to) {
    const auto& address = mailbox.addr_spec;
    const bool is_usable = is_envelope_address(address) && !is_support_address(address, mail.ruleset);
    if (is_usable && organization_of(address, mail.ruleset) == own) return address;
  }
  return mail.customer->addr_spec;
}

}  // namespace ticketd
