#pragma once

#include <string>

#include "parsers/mime_splitter.h"

namespace ticketd {

/// What `Email::calendar_method` holds: the `method` parameter of a text/calendar part (RFC 6047 §2.4), else its METHOD
/// property (RFC 5545 §3.7.2).
[[nodiscard]] std::string calendar_method(const SplitMail& mail);

}  // namespace ticketd
