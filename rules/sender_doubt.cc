#include "rules/sender_doubt.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/look_alike.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kSenders = 20;
constexpr std::size_t kShownSenders = 5;
constexpr std::size_t kShownOctets = 100;

bool is_address(std::string_view addr_spec) { return addr_spec.find('@') != std::string_view::npos; }

std::string shown(std::string_view foreign) { return shortened(printable_line(foreign), kShownOctets); }

void add(std::vector<std::string>& warnings, std::string warning) {
  if (!warning.empty()) warnings.push_back(std::move(warning));
}

/// With A-labels, which show what the eye does not see.
std::string with_a_labels(std::string_view addr_spec) {
  const auto at = addr_spec.rfind('@') + 1;
  return std::string(addr_spec.substr(0, at)) + domain_key(addr_spec.substr(at));
}

bool is_other_organization(std::string_view a, std::string_view b, const Ruleset& ruleset) {
  return organization_of(a, ruleset) != organization_of(b, ruleset);
}

std::string warn_of_several(const std::vector<std::string>& senders) {
  if (senders.size() < 2) return {};
  const auto end = senders.begin() + static_cast<std::ptrdiff_t>(std::min(kShownSenders, senders.size()));
  return fmt::format(
      "The mail names several senders ({}). The first one counts as the requester; nothing is believed of such a mail "
      "because of who sent it.",
      shown(fmt::format("{}", fmt::join(senders.begin(), end, ", "))));
}

std::string warn_of_no_sender(const Email& email, const Ruleset& ruleset) {
  const auto* other = find_stand_in(email, ruleset);
  if (other == nullptr) return "The mail names no sender.";
  return fmt::format(
      "The mail's From field names no sender. Its {} field names {}, who counts as the requester and gets no automatic "
      "answer.",
      email.sender && other == &*email.sender ? "Sender" : "Reply-To", shown(other->addr_spec));
}

std::string warn_of_no_address(const Email& email, const Ruleset& ruleset) {
  if (!email.from) return warn_of_no_sender(email, ruleset);
  if (is_address(email.from->addr_spec)) return {};
  return fmt::format("The sender \"{}\" has no address.", shown(email.from->addr_spec));
}

std::string warn_of_sender(const Email& email, const Ruleset& ruleset) {
  if (!email.sender || !is_address(email.sender->addr_spec)) return {};
  const auto& sender = email.sender->addr_spec;
  if (is_same_address(sender, email.from->addr_spec) || is_support_address(sender, ruleset)) return {};
  return fmt::format("The mail was sent by {} in the name of {}.", shown(sender), shown(email.from->addr_spec));
}

std::string warn_of_reply_to(const Email& email, const Ruleset& ruleset) {
  const auto elsewhere = std::ranges::find_if(email.reply_to, [&](const Mailbox& mailbox) {
    return is_address(mailbox.addr_spec) && !is_support_address(mailbox.addr_spec, ruleset) &&
           is_other_organization(mailbox.addr_spec, email.from->addr_spec, ruleset);
  });
  if (elsewhere == email.reply_to.end()) return {};
  return fmt::format("The mail asks for answers to {}, which is of another organization than its sender {}.",
                     shown(elsewhere->addr_spec), shown(email.from->addr_spec));
}

/// The addresses that stand in a name: `ann@bank.example (Ann)`.
std::vector<std::string> addresses_in(std::string_view name) {
  const auto ends_it = [](char c) { return std::string_view(" \t\"'<>()[],;:").find(c) != std::string_view::npos; };
  std::vector<std::string> addresses;
  for (auto at = name.find('@'); at != std::string_view::npos; at = name.find('@', at + 1)) {
    std::size_t start = at, end = at + 1;
    while (start > 0 && !ends_it(name[start - 1])) --start;
    while (end < name.size() && !ends_it(name[end])) ++end;
    auto address = name.substr(start, end - start);
    while (address.ends_with('.')) address.remove_suffix(1);
    if (is_envelope_address(address)) addresses.emplace_back(address);
  }
  return addresses;
}

std::string warn_of_address_in_name(const std::string& name, const Mailbox& from, const Ruleset& ruleset) {
  for (const auto& named : addresses_in(name))
    if (is_other_organization(named, from.addr_spec, ruleset))
      return fmt::format("The sender's name shows the address {}, but the mail comes from {}.", shown(named),
                         shown(from.addr_spec));
  return {};
}

std::string warn_of_name(const std::string& name, const Mailbox& from, const Ruleset& ruleset) {
  if (name.empty()) return {};
  const auto look = look_of_name(name);
  const auto same =
      std::ranges::find_if(ruleset.staff, [&](const auto& member) { return imitates_name(look, member.name); });
  if (same != ruleset.staff.end())
    return fmt::format("The sender has the name of {}, who is staff, but {} is not the address of that person.",
                       same->name, shown(from.addr_spec));
  // Without a name of its own the desk has its address for one.
  if (!is_address(ruleset.support.name) && imitates_name(look, ruleset.support.name))
    return fmt::format("The sender has the name of this desk, but {} is not its address.", shown(from.addr_spec));
  return {};
}

std::string warn_of_alphabets(const std::string& name) {
  const auto word = word_of_mixed_scripts(name);
  if (word.empty()) return {};
  return fmt::format(
      "The sender's name has letters of several alphabets in one word ({}): it may be made to look like another name.",
      shown(word));
}

std::string warn_of_look_alike_address(const Mailbox& from, const Ruleset& ruleset) {
  const auto look = look_of_address(from.addr_spec);
  const auto same =
      std::ranges::find_if(ruleset.staff, [&](const auto& member) { return imitates_address(look, member.email); });
  if (same != ruleset.staff.end())
    return fmt::format("The sender's address {} looks like that of {}, who is staff, but is another one.",
                       shown(with_a_labels(from.addr_spec)), same->name);
  const auto looks_like_ours = [&](const std::string& own) { return imitates_address(look, own); };
  if (looks_like_ours(ruleset.support.address) || std::ranges::any_of(ruleset.support.aliases, looks_like_ours))
    return fmt::format("The sender's address {} looks like one of this desk's, but is another one.",
                       shown(with_a_labels(from.addr_spec)));
  return {};
}

/// What the name and address of somebody look like who is neither staff nor the desk.
std::vector<std::string> warn_of_looks(const Mailbox& from, const Ruleset& ruleset) {
  const auto name = visible_name(from.display_name);
  std::vector<std::string> warnings;
  add(warnings, warn_of_address_in_name(name, from, ruleset));
  add(warnings, warn_of_name(name, from, ruleset));
  if (warnings.empty()) add(warnings, warn_of_alphabets(name));
  add(warnings, warn_of_look_alike_address(from, ruleset));
  return warnings;
}

}  // namespace

std::vector<std::string> senders_in_from(const Email& email) {
  std::vector<std::string> senders;
  for (const auto& field : email.header) {
    if (!equals_ignoring_case(field.name, "From")) continue;
    for (const auto& mailbox : parse_addresses(field.value, kSenders)) {
      auto address = to_lower(mailbox.addr_spec);
      if (senders.size() >= kSenders) return senders;
      const auto is_same = [&](const auto& known) { return is_same_address(known, address); };
      if (is_address(address) && std::ranges::none_of(senders, is_same)) senders.push_back(std::move(address));
    }
  }
  return senders;
}

SenderDoubt examine_sender(const Email& email, const Ruleset& ruleset) {
  const auto senders = senders_in_from(email);
  SenderDoubt doubt;
  doubt.is_ambiguous = senders.size() > 1;
  add(doubt.warnings, warn_of_several(senders));
  add(doubt.warnings, warn_of_no_address(email, ruleset));
  // A web form writes as the desk for somebody else, and the others are about whoever wrote.
  if (!email.from || is_support_address(email.from->addr_spec, ruleset)) return doubt;
  add(doubt.warnings, warn_of_sender(email, ruleset));
  if (find_staff(email.from->addr_spec, ruleset) != nullptr) {
    // Whoever forges a staff member's address wants the answers.
    add(doubt.warnings, warn_of_reply_to(email, ruleset));
    return doubt;
  }
  add(doubt.warnings, warn_of_reply_to(email, ruleset));
  for (auto& warning : warn_of_looks(*email.from, ruleset)) add(doubt.warnings, std::move(warning));
  return doubt;
}

}  // namespace ticketd
