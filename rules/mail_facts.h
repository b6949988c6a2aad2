#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/authentication.h"
#include "rules/classify.h"
#include "rules/context.h"
#include "rules/decide.h"
#include "rules/forward.h"
#include "rules/sender_doubt.h"
#include "rules/subject_label.h"

namespace ticketd {

/// A mail and what the rules find in it by itself: all that needs neither the store nor the time, and may be found on
/// any thread before it is the mail's turn. Refers to the arguments of `find_facts`.
struct MailFacts {
  const Email& email;
  const ArrivedMail& arrived;
  const Ruleset& ruleset;

  const Mailbox* customer = nullptr;  ///< From, or whom a web form names, or who stands in; nullptr when there is none
  bool is_claimed = false;  ///< `customer` is what a visitor of a web form typed: nothing shows that it is true
  std::string sender = {};  ///< the customer's lower-case address; empty when there is none
  std::string organization = {};
  const MailRule* rule = nullptr;  ///< the first of the admin's rules that matches
  SenderDoubt doubt = {};
  const StaffMember* staff = nullptr;        ///< the sender, when staff and no other sender is named
  std::vector<Classification> classes = {};  ///< as far as the mail itself tells
  ChannelChoice channel = {};
  bool names_staff = false;  ///< `channel` is direct because its own sender is staff, or says so
  std::optional<SubjectLabel> label = {};
  SenderAuthentication authentication = {};
  std::optional<Forward> forward = {};  ///< what a member of the staff passes on with it
  std::string content_digest = {};      ///< ContextQuery::content_digest
};

[[nodiscard]] MailFacts find_facts(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset);

[[nodiscard]] bool has_class(const MailFacts& mail, MailClass mail_class);
/// Whose a mail is with this customer's address: as the admin's rule for the mail says, else as `organization_of` does;
/// empty without an address.
[[nodiscard]] std::string organization_by(const MailRule* rule, std::string_view sender, const Ruleset& ruleset);

}  // namespace ticketd
