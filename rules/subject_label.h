#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parsers/subject.h"
#include "rules/ruleset.h"

namespace ticketd {

/// The priority that a subject claims (service-rules §2), and the words that show it ("the subject says 'URGENT'").
struct SubjectLabel {
  Priority priority = Priority::normal;
  std::string evidence;  ///< the label as written
};

/// The highest label of a subject; nullopt when it carries none. `subject` is decoded; prefixes and the tag are
/// stripped here. Further words per category come from the ruleset.
[[nodiscard]] std::optional<SubjectLabel> find_subject_label(std::string_view subject, const Ruleset& ruleset);

/// "not urgent": where a label is negated, as written; empty when none is.
[[nodiscard]] std::string find_negated_label(std::string_view subject, const Ruleset& ruleset);

}  // namespace ticketd
