#pragma once

#include <string>
#include <vector>

#include "parsers/email.h"
#include "rules/ruleset.h"

namespace ticketd {

/// What the header fields that name a mail's sender disagree about (RFC 5322 §3.6.2).
struct SenderDoubt {
  bool is_ambiguous = false;          ///< From names more than one address: nobody is recognised by such a mail
  std::vector<std::string> warnings;  ///< sentences for the staff; at most one of each kind
};
[[nodiscard]] SenderDoubt examine_sender(const Email& email, const Ruleset& ruleset);

/// The lower-case addresses of all From fields, each once. The first one is the requester's (service-rules §9).
[[nodiscard]] std::vector<std::string> senders_in_from(const Email& email);

}  // namespace ticketd
