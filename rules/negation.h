#pragma once

#include <cstddef>
#include <optional>

#include "rules/subject_words.h"

namespace ticketd {

/// The word that negates the label in words [begin, end): `not urgent`, `non-urgent`, `isn't very urgent`, `no longer a
/// high priority`, `Urgent: no`; nullopt when none does. A negation does not reach over punctuation: `calls do not
/// work, urgent` is urgent.
[[nodiscard]] std::optional<std::size_t> negator_of(const SubjectWords& subject, std::size_t begin, std::size_t end);

}  // namespace ticketd
