#include "rules/mail_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

const Mailbox* customer_of(const Email& email, const Ruleset& ruleset) {
  if (const auto* named = find_form_customer(email, ruleset)) return named;
  return email.from ? &*email.from : find_stand_in(email, ruleset);
}

/// Whoever takes a staff member's address for his sender gets no category by it.
void take_as_direct(MailFacts& mail) {
  const auto senders = senders_in_from(mail.email);
  const auto named =
      std::ranges::find_if(senders, [&](const auto& sender) { return find_staff(sender, mail.ruleset) != nullptr; });
  if (named == senders.end()) return;
  mail.channel = {Channel::direct, "it names a member of the staff as its sender"};
  mail.names_staff = true;
  mail.doubt.warnings.push_back(
      fmt::format("The mail names the address of {}, who is staff, as its sender, but nothing shows that it comes from "
                  "there.",
                  find_staff(*named, mail.ruleset)->name));
}

/// What makes two mails the same, beside the Message-ID. Machines send the same words again without an id, and without
/// a date or with one that stands still: then the arrival counts too, or the second alarm would vanish behind the
/// first.
std::string digest_of(const Email& email, const ArrivedMail& arrived) {
  auto digest = content_digest(email, arrived.octets);
  constexpr std::chrono::hours kTrustedDate{1};
  const bool has_own_date = email.date && std::chrono::abs(*email.date - arrived.internal_date) < kTrustedDate;
  if (email.message_id.empty() && !has_own_date)
    digest += fmt::format("@{}", arrived.internal_date.time_since_epoch().count());
  return digest;
}

}  // namespace

bool has_class(const MailFacts& mail, MailClass mail_class) {
  return std::ranges::find(mail.classes, mail_class, &Classification::mail_class) != mail.classes.end();
}

std::string organization_by(const MailRule* rule, std::string_view sender, const Ruleset& ruleset) {
  if (rule != nullptr && !rule->organization.empty()) return rule->organization;
  return sender.empty() ? std::string() : organization_of(sender, ruleset);
}

MailFacts find_facts(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset) {
  MailFacts mail{.email = email, .arrived = arrived, .ruleset = ruleset};
  mail.customer = customer_of(email, ruleset);
  mail.is_claimed = find_form_customer(email, ruleset) != nullptr;
  if (mail.customer != nullptr) mail.sender = to_lower(mail.customer->addr_spec);
  mail.rule = first_matching_rule(email, ruleset);
  mail.organization = organization_by(mail.rule, mail.sender, ruleset);
  mail.doubt = examine_sender(email, ruleset);
  mail.authentication = authenticate_sender(email, ruleset);
  const bool may_be_forged = !email.from || mail.is_claimed || mail.doubt.is_ambiguous || mail.authentication.failed();
  mail.staff = mail.sender.empty() || may_be_forged ? nullptr : find_staff(mail.sender, ruleset);
  mail.classes = classify_mail(email, ruleset, false);
  mail.forward = find_forward(email, arrived, ruleset);
  mail.channel = choose_channel(email, arrived.mailbox_channel, ruleset);
  // What staff pass on came to them by another way than the support mailbox (service-rules §3).
  const bool is_chosen_by_rule = mail.rule != nullptr && mail.rule->channel;
  mail.names_staff = mail.staff != nullptr && !is_chosen_by_rule;
  if (mail.names_staff) mail.channel = {Channel::direct, "a member of the staff sent it"};
  if (mail.staff == nullptr && !is_chosen_by_rule) take_as_direct(mail);
  mail.label = find_subject_label(email.subject, ruleset);
  mail.content_digest = digest_of(email, arrived);
  return mail;
}

}  // namespace ticketd
