#include "rules/subject_words.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

struct CodePoint {
  UChar32 value = 0;  ///< negative for an invalid octet
  std::string_view octets;
};

CodePoint code_point_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  auto next = static_cast<std::int32_t>(at);
  UChar32 value = 0;
  U8_NEXT(data, next, length, value);
  return {value, text.substr(at, static_cast<std::size_t>(next) - at)};
}

bool is_format(UChar32 c) { return c > 0x7F && u_charType(c) == U_FORMAT_CHAR; }

bool is_word(UChar32 c) {
  if (c < 0) return false;
  return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

bool is_ideograph(UChar32 c) { return c > 0x7F && u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC); }

bool is_apostrophe(UChar32 c) {
  return c == '\'' || c == 0x2019 || c == 0x02BC || c == 0xFF07 || c == '`' || c == 0xB4;
}

std::string fold(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return to_lower(text);
  return fold_for_comparison(text);
}

/// Collects one pass over the text.
class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  SubjectWords cut() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto c = code_point_at(text_, at);
      at += c.octets.size();
      if (is_format(c.value)) continue;
      if (is_word(c.value) || (letters_ > 0 && is_apostrophe(c.value) && u_isalpha(code_point_at(text_, at).value)))
        add_to_word(c);
      else
        add_to_gap(c);
    }
    finish_word();
    result_.end_gap = fold(gap_);
    return std::move(result_);
  }

 private:
  void add_to_word(const CodePoint& c) {
    if (is_ideograph(c.value)) finish_word();
    word_.folded += is_apostrophe(c.value) ? "'" : c.octets;
    word_.text += c.octets;
    count_case(c.value);
    if (is_ideograph(c.value)) finish_word();
  }

  void count_case(UChar32 c) {
    if (!u_isalpha(c)) return;
    ++letters_;
    if (u_isupper(c)) ++capitals_;
    if (u_islower(c)) ++small_;
  }

  void add_to_gap(const CodePoint& c) {
    finish_word();
    gap_ += c.octets;
  }

  void finish_word() {
    if (word_.text.empty()) return;
    word_.folded = fold(word_.folded);
    word_.gap = fold(gap_);
    if (letters_ > 1) word_.word_case = capitals_ > 0 && small_ == 0 ? WordCase::capitals : WordCase::other;
    result_.words.push_back(std::move(word_));
    word_ = {};
    gap_.clear();
    letters_ = capitals_ = small_ = 0;
  }

  std::string_view text_;
  SubjectWords result_;
  SubjectWord word_;
  std::string gap_;
  int letters_ = 0, capitals_ = 0, small_ = 0;
};

}  // namespace

SubjectWords cut_words(std::string_view utf8) { return Cutter(utf8).cut(); }

}  // namespace ticketd
