#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticketd {

/// What a character of foreign text does to its reader (Unicode general categories, UAX #9, UAX #44
/// Default_Ignorable_Code_Point). The one table behind all that follows and behind `printable_line`.
enum class CharacterKind : std::uint8_t {
  shown,      ///< and what is as good: spaces, private use
  line_end,   ///< LF, VT, FF, CR, U+2028, U+2029
  control,    ///< all other of C0 and C1, DEL
  direction,  ///< LRM, RLM, ALM: mixed Arabic and Hebrew needs them, and they move no words
  joiner,     ///< ZWNJ, ZWJ, CGJ, soft hyphens, variation selectors, tags of flags: they belong to the character before
              ///< them
  reorder,    ///< bidirectional embeddings, overrides, isolates: what is read is not what is written
  invisible,  ///< all other of no width: zero-width space, U+FEFF, noncharacters
};

[[nodiscard]] CharacterKind character_kind(char32_t c);

/// Valid UTF-8 made into text to show, piece by piece; the state between pieces is what the last one ended with.
/// `reorder` and `invisible` are dropped, `joiner` where it joins nothing, and `direction` behind another. C1 controls
/// are what windows-1252 has there (HTML Standard §13.2.5.80): senders who mislabel it are where they come from.
/// In texts a line end is \n (CR LF one, too), and other controls but tabs are dropped; in lines both are a space.
class TextCleaner {
 public:
  enum class Form : std::uint8_t { text, line };
  explicit TextCleaner(Form form) : form_(form) {}

  void append(std::string& result, std::string_view utf8);

 private:
  void append_character(std::string& result, char32_t c, std::string_view octets);
  void append_line_end(std::string& result, char32_t c);

  Form form_;
  char32_t last_ = ' ';  ///< that was kept
  bool after_cr_ = false;
};

/// A text: lines that end in \n, no control characters but tabs.
[[nodiscard]] std::string clean_lines(std::string_view utf8);

/// A subject, a name, a label as a line to show: white space is squeezed; empty when nothing in it can be seen.
[[nodiscard]] std::string one_line(std::string_view utf8);

/// An address, an identifier: as `one_line`, but what is dropped there is U+FFFD, so that two different values never
/// become one.
[[nodiscard]] std::string one_value(std::string_view utf8);

/// Nothing but white space and characters without ink.
[[nodiscard]] bool is_blank_text(std::string_view utf8);
/// No letter in it: emoji, for example.
[[nodiscard]] bool is_symbol_text(std::string_view utf8);

}  // namespace ticketd
