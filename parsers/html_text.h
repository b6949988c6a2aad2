#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ticketd {

/// An HTML document (UTF-8, whatever its own declarations say) as readable plain text: blocks become lines, quotes
/// carry
/// `> `, list items `* `, horizontal rules a line of `_`, links their address when it differs from their text. What its
/// styles hide is left out, unless nothing else is there. For reading and searching only: nothing is sanitised for
/// display as HTML. Never fails; linear but for tags of up to 32 KiB, larger ones are dropped.
[[nodiscard]] std::string html_to_text(std::string_view utf8);

/// The same of the first `budget` octets, which are taken off it.
[[nodiscard]] std::string html_to_text(std::string_view utf8, std::size_t& budget);

}  // namespace ticketd
