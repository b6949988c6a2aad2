#pragma once

#include <memory>
#include <optional>
#include <string>

#include "parsers/email.h"
#include "rules/context.h"
#include "rules/ruleset.h"

namespace ticketd {

/// What a member of the staff passes on (service-rules §3).
struct Forward {
  std::string evidence;  ///< what tells it, in words
  /// The mail passed on, with a From that is neither staff nor the desk; nullptr when no such sender is found. Of one
  /// that stands in the text only From, To and the subject are known. Belongs to the writer of the forward: it proves
  /// nothing.
  std::shared_ptr<const Email> original;
  bool is_enclosed = false;  ///< `original` is an attached mail, with all its header fields
};

/// A mail of staff that forwards another: attached (message/rfc822), or in its text. nullopt for any other mail, and
/// for one whose sender may not be staff: several in From, or failed authentication.
[[nodiscard]] std::optional<Forward> find_forward(const Email& email, const ArrivedMail& arrived,
                                                  const Ruleset& ruleset);

/// A customer's mail that a member of the staff sent on as it was (RFC 5322 §3.6.6): "Resent-From: …". From names its
/// original sender then. Who writes such a field into his own mail only gets it handled as Normal.
[[nodiscard]] std::optional<std::string> bounced_in_evidence(const Email& email, const Ruleset& ruleset);

}  // namespace ticketd
