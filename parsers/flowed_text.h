#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Text of format=flowed (RFC 3676, UTF-8, lines end in \n) with its paragraphs on one line each, quotes as `>> text`.
/// `delete_space` is DelSp=yes: the space that flows a line is no part of the text.
[[nodiscard]] std::string join_flowed_lines(std::string_view text, bool delete_space);

}  // namespace ticketd
