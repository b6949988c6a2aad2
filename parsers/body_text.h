#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "parsers/body_selection.h"

namespace ticketd {

/// UTF-8 with lines that end in \n and no control characters but tabs.
[[nodiscard]] std::string clean_lines(std::string_view utf8);

/// The selected pieces as one plain text of at most `limit` octets of UTF-8: lines end in \n, control characters but
/// tabs are gone. A piece whose plain form is missing or blank is read from its HTML. `truncated` is set when text was
/// left out. Files uuencoded in it are left out; flowed paragraphs (RFC 3676) are joined.
[[nodiscard]] std::string body_text(const SplitMail& mail, const BodySelection& selection, std::string_view hint,
                                    std::size_t limit, bool& truncated);

}  // namespace ticketd
