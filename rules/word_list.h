#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ticketd {

template <std::size_t N>
[[nodiscard]] constexpr bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::ranges::find(words, word) != std::end(words);
}

template <std::size_t N>
[[nodiscard]] constexpr bool starts_with_any(std::string_view text, const std::string_view (&starts)[N]) {
  return std::ranges::any_of(starts, [text](std::string_view start) { return text.starts_with(start); });
}

template <std::size_t N>
[[nodiscard]] constexpr bool ends_with_any(std::string_view text, const std::string_view (&ends)[N]) {
  return std::ranges::any_of(ends, [text](std::string_view end) { return text.ends_with(end); });
}

}  // namespace ticketd
