#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What the built-in texts are written in that stand in no language's folder.
inline constexpr std::string_view kDefaultLanguage = "en";

/// RFC 5646, by its form alone: "en", "pt-BR", "zh-Hans-TW".
[[nodiscard]] bool is_language_tag(std::string_view text);
/// Its letters as RFC 5646 §2.1.1 recommends them: "de-at" → "de-AT".
[[nodiscard]] std::string canonical_language(std::string_view tag);
/// The tag and those that are less exact, best first (RFC 4647 §3.4): "de-at" → "de-AT", "de".
[[nodiscard]] std::vector<std::string> language_range(std::string_view tag);

}  // namespace ticketd
