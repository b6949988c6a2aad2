#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The identifiers of a Message-ID, In-Reply-To or References field (RFC 5322 §3.6.4) without their brackets, as UTF-8
/// without white space, comments and control characters; of more than `limit` the last ones. Without any bracket, a
/// word that stands alone counts, or all words if each holds an `@`.
[[nodiscard]] std::vector<std::string> parse_message_ids(std::string_view raw, std::size_t limit);

}  // namespace ticketd
