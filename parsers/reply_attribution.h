#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/reply_lines.h"

namespace ticketd {

/// Where a text that introduces a quote may stand to be believed.
enum class Attribution {
  none,
  above_marks,  ///< "NAME wrote:" and sentences that could be a person's
  apart,        ///< "DATE NAME <ADDRESS>": above marked lines, or with blank lines around it
  alone,        ///< "On DATE, NAME wrote:" without an address: above marked lines, or as a paragraph of its own
  anywhere,     ///< "On DATE, NAME <ADDRESS> wrote:"
};

/// What is told by figures; positions are octets.
struct DateTraits {
  static constexpr std::size_t nowhere = std::string_view::npos;
  std::size_t date = nowhere;
  std::size_t end = 0;  ///< behind the last part of a date or time
  bool time = false;
  bool zone = false;
};

[[nodiscard]] DateTraits read_date_traits(std::string_view folded);
/// `<jo@x.example>`, `(jo@x.example)`, `[mailto:…`.
[[nodiscard]] bool holds_bracketed_address(std::string_view text);

/// The text of one attribution, in one line, folded.
[[nodiscard]] Attribution read_attribution(std::string_view folded);

struct AttributionLines {
  Attribution kind = Attribution::none;
  std::size_t lines = 0;
};

/// The attribution that starts at this line, which mail programs wrap.
[[nodiscard]] AttributionLines find_attribution(const ReplyLines& lines, std::size_t line);

}  // namespace ticketd
