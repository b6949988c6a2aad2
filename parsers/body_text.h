#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "parsers/body_selection.h"
#include "parsers/text_budget.h"

namespace ticketd {

/// The selected pieces as one plain text of at most `limit` octets of UTF-8: lines end in \n, control characters but
/// tabs are gone. A piece whose plain form is missing, blank or only points to the HTML is read from its HTML.
/// `truncated` is set when text was left out, also because the HTML is more than `budget` allows. Files uuencoded in it
/// are left out; flowed paragraphs (RFC 3676) are joined. What has the other form outside an alternative is appended
/// unless the text says it already.
[[nodiscard]] std::string body_text(const SplitMail& mail, const BodySelection& selection, std::string_view hint,
                                    std::size_t limit, TextBudget& budget, bool& truncated);

}  // namespace ticketd
