#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "rules/staff_mail.h"

namespace ticketd {

/// What staff attached, to go along with their words; or why it can't, for internal words may be in it. `cut_line` and
/// `answered` are of the mail that they answer. Pictures of a signature stay here.
[[nodiscard]] std::variant<std::vector<OutgoingFile>, OrdersRefused> files_of(const MailCase& mail,
                                                                              std::string_view cut_line,
                                                                              const AnsweredWords& answered);

}  // namespace ticketd
