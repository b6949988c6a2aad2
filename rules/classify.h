#pragma once

#include <optional>
#include <string>
#include <vector>

#include "parsers/email.h"
#include "rules/context.h"
#include "rules/decide.h"
#include "rules/ruleset.h"

namespace ticketd {

/// A class and the header or address that gave it away, in words ("Auto-Submitted: auto-replied").
struct Classification {
  MailClass mail_class = MailClass::auto_reply;
  std::string evidence;
};

/// What kind of machine, if any, wrote this mail (RFC 3834, RFC 2919, and what the field uses beside them). A mail with
/// any class but `staff` and `forwarded` is never answered. `is_ours`: TicketContext::is_ours.
[[nodiscard]] std::vector<Classification> classify_mail(const Email& email, const Ruleset& ruleset, bool is_ours);

/// Channel of a mail (service-rules §3) and why.
struct ChannelChoice {
  Channel channel = Channel::portal;
  std::string reason;
};
[[nodiscard]] ChannelChoice choose_channel(const Email& email, Channel mailbox_channel, const Ruleset& ruleset);

/// Whom a mail without a usable From field comes from, as far as Sender and Reply-To tell; nullptr when they do not.
[[nodiscard]] const Mailbox* find_stand_in(const Email& email, const Ruleset& ruleset);

/// Is it one of Ruleset::sms_senders or phone_senders? Many people's messages come from there.
[[nodiscard]] bool is_gateway_address(std::string_view address, const Ruleset& ruleset);

/// Whose a ticket is by the configuration of today, which may be younger than the ticket: `recorded` is what it was
/// when it was opened. What a rule for mails still says stands; else the requester's address decides.
[[nodiscard]] std::string owner_of(std::string_view recorded, std::string_view requester, const Ruleset& ruleset);
/// The name of the organization of an address (service-rules §4): a configured one, else its domain, else (free mail)
/// the address itself. `address` in any case.
[[nodiscard]] std::string organization_of(std::string_view address, const Ruleset& ruleset);
/// Why the address is of that organization: "its domain is configured there".
[[nodiscard]] std::string organization_evidence(std::string_view address, const Ruleset& ruleset);
/// Neither an organization's that is configured nor one where each address is somebody else's: who writes from it may
/// be anybody's invention.
[[nodiscard]] bool is_unknown_domain(std::string_view address, const Ruleset& ruleset);

/// Is this one of the desk's own addresses (support or alias)? In any case.
[[nodiscard]] bool is_support_address(std::string_view address, const Ruleset& ruleset);

/// Whom a web form names that writes as the desk: the first usable address of Reply-To, where From is the desk's own;
/// nullptr for any other mail.
[[nodiscard]] const Mailbox* find_form_customer(const Email& email, const Ruleset& ruleset);

/// The staff member with that address; nullptr when there is none. The pointer lives as long as the ruleset.
[[nodiscard]] const StaffMember* find_staff(std::string_view address, const Ruleset& ruleset);

/// The first of the admin's rules that matches; nullptr when none does. An invalid pattern never gets here (the
/// configuration refuses it).
[[nodiscard]] const MailRule* first_matching_rule(const Email& email, const Ruleset& ruleset);

}  // namespace ticketd
