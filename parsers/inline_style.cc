#include "parsers/inline_style.h"

#include <algorithm>
#include <array>
#include <string>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

using Said = InlineStyle::Said;
using FontSize = InlineStyle::FontSize;
using WhiteSpace = InlineStyle::WhiteSpace;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_name(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return is_letter(c) || c == '-' || c == ' '; });
}

/// The first word of `rest`, which is moved behind it.
std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const auto end = std::ranges::find_if(rest, is_space);
  const std::string_view word(rest.begin(), end);
  rest.remove_prefix(word.size());
  return word;
}

struct Length {
  bool valid = false;
  bool zero = false;
  bool at_most_one = false;
  std::string_view unit;
};

/// A number (CSS 2.1 §4.3.1) that is not negative, and what follows it.
Length read_length(std::string_view value) {
  if (value.starts_with('+')) value.remove_prefix(1);
  const std::size_t end = std::min(value.find_first_not_of("0123456789."), value.size());
  const auto number = value.substr(0, end);
  if (number.find_first_of("0123456789") == std::string_view::npos) return {};
  Length length{true, number.find_first_of("123456789") == std::string_view::npos, false, value.substr(end)};
  length.at_most_one = length.zero || number == "1" || number.starts_with("0.");
  length.valid = std::ranges::all_of(length.unit, [](char c) { return is_letter(c) || c == '%'; });
  return length;
}

FontSize read_font_size(std::string_view value) {
  constexpr std::array<std::string_view, 11> absolute{"xx-small", "x-small", "small",     "medium", "large", "x-large",
                                                      "xx-large", "initial", "xxx-large", "revert", "math"};
  constexpr std::array<std::string_view, 4> relative{"smaller", "larger", "inherit", "unset"};
  constexpr std::array<std::string_view, 4> relative_units{"em", "%", "ex", "ch"};
  if (is_one_of(value, absolute) || value.find('(') != std::string_view::npos) return FontSize::absolute;
  if (is_one_of(value, relative)) return FontSize::relative;
  const Length length = read_length(value);
  if (!length.valid) return FontSize::unsaid;
  if (length.zero) return FontSize::zero;
  return is_one_of(length.unit, relative_units) ? FontSize::relative : FontSize::absolute;
}

/// The size in the shorthand `font` (CSS 2.1 §15.8): behind weights, before the families.
FontSize read_font(std::string_view rest) {
  for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) {
    word = word.substr(0, word.find('/'));
    const Length length = read_length(word);
    const bool weight = length.valid && !length.zero && length.unit.empty();
    if (const FontSize size = read_font_size(word); size != FontSize::unsaid && !weight) return size;
  }
  return FontSize::unsaid;
}

WhiteSpace read_white_space(std::string_view value) {
  if (value == "normal" || value == "nowrap" || value == "initial") return WhiteSpace::collapsed;
  if (value == "pre-line") return WhiteSpace::lines;
  return value == "pre" || value == "pre-wrap" || value == "break-spaces" ? WhiteSpace::kept : WhiteSpace::unsaid;
}

Said read_visibility(std::string_view value) {
  if (value == "hidden" || value == "collapse") return Said::no;
  return value == "visible" || value == "initial" ? Said::yes : Said::unsaid;
}

Said read_border(std::string_view value) {
  const auto first = take_word(value);
  return first == "none" || first == "hidden" || read_length(first).zero ? Said::no : Said::yes;
}

/// Lengths of nothing. A part of a height that nobody gave is none.
bool is_nothing(std::string_view value) {
  const Length length = read_length(value);
  return length.valid && length.zero && length.unit != "%";
}

/// Of one to four lengths: top, sides or right, bottom.
Said read_vertical_margin(std::string_view margin) {
  const auto top = take_word(margin);
  take_word(margin);
  const auto bottom = take_word(margin);
  const bool none = read_length(top).zero && (bottom.empty() || read_length(bottom).zero);
  return none ? Said::no : Said::yes;
}

constexpr std::array<std::string_view, 20> kProperties{
    "display",    "visibility",    "font-size", "font",        "white-space", "opacity",         "overflow",
    "height",     "max-height",    "width",     "max-width",   "list-style",  "list-style-type", "margin",
    "margin-top", "margin-bottom", "border",    "border-left", "border-top",  "border-bottom"};

bool is_valid(std::string_view property, std::string_view value) {
  if (value.empty()) return false;
  if (property == "display" || property == "overflow") return is_name(value);
  if (property == "visibility") return is_name(value);
  if (property == "white-space") return read_white_space(value) != WhiteSpace::unsaid || value == "inherit";
  if (property == "font-size") return read_font_size(value) != FontSize::unsaid;
  if (property == "font") return read_font(value) != FontSize::unsaid;
  return true;
}

/// The declarations that count.
class Declarations {
 public:
  explicit Declarations(std::string_view style) {
    for (std::size_t at = 0; at < style.size();) {
      const std::size_t end = declaration_end(style, at);
      take(style.substr(at, end - at));
      at = end + 1;
    }
  }

  [[nodiscard]] std::string_view operator[](std::string_view property) const { return slot(property).value; }
  /// Does the first count before the second, which is part of what it says or says the same?
  [[nodiscard]] bool is_later(std::string_view a, std::string_view b) const {
    return std::pair(slot(a).important, slot(a).order) > std::pair(slot(b).important, slot(b).order);
  }

 private:
  struct Slot {
    std::string_view value;
    bool important = false;
    std::size_t order = 0;
  };

  const Slot& slot(std::string_view property) const {
    return slots_[static_cast<std::size_t>(std::ranges::find(kProperties, property) - kProperties.begin())];
  }

  /// Semicolons in quotes and parentheses separate nothing; what is not closed opens nothing, and is looked for once.
  std::size_t declaration_end(std::string_view style, std::size_t at) {
    for (; at < style.size() && style[at] != ';'; ++at) {
      const char c = style[at];
      if ((c != '"' && c != '\'' && c != '(') || unclosed_.find(c) != std::string::npos) continue;
      const std::size_t close = style.find(c == '(' ? ')' : c, at + 1);
      if (close == std::string_view::npos)
        unclosed_ += c;
      else
        at = close;
    }
    return at;
  }

  void take(std::string_view declaration) {
    const std::size_t colon = std::min(declaration.find(':'), declaration.size());
    const auto* const found = std::ranges::find(kProperties, trim(declaration.substr(0, colon)));
    if (found == kProperties.end() || colon == declaration.size()) return;
    std::string_view value = trim(declaration.substr(colon + 1));
    bool important = false;
    if (const std::size_t mark = value.rfind('!'); mark != std::string_view::npos) {
      important = trim(value.substr(mark + 1)) == "important";
      if (!important) return;
      value = trim(value.substr(0, mark));
    }
    Slot& slot = slots_[static_cast<std::size_t>(found - kProperties.begin())];
    if ((slot.important && !important) || !is_valid(*found, value)) return;
    slot = {value, important, ++order_};
  }

  std::array<Slot, kProperties.size()> slots_;
  std::size_t order_ = 0;
  std::string unclosed_;
};

std::string without_comments(std::string_view style) {
  std::string result;
  while (!style.empty()) {
    const std::size_t open = std::min(style.find("/*"), style.size());
    result += style.substr(0, open);
    style.remove_prefix(open);
    if (style.empty()) break;
    const std::size_t close = style.find("*/", 2);
    style.remove_prefix(close == std::string_view::npos ? style.size() : close + 2);
  }
  return result;
}

bool is_cut_to_nothing(const Declarations& said) {
  const auto overflow = said["overflow"];
  if (!overflow.starts_with("hidden") && !overflow.starts_with("clip")) return false;
  constexpr std::array<std::string_view, 4> sizes{"height", "max-height", "width", "max-width"};
  return std::ranges::any_of(sizes, [&](std::string_view size) { return is_nothing(said[size]); });
}

bool is_dot(const Declarations& said) {
  const auto small = [&](std::string_view size) {
    const Length length = read_length(said[size]);
    return length.valid && length.at_most_one && (length.unit == "px" || length.unit.empty());
  };
  return small("height") || small("width");
}

Said read_borders(const Declarations& said) {
  for (const std::string_view side : {"border-left", "border-top", "border-bottom"})
    if (!said[side].empty() && read_border(said[side]) == Said::yes) return Said::yes;
  return said["border"].empty() ? Said::unsaid : read_border(said["border"]);
}

Said read_margin(const Declarations& said) {
  const auto whole = said["margin"].empty() ? Said::unsaid : read_vertical_margin(said["margin"]);
  const auto side = [&](std::string_view name) {
    if (said[name].empty()) return whole;
    return read_length(said[name]).zero ? Said::no : Said::yes;
  };
  const Said top = side("margin-top"), bottom = side("margin-bottom");
  if (top == Said::yes || bottom == Said::yes) return Said::yes;
  return top == Said::no && bottom == Said::no ? Said::no : Said::unsaid;
}

}  // namespace

InlineStyle read_inline_style(std::string_view style) {
  const std::string flat = without_comments(to_lower(style));
  const Declarations said(flat);
  InlineStyle result;
  if (const auto display = said["display"]; !display.empty()) {
    result.displayed = display == "none" ? Said::no : Said::yes;
    const bool no_box = display == "inline" || display == "contents" || display.find("table") != std::string_view::npos;
    const bool in_line = display.starts_with("inline") || display == "contents" || display == "table-cell";
    result.starts_line = !in_line && display != "none";
    result.is_inline = display == "inline" || display == "contents";
    result.is_block = no_box ? Said::no : Said::yes;
  }
  result.visible = read_visibility(said["visibility"]);
  result.font_size = said.is_later("font", "font-size") ? read_font(said["font"]) : read_font_size(said["font-size"]);
  result.white_space = read_white_space(said["white-space"]);
  const Length opacity = read_length(said["opacity"]);
  result.transparent = opacity.valid && opacity.zero;
  result.cut_to_nothing = is_cut_to_nothing(said);
  result.is_dot = is_dot(said);
  const std::string_view list = said.is_later("list-style", "list-style-type") ? "list-style" : "list-style-type";
  result.without_marker = said[list].starts_with("none");
  result.margin = read_margin(said);
  result.bordered = read_borders(said);
  return result;
}

}  // namespace ticketd
