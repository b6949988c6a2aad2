#include "rules/forward.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/forwarded_text.h"
#include "rules/authentication.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/header_values.h"
#include "rules/roster.h"
#include "rules/sender_doubt.h"

namespace ticketd {
namespace {

bool is_customer(const Mailbox& mailbox, const Ruleset& ruleset) {
  return is_envelope_address(mailbox.addr_spec) && !is_support_address(mailbox.addr_spec, ruleset) &&
         find_staff(mailbox.addr_spec, ruleset) == nullptr;
}

/// "Ann Engineer", or "Engineer, Ann": some mail programs name colleagues without their addresses.
bool is_name_of_staff(std::string_view name, const Ruleset& ruleset) {
  const auto comma = name.find(',');
  const auto turned = comma == name.npos
                          ? std::string()
                          : fmt::format("{} {}", trim(name.substr(comma + 1)), trim(name.substr(0, comma)));
  return find_staff_by_name(trim(name), ruleset) != nullptr || find_staff_by_name(turned, ruleset) != nullptr;
}

bool is_of_desk(const Mailbox& mailbox, const Ruleset& ruleset) {
  if (mailbox.addr_spec.empty()) return is_name_of_staff(mailbox.display_name, ruleset);
  return is_support_address(mailbox.addr_spec, ruleset) || find_staff(mailbox.addr_spec, ruleset) != nullptr;
}

bool is_enclosed_mail(const Attachment& attachment) {
  return attachment.media_type == "message/rfc822" || attachment.media_type == "message/global";
}

/// The first attached mail that a customer wrote.
std::optional<Forward> attached_forward(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset) {
  constexpr int kMost = 10;
  int looked_at = 0;
  std::optional<Forward> forward;
  for (const auto& attachment : email.attachments) {
    if (!is_enclosed_mail(attachment)) continue;
    if (++looked_at > kMost) break;
    if (!forward) forward = Forward{"a mail is attached", nullptr};
    const auto octets = extract_attachment(arrived.octets, attachment.id);
    auto read = parse_email(octets.value_or(""));
    auto* enclosed = std::get_if<Email>(&read);
    if (enclosed == nullptr || !enclosed->from || !is_customer(*enclosed->from, ruleset)) continue;
    return Forward{"a mail of " + enclosed->from->addr_spec + " is attached",
                   std::make_shared<const Email>(std::move(*enclosed)), true};
  }
  return forward;
}

/// As far as the header above a forwarded mail tells.
std::shared_ptr<const Email> email_of(const ForwardedHeader& header, const Email& forward) {
  auto original = std::make_shared<Email>();
  original->from = header.from;
  original->to = header.to;
  original->subject = forward.subject;
  original->media_type = "text/plain";
  original->header = {{"From", header.from.addr_spec}};
  return original;
}

/// Of several mails within each other it is the outermost that staff did not write themselves: what that one quotes or
/// forwards is other people's.
std::optional<Forward> inline_forward(const Email& email, const Ruleset& ruleset) {
  const auto forwarded = find_forwarded(email.text, email.subject);
  if (!forwarded.is_forward) return std::nullopt;
  const auto found = std::ranges::find_if(
      forwarded.headers, [&](const ForwardedHeader& header) { return !is_of_desk(header.from, ruleset); });
  if (found == forwarded.headers.end() || !is_customer(found->from, ruleset))
    return Forward{"its text holds a forwarded mail", nullptr};
  return Forward{"its text holds a forwarded mail of " + found->from.addr_spec, email_of(*found, email)};
}

bool is_of_staff(const Email& email, const Ruleset& ruleset) {
  return email.from && !is_support_address(email.from->addr_spec, ruleset) &&
         find_staff(email.from->addr_spec, ruleset) != nullptr && senders_in_from(email).size() == 1 &&
         !authenticate_sender(email, ruleset).failed();
}

}  // namespace

std::optional<Forward> find_forward(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset) {
  if (!is_of_staff(email, ruleset)) return std::nullopt;
  auto attached = attached_forward(email, arrived, ruleset);
  if (attached && attached->original) return attached;
  auto in_text = inline_forward(email, ruleset);
  if (in_text && (in_text->original || !attached)) return in_text;
  return attached;
}

std::optional<std::string> bounced_in_evidence(const Email& email, const Ruleset& ruleset) {
  constexpr std::size_t kMostResenders = 10;
  if (email.from && find_staff(email.from->addr_spec, ruleset) != nullptr) return std::nullopt;
  for (const auto* name : {"Resent-From", "Resent-Sender"}) {
    auto evidence = find_field(email, name, [&](std::string_view value) {
      const auto resenders = parse_addresses(value, kMostResenders);
      return std::ranges::any_of(
          resenders, [&](const Mailbox& mailbox) { return find_staff(mailbox.addr_spec, ruleset) != nullptr; });
    });
    if (evidence) return evidence;
  }
  return std::nullopt;
}

}  // namespace ticketd
