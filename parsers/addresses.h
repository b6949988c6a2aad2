#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// The mailboxes of an address field (RFC 5322 §3.4 with the obsolete forms of §4.4), groups dissolved, at most
/// `limit`. Reads in linear time what people send: `a@b (Name)`, `Name a@b`, unquoted dots and commas, missing
/// brackets and commas: two addresses are two mailboxes, however they stand beside each other. A mailbox without any
/// address keeps its name and an empty `addr_spec`. `hint` is the charset of unencoded 8-bit names.
[[nodiscard]] std::vector<Mailbox> parse_addresses(std::string_view raw, std::size_t limit, std::string_view hint = {});

}  // namespace ticketd
