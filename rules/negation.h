#pragma once

#include <cstddef>

#include "rules/subject_words.h"

namespace ticketd {

/// Is the label in words [begin, end) negated: `not urgent`, `non-urgent`, `isn't very urgent`, `no longer a high
/// priority`, `Urgent: no`? A negation does not reach over punctuation: `calls do not work, urgent` is urgent.
[[nodiscard]] bool is_negated(const SubjectWords& subject, std::size_t begin, std::size_t end);

}  // namespace ticketd
