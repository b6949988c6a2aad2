#include "rules/classify.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/automatic_mail.h"
#include "rules/compose.h"
#include "rules/forward.h"
#include "rules/header_values.h"
#include "rules/sender_doubt.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

std::optional<std::string> own_loop_evidence(const Email& email, const Ruleset& ruleset, bool is_ours) {
  if (is_ours) return "Message-ID: " + email.message_id + ", which is that of one of the desk's own mails";
  if (email.from && is_support_address(email.from->addr_spec, ruleset) && !find_form_customer(email, ruleset))
    return "From: " + email.from->addr_spec + ", the desk's own address";
  const auto names_us = [&](std::string_view value) { return is_support_address(squeeze(value), ruleset); };
  if (auto field = find_field(email, "X-Loop", names_us)) return *field + ", the desk's own address";
  return std::nullopt;
}

bool is_in_list(std::string_view address, const std::vector<std::string>& addresses,
                const std::vector<std::string>& domains) {
  if (std::ranges::any_of(addresses, [&](const auto& listed) { return is_same_address(listed, address); })) return true;
  const auto domain = split_address(address).domain;
  return std::ranges::any_of(domains, [&](const auto& listed) { return is_within_domain(domain, listed); });
}

/// What SpamAssassin, rspamd, Barracuda and Exchange's filter write in front of the mailbox.
std::optional<std::string> filter_evidence(const Email& email) {
  const auto says_yes = [](std::string_view value) { return is_one_of(first_token(value), {"yes", "true"}); };
  for (const auto name : {"X-Spam-Flag", "X-Spam-Status", "X-Spam", "X-Barracuda-Spam-Flag"})
    if (auto field = find_field(email, name, says_yes)) return field;
  const auto acts = [](std::string_view value) {
    return is_one_of(to_lower(squeeze(value)), {"reject", "add header", "rewrite subject", "quarantine"});
  };
  for (const auto name : {"X-Rspamd-Action", "X-Spam-Action"})
    if (auto field = find_field(email, name, acts)) return field;
  if (auto field =
          find_field(email, "X-Spamd-Result", [](auto value) { return to_lower(value).starts_with("default: true"); }))
    return field;
  return find_field(email, "X-Forefront-Antispam-Report",
                    [](auto value) { return to_lower(value).find("sfv:spm") != value.npos; });
}

/// A level without a verdict beside it: five stars are SpamAssassin's own threshold.
std::optional<std::string> level_evidence(const Email& email) {
  if (email.field("X-Spam-Flag") != nullptr || email.field("X-Spam-Status") != nullptr) return std::nullopt;
  return find_field(email, "X-Spam-Level", [](auto value) { return trim(value).starts_with("*****"); });
}

std::optional<std::string> spam_evidence(const Email& email, const Ruleset& ruleset) {
  if (auto field = filter_evidence(email)) return field;
  if (auto field = level_evidence(email)) return field;
  for (const auto& sender : {email.from, email.sender})
    if (sender && is_in_list(sender->addr_spec, ruleset.blocked_addresses, ruleset.blocked_domains))
      return sender->addr_spec + " is blocked";
  if (const auto* rule = first_matching_rule(email, ruleset); rule != nullptr && rule->spam)
    return "the rule \"" + rule->name + "\" says so";
  return std::nullopt;
}

std::optional<std::string> staff_evidence(const Email& email, const Ruleset& ruleset) {
  if (!email.from || senders_in_from(email).size() > 1) return std::nullopt;
  const auto* member = find_staff(email.from->addr_spec, ruleset);
  if (member == nullptr) return std::nullopt;
  return email.from->addr_spec + " is " + member->name + "'s address";
}

/// Entries are addresses or "@domain".
bool is_gateway(std::string_view address, const std::vector<std::string>& senders) {
  const auto domain = split_address(address).domain;
  return std::ranges::any_of(senders, [&](std::string_view listed) {
    if (listed.starts_with('@')) return is_within_domain(domain, listed.substr(1));
    return is_same_address(listed, address);
  });
}

std::optional<ChannelChoice> gateway_channel(const Email& email, const Ruleset& ruleset) {
  if (!email.from) return std::nullopt;
  const auto& sender = email.from->addr_spec;
  if (is_gateway(sender, ruleset.sms_senders)) return ChannelChoice{Channel::sms, sender + " is an SMS gateway"};
  if (is_gateway(sender, ruleset.phone_senders)) return ChannelChoice{Channel::phone, sender + " sends voice messages"};
  return std::nullopt;
}

}  // namespace

const Mailbox* find_form_customer(const Email& email, const Ruleset& ruleset) {
  if (!email.from || !is_support_address(email.from->addr_spec, ruleset)) return nullptr;
  const auto found = std::ranges::find_if(email.reply_to, [&](const Mailbox& mailbox) {
    return is_envelope_address(mailbox.addr_spec) && !is_support_address(mailbox.addr_spec, ruleset);
  });
  return found == email.reply_to.end() ? nullptr : &*found;
}

const Mailbox* find_stand_in(const Email& email, const Ruleset& ruleset) {
  const auto is_usable = [&](const Mailbox& mailbox) {
    return is_envelope_address(mailbox.addr_spec) && !is_support_address(mailbox.addr_spec, ruleset);
  };
  if (email.from) return nullptr;
  if (email.sender && is_usable(*email.sender)) return &*email.sender;
  const auto found = std::ranges::find_if(email.reply_to, is_usable);
  return found == email.reply_to.end() ? nullptr : &*found;
}

std::vector<Classification> classify_mail(const Email& email, const Ruleset& ruleset, bool is_ours) {
  std::vector<Classification> found;
  const auto add = [&](MailClass mail_class, std::optional<std::string> evidence) {
    if (evidence) found.push_back({mail_class, std::move(*evidence)});
    return evidence.has_value();
  };
  if (!add(MailClass::bounce, bounce_evidence(email, ruleset))) {
    add(MailClass::auto_reply, auto_reply_evidence(email, ruleset));
    add(MailClass::bulk, bulk_evidence(email, ruleset));
  }
  add(MailClass::own_loop, own_loop_evidence(email, ruleset, is_ours));
  add(MailClass::spam, spam_evidence(email, ruleset));
  add(MailClass::staff, staff_evidence(email, ruleset));
  add(MailClass::forwarded, bounced_in_evidence(email, ruleset));
  return found;
}

bool is_gateway_address(std::string_view address, const Ruleset& ruleset) {
  return is_gateway(address, ruleset.sms_senders) || is_gateway(address, ruleset.phone_senders);
}

ChannelChoice choose_channel(const Email& email, Channel mailbox_channel, const Ruleset& ruleset) {
  if (const auto* rule = first_matching_rule(email, ruleset); rule != nullptr && rule->channel)
    return {*rule->channel, "the rule \"" + rule->name + "\" says so"};
  if (auto choice = gateway_channel(email, ruleset)) return *choice;
  if (auto evidence = bounced_in_evidence(email, ruleset))
    return {Channel::direct, "a member of the staff passed it on (" + printable_line(*evidence) + ")"};
  return {mailbox_channel,
          "it came to a mailbox whose channel is \"" + std::string(channel_name(mailbox_channel)) + "\""};
}

}  // namespace ticketd
