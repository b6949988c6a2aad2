#include "rules/mail_case.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/automatic_mail.h"
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

std::string organization_by(const MailRule* rule, std::string_view sender, const Ruleset& ruleset) {
  if (rule != nullptr && !rule->organization.empty()) return rule->organization;
  return sender.empty() ? std::string() : organization_of(sender, ruleset);
}

/// Staff said of an earlier mail of the same sender that it was spam.
void add_blocked_sender(MailCase& mail) {
  if (!mail.context.blocked_by || mail.staff != nullptr || has_class(mail, MailClass::spam)) return;
  if (is_gateway_address(mail.sender, mail.ruleset)) return;  // it was none when it was blocked
  mail.classes.push_back({MailClass::spam, fmt::format("ticket {} of {} was marked as spam",
                                                       shown_number(*mail.context.blocked_by), mail.sender)});
}

const Mailbox* customer_of(const Email& email, const Ruleset& ruleset) {
  if (const auto* named = find_form_customer(email, ruleset)) return named;
  return email.from ? &*email.from : find_stand_in(email, ruleset);
}

std::string sender_of(const Email& email, const Ruleset& ruleset) {
  const auto* customer = customer_of(email, ruleset);
  return customer == nullptr ? std::string() : to_lower(customer->addr_spec);
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

/// Whoever takes a staff member's address for his sender gets no category by it.
void take_as_direct(MailCase& mail) {
  const auto senders = senders_in_from(mail.email);
  const auto named =
      std::ranges::find_if(senders, [&](const auto& sender) { return find_staff(sender, mail.ruleset) != nullptr; });
  if (named == senders.end()) return;
  mail.channel = {Channel::direct, "it names a member of the staff as its sender"};
  mail.doubt.warnings.push_back(
      fmt::format("The mail names the address of {}, who is staff, as its sender, but nothing shows that it comes from "
                  "there.",
                  find_staff(*named, mail.ruleset)->name));
}

}  // namespace

std::string requester_of(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset) {
  if (const auto forward = find_forward(email, arrived, ruleset); forward && forward->original)
    return to_lower(forward->original->from->addr_spec);
  return sender_of(email, ruleset);
}

std::string organization_of_mail(const Email& email, std::string_view requester, const Ruleset& ruleset) {
  return organization_by(first_matching_rule(email, ruleset), requester, ruleset);
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

MailCase examine(const Email& email, const ArrivedMail& arrived, const TicketContext& context, const Ruleset& ruleset,
                 const Templates& templates, Time now, const TokenSource& tokens) {
  MailCase mail{email,   arrived, context, ruleset, templates, now, tokens, nullptr, {}, {}, {},
                nullptr, {},      nullptr, {},      {},        {},  {},     {},      {}, {}, false};
  mail.customer = customer_of(email, ruleset);
  mail.is_claimed = find_form_customer(email, ruleset) != nullptr;
  mail.sender = sender_of(email, ruleset);
  mail.rule = first_matching_rule(email, ruleset);
  mail.organization = organization_by(mail.rule, mail.sender, ruleset);
  mail.doubt = examine_sender(email, ruleset);
  mail.authentication = authenticate_sender(email, ruleset);
  const bool may_be_forged = !email.from || mail.is_claimed || mail.doubt.is_ambiguous || mail.authentication.failed();
  mail.staff = mail.sender.empty() || may_be_forged ? nullptr : find_staff(mail.sender, ruleset);
  mail.classes = classify_mail(email, ruleset, context.is_ours);
  add_blocked_sender(mail);
  mail.forward = find_forward(email, arrived, ruleset);
  if (mail.forward) mail.classes.push_back({MailClass::forwarded, mail.forward->evidence});
  mail.channel = choose_channel(email, arrived.mailbox_channel, ruleset);
  // What staff pass on came to them by another way than the support mailbox (service-rules §3).
  const bool is_chosen_by_rule = mail.rule != nullptr && mail.rule->channel;
  if (mail.staff != nullptr && !is_chosen_by_rule) mail.channel = {Channel::direct, "a member of the staff sent it"};
  if (mail.staff == nullptr && !is_chosen_by_rule) take_as_direct(mail);
  mail.label = find_subject_label(email.subject, ruleset);
  set_reported_at(mail);
  return mail;
}

bool has_class(const MailCase& mail, MailClass mail_class) {
  return std::ranges::find(mail.classes, mail_class, &Classification::mail_class) != mail.classes.end();
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
