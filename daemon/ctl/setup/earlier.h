#pragma once

#include <optional>
#include <string>

#include "daemon/ctl/setup/answers.h"

namespace ticketd {

/// What a configuration that is there says to the questions of setup, with the secrets that can be read; nullopt: there
/// is none, or one with errors. `credentials`: the folder of secrets that are named without a path.
[[nodiscard]] std::optional<SetupAnswers> earlier_answers(const std::string& file, const std::string& credentials);

}  // namespace ticketd
