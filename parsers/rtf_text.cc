#include "parsers/rtf_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "parsers/ascii.h"
#include "parsers/charset.h"

namespace ticketd {
namespace {

/// What a group hands on to the groups inside it.
struct Group {
  bool hidden = false;       ///< holds no text of the document
  bool html_markup = false;  ///< MS-OXRTFEX §2.1.3.1.4: text between \htmlrtf and \htmlrtf0 repeats the HTML
  int fallback = 1;          ///< \ucN: characters that stand for a \uN in old readers
};

struct Control {
  std::string_view word;
  int number = 0;
  bool has_number = false;
};

bool is_hidden_destination(std::string_view word) {
  constexpr std::array<std::string_view, 14> hidden{"fonttbl", "colortbl", "stylesheet", "info",    "pict",
                                                    "object",  "header",   "footer",     "fldinst", "themedata",
                                                    "xe",      "tc",       "listtable",  "revtbl"};
  return std::find(hidden.begin(), hidden.end(), word) != hidden.end();
}

std::string_view character_of(std::string_view word) {
  if (word == "par" || word == "line" || word == "row" || word == "sect" || word == "page") return "\n";
  if (word == "tab" || word == "cell") return "\t";
  if (word == "emdash") return "—";
  if (word == "endash") return "–";
  if (word == "lquote") return "‘";
  if (word == "rquote") return "’";
  if (word == "ldblquote") return "“";
  if (word == "rdblquote") return "”";
  if (word == "bullet") return "•";
  return {};
}

void put_code_point(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | c >> 6U);
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | c >> 12U);
    out += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | c >> 18U);
    out += static_cast<char>(0x80U | (c >> 12U & 0x3FU));
    out += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view rtf) : rtf_(rtf) {}

  std::string read() {
    while (at_ < rtf_.size()) step();
    flush();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = rtf_[at_++];
    if (c == '{') return open();
    if (c == '}') return close();
    if (c == '\\') return control();
    if (c != '\r' && c != '\n' && c != '\0') put_octet(c);
  }

  /// Groups deeper than any document has share one state.
  void open() {
    constexpr std::size_t deepest = 1000;
    skip_ = 0;
    if (outer_.size() < deepest)
      outer_.push_back(group_);
    else
      ++too_deep_;
  }

  void close() {
    skip_ = 0;
    if (too_deep_ > 0) {
      --too_deep_;
    } else if (!outer_.empty()) {
      group_ = outer_.back();
      outer_.pop_back();
    }
  }

  void control() {
    if (at_ >= rtf_.size()) return;
    if (!is_letter(rtf_[at_])) return symbol(rtf_[at_++]);
    Control control;
    const std::size_t first = at_;
    while (at_ < rtf_.size() && is_letter(rtf_[at_])) ++at_;
    control.word = rtf_.substr(first, at_ - first);
    const std::size_t digits = at_;
    if (at_ < rtf_.size() && rtf_[at_] == '-') ++at_;
    while (at_ < rtf_.size() && is_digit(rtf_[at_])) ++at_;
    const auto [end, error] = std::from_chars(rtf_.data() + digits, rtf_.data() + at_, control.number);
    control.has_number = error == std::errc();
    if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
    word(control);
  }

  void symbol(char c) {
    if (c == '\'') {
      const int octet = hex_octet(rtf_, at_);
      at_ = std::min(at_ + 2, rtf_.size());
      if (octet >= 0) put_octet(static_cast<char>(octet));
    } else if (c == '*') {
      group_.hidden = true;
    } else if (c == '~') {
      put_octet(' ');
    } else if (c == '\r' || c == '\n') {
      put_text("\n");
    } else if (c == '\\' || c == '{' || c == '}') {
      put_octet(c);
    }
  }

  void word(const Control& control) {
    if (control.word == "u" && control.has_number) return unicode(control.number);
    if (control.word == "bin") {
      at_ = std::min(rtf_.size(), at_ + static_cast<std::size_t>(std::max(control.number, 0)));
    } else if (control.word == "uc") {
      group_.fallback = std::clamp(control.number, 0, 16);
    } else if (control.word == "ansicpg") {
      charset_ =
          fmt::format("{}{}", control.number >= 1250 && control.number <= 1258 ? "windows-" : "cp", control.number);
    } else if (control.word == "htmlrtf") {
      group_.html_markup = !control.has_number || control.number != 0;
    } else if (is_hidden_destination(control.word)) {
      group_.hidden = true;
    } else if (const auto character = character_of(control.word); !character.empty()) {
      put_text(character);
    }
  }

  /// \uN has a sign, and two of them make a character beyond U+FFFF.
  void unicode(int number) {
    const auto unit = static_cast<std::uint32_t>(number < 0 ? number + 0x10000 : number) & 0xFFFFU;
    skip_ = group_.fallback;
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    std::string text;
    if (low && high_surrogate_ != 0)
      put_code_point(text, 0x10000 + ((high_surrogate_ - 0xD800) << 10U) + (unit - 0xDC00));
    high_surrogate_ = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (!low && high_surrogate_ == 0 && unit != 0) put_code_point(text, unit);
    put_text(text);
  }

  [[nodiscard]] bool silent() const { return group_.hidden || group_.html_markup; }

  void put_text(std::string_view utf8) {
    if (silent()) return;
    flush();
    out_ += utf8;
  }

  void put_octet(char c) {
    if (skip_ > 0)
      --skip_;
    else if (!silent())
      octets_ += c;
  }

  /// Octets of the document's code page, together: a character may have several.
  void flush() {
    if (!octets_.empty()) out_ += decode_charset(octets_, charset_);
    octets_.clear();
  }

  std::string_view rtf_;
  std::size_t at_ = 0;
  Group group_;
  std::vector<Group> outer_;
  std::size_t too_deep_ = 0;
  int skip_ = 0;
  std::uint32_t high_surrogate_ = 0;
  std::string charset_ = "windows-1252";
  std::string octets_;
  std::string out_;
};

}  // namespace

std::string rtf_to_text(std::string_view rtf) { return Reader(rtf).read(); }

}  // namespace ticketd
