#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticketd {

/// What an `href` leads to, as it is written behind a link's text: a web address, the address of a mailto: (RFC 6068),
/// the number of a tel: (RFC 3966); empty for all else.
[[nodiscard]] std::string link_target(std::string_view href);
/// Does the text say where the link leads to? A part of the target says nothing: `https://evil.example/bank.example`
/// is not what `bank.example` shows.
[[nodiscard]] bool shows_target(std::string_view shown, std::string_view target);

/// What an image says: `[its alternative text]`, an emoji as it is; empty for file names and words that mean only that
/// there is an image. `[image]` then stands for one that is in the text itself (`data:`), for no attachment shows it.
[[nodiscard]] std::string image_text(std::string_view alt, std::string_view source);

/// The n-th item's mark in an ordered list: `3. `, `c. ` for the type `a`.
[[nodiscard]] std::string ordinal_mark(std::int64_t number, std::string_view type);

}  // namespace ticketd
