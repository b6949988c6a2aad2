#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace ticketd {

/// The names of an enum, in the order of its enumerators.
template <class Enum, std::size_t N>
struct NameTable {
  std::array<std::pair<Enum, std::string_view>, N> rows;

  [[nodiscard]] constexpr std::string_view name(Enum value) const {
    for (const auto& [candidate, text] : rows)
      if (candidate == value) return text;
    return {};
  }
  [[nodiscard]] constexpr std::optional<Enum> value(std::string_view name) const {
    for (const auto& [candidate, text] : rows)
      if (text == name) return candidate;
    return std::nullopt;
  }
};

template <class Enum, std::size_t N>
consteval NameTable<Enum, N> name_table(const std::pair<Enum, std::string_view> (&rows)[N]) {
  return {std::to_array(rows)};
}

}  // namespace ticketd
