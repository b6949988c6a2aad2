#pragma once

#include <string>
#include <string_view>

#include "daemon/ctl/setup/answers.h"

namespace ticketd {

/// What a configuration that is there says to the questions of setup, with the secrets that can be read. `text` stands
/// in `file`. Throws CommandFailure: it has errors, and nothing of it may be lost or taken over.
[[nodiscard]] SetupAnswers earlier_answers(std::string_view text, const std::string& file);

}  // namespace ticketd
