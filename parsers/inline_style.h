#pragma once

#include <cstdint>
#include <string_view>

namespace ticketd {

/// What a style attribute (CSS Style Attributes §3) says about how its element is seen, and says for sure: properties
/// that are missing, or whose values are not understood, are `unsaid` or false.
struct InlineStyle {
  enum class Said : std::uint8_t { unsaid, yes, no };
  enum class FontSize : std::uint8_t { unsaid, zero, relative, absolute };
  enum class WhiteSpace : std::uint8_t { unsaid, collapsed, lines, kept };

  Said displayed = Said::unsaid;
  bool starts_line = false;  ///< display: block and relatives
  bool is_inline = false;
  Said is_block = Said::unsaid;                 ///< a box that its own height and width hold for
  Said visible = Said::unsaid;                  ///< inherited
  FontSize font_size = FontSize::unsaid;        ///< inherited; `relative` is a part of the parent's
  WhiteSpace white_space = WhiteSpace::unsaid;  ///< inherited
  bool transparent = false;
  bool cut_to_nothing = false;  ///< no height or no width, and what overflows is hidden
  bool is_dot = false;          ///< a height or width of at most one pixel: a tracker, where it is an image
  bool without_marker = false;  ///< list-style: none
  Said margin = Said::unsaid;   ///< above or below
  Said bordered = Said::unsaid;
};

/// The last valid declaration of a property counts, one with `!important` before the others. Linear.
[[nodiscard]] InlineStyle read_inline_style(std::string_view style);

}  // namespace ticketd
