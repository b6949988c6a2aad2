#pragma once

#include <optional>
#include <string>

#include "rules/phrases.h"
#include "rules/ruleset.h"
#include "rules/subject_label.h"

namespace ticketd {

/// What a report brings with it when its category is decided.
struct Claim {
  std::optional<SubjectLabel> label;
  Channel channel = Channel::portal;
  std::string organization;
  std::optional<Time> downgraded_until;  ///< of the organization
  const MailRule* rule = nullptr;        ///< the admin's rule for this mail
  bool is_of_staff = false;              ///< who reports it is staff, and not only passes it on
  Words unlabelled = {};                 ///< what the subject has instead of a label, in a sentence; may be empty
};

/// The category that a report gets (service-rules §2–4).
struct Grant {
  Priority priority = Priority::normal;
  Words reason;          ///< sentences for the customer and the ticket's log
  bool invites = false;  ///< a label would count, and there is none: the customer is invited to set one
};
[[nodiscard]] Grant grant_priority(const Claim& claim, const Ruleset& ruleset, Time now);

/// Why a label would not count whatever it says (service-rules §3, §4), in sentences; empty when it would.
[[nodiscard]] Words label_obstacle(const Claim& claim, const Ruleset& ruleset, Time now);

}  // namespace ticketd
