#include "rules/sender_doubt.h"

#include <fmt/format.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kSenders = 20;
constexpr std::size_t kShownSenders = 5;
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kShownOctets = 100;

bool is_address(std::string_view addr_spec) { return addr_spec.find('@') != std::string_view::npos; }

std::string shown(std::string_view foreign) { return shortened(printable_line(foreign), kShownOctets); }

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

std::string warn_of_no_address(const Email& email) {
  if (!email.from) return "The mail names no sender.";
  if (is_address(email.from->addr_spec)) return {};
  return fmt::format("The sender \"{}\" has no address.", shown(email.from->addr_spec));
}

std::string warn_of_sender(const Email& email, const Ruleset& ruleset) {
  if (!email.sender || !is_address(email.sender->addr_spec)) return {};
  const auto& sender = email.sender->addr_spec;
  if (equals_ignoring_case(sender, email.from->addr_spec) || is_support_address(sender, ruleset)) return {};
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

/// The first address that stands in a name: `ann@bank.example (Ann)`.
std::string address_in(std::string_view name) {
  const auto at = name.find('@');
  if (at == std::string_view::npos) return {};
  const auto ends_it = [](char c) { return std::string_view(" \t\"'<>()[],;:").find(c) != std::string_view::npos; };
  std::size_t start = at, end = at + 1;
  while (start > 0 && !ends_it(name[start - 1])) --start;
  while (end < name.size() && !ends_it(name[end])) ++end;
  const auto address = name.substr(start, end - start);
  return is_envelope_address(address) ? std::string(address) : std::string();
}

std::string warn_of_address_in_name(const Mailbox& from, const Ruleset& ruleset) {
  const auto named = address_in(from.display_name);
  if (named.empty() || !is_other_organization(named, from.addr_spec, ruleset)) return {};
  return fmt::format("The sender's name shows the address {}, but the mail comes from {}.", shown(named),
                     shown(from.addr_spec));
}

/// What a name looks like (UTS #39), whatever its letters are: Cyrillic "Аnn" and Latin "Ann" are the same.
std::string skeleton(const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  static const std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> kChecker(uspoof_open(&status), &uspoof_close);
  std::string result(4 * text.size() + 16, '\0');
  const auto size = uspoof_getSkeletonUTF8(kChecker.get(), 0, text.data(), static_cast<std::int32_t>(text.size()),
                                           result.data(), static_cast<std::int32_t>(result.size()), &status);
  if (U_FAILURE(status) != 0) return text;
  result.resize(static_cast<std::size_t>(size));
  return to_lower(result);
}

bool looks_like(const std::string& name, const std::string& other) {
  if (other.empty()) return false;
  if (equals_ignoring_case(name, other)) return true;
  return std::ranges::any_of(name, is_8bit) &&
         skeleton(skeleton(to_lower(name))) == skeleton(skeleton(to_lower(other)));
}

std::string warn_of_name(const Mailbox& from, const Ruleset& ruleset) {
  const auto name = squeeze(from.display_name);
  if (name.empty() || name.size() > kLongestName) return {};
  const auto same =
      std::ranges::find_if(ruleset.staff, [&](const auto& member) { return looks_like(name, member.name); });
  if (same != ruleset.staff.end())
    return fmt::format("The sender has the name of {}, who is staff, but {} is not the address of that person.",
                       same->name, shown(from.addr_spec));
  if (looks_like(name, ruleset.support.name))
    return fmt::format("The sender has the name of this desk, but {} is not its address.", shown(from.addr_spec));
  return {};
}

void add(std::vector<std::string>& warnings, std::string warning) {
  if (!warning.empty()) warnings.push_back(std::move(warning));
}

}  // namespace

std::vector<std::string> senders_in_from(const Email& email) {
  std::vector<std::string> senders;
  for (const auto& field : email.header) {
    if (!equals_ignoring_case(field.name, "From")) continue;
    for (const auto& mailbox : parse_addresses(field.value, kSenders)) {
      auto address = to_lower(mailbox.addr_spec);
      if (senders.size() >= kSenders) return senders;
      if (is_address(address) && std::ranges::find(senders, address) == senders.end())
        senders.push_back(std::move(address));
    }
  }
  return senders;
}

SenderDoubt examine_sender(const Email& email, const Ruleset& ruleset) {
  const auto senders = senders_in_from(email);
  SenderDoubt doubt;
  doubt.is_ambiguous = senders.size() > 1;
  add(doubt.warnings, warn_of_several(senders));
  add(doubt.warnings, warn_of_no_address(email));
  // A web form writes as the desk for somebody else, and the others are about whoever wrote.
  if (!email.from || is_support_address(email.from->addr_spec, ruleset)) return doubt;
  add(doubt.warnings, warn_of_sender(email, ruleset));
  if (find_staff(email.from->addr_spec, ruleset) != nullptr) {
    // Whoever forges a staff member's address wants the answers.
    add(doubt.warnings, warn_of_reply_to(email, ruleset));
    return doubt;
  }
  add(doubt.warnings, warn_of_reply_to(email, ruleset));
  add(doubt.warnings, warn_of_address_in_name(*email.from, ruleset));
  add(doubt.warnings, warn_of_name(*email.from, ruleset));
  return doubt;
}

}  // namespace ticketd
