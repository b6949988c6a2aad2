#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/delivery_status.h"

namespace ticketd {

/// What the text of a report without RFC 3464's parts seems to say: the addresses that stand before the returned mail,
/// each with the nearest line that holds a reply code or names a failure. `action` is left empty. Linear time; nothing
/// beyond the first 300 lines is read.
[[nodiscard]] std::vector<DeliveryStatus> read_free_form_report(std::string_view text);

/// The first line of a report's own text that holds the code of a permanent refusal ("550 …", "5.1.1 …"); empty when
/// there is none.
[[nodiscard]] std::string_view find_refusal(std::string_view text);

/// The values of `Message-ID:` fields in a text, folded ones (RFC 5322 §2.2.3) too, without angle brackets; at most
/// `limit`.
[[nodiscard]] std::vector<std::string> message_ids_in_text(std::string_view text, std::size_t limit);

}  // namespace ticketd
