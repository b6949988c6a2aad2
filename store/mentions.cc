#include "store/mentions.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

#include "parsers/ascii.h"
#include "parsers/code_points.h"
#include "rules/address_key.h"
#include "rules/closing_formula.h"

namespace ticketd {
namespace {

constexpr auto kNowhere = std::string_view::npos;

constexpr std::size_t kLongestCodePoint = 4;

/// The code point at `at`, which goes behind it. Octets that are no UTF-8 are negative, each another value.
UChar32 take_next(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  std::size_t length = 0;
  const char32_t c = first < 0x80 ? first : next_code_point(text.substr(at, kLongestCodePoint), length);
  const bool is_stray = c == kNoCodePoint;
  at += is_stray || length == 0 ? 1 : length;
  return is_stray ? -1 - first : static_cast<UChar32>(c);
}

/// The code point before `at`, which goes in front of it.
UChar32 take_previous(std::string_view text, std::size_t& at) {
  const auto before = at--;
  for (auto begin = before; begin > 0 && before - begin < kLongestCodePoint;) {
    auto end = --begin;
    if (const auto c = take_next(text, end); c >= 0 && end == before) return at = begin, c;
    if ((static_cast<unsigned char>(text[begin]) & 0xC0U) != 0x80) break;
  }
  return -1 - static_cast<unsigned char>(text[at]);
}

UChar32 folded(UChar32 c) {
  if (c >= 0 && c < 0x80) return static_cast<unsigned char>(to_lower(static_cast<char>(c)));
  return c < 0 ? c : u_foldCase(c, U_FOLD_CASE_DEFAULT);
}

/// Continues a word; what is no UTF-8 may be a letter of another charset.
bool is_word(UChar32 c) {
  if (c < 0) return true;
  if (c < 0x80) return is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c));
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

bool is_word_before(std::string_view text, std::size_t at) { return at > 0 && is_word(take_previous(text, at)); }

bool is_word_at(std::string_view text, std::size_t at) { return at < text.size() && is_word(take_next(text, at)); }

bool is_one_of(UChar32 c, std::string_view set) {
  return c >= 0 && c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

/// Of what RFC 5322 has in a local part, `=/?*{|}` and the grave accent stand before an address far more often than in
/// it.
constexpr std::string_view kContinuing = "._-+!#$%^~&";
/// Within another address: VERP puts its own words before `+`, `-` and `=`.
constexpr std::string_view kContinuingWithin = ".";

/// In front of an address: part of a longer local part. An apostrophe is unless no word ends there.
bool continues_local_part(std::string_view before, std::string_view continuing) {
  auto at = before.size();
  if (at == 0) return false;
  const auto c = take_previous(before, at);
  return is_word(c) || is_one_of(c, continuing) || (c == '\'' && is_word_before(before, at));
}

/// Where white space ends that begins at `at`, with the marks of quotation behind a line end.
std::size_t end_of_space(std::string_view text, std::size_t at) {
  for (bool is_line_start = false; at < text.size();) {
    auto next = at;
    const auto c = take_next(text, next);
    if (c == '\n') is_line_start = true;
    if (!u_isUWhiteSpace(c) && !(is_line_start && c == '>')) break;
    at = next;
  }
  return at;
}

/// Where the words end that begin at `at`; kNowhere: others stand there.
std::size_t end_of_words(std::string_view text, std::size_t at, std::string_view words) {
  for (std::size_t wanted = 0; wanted < words.size();) {
    if (const auto behind = end_of_space(words, wanted); behind != wanted) {
      const auto end = end_of_space(text, at);
      if (end == at) return kNowhere;
      at = end;
      wanted = behind;
    } else if (at == text.size() || folded(take_next(text, at)) != folded(take_next(words, wanted))) {
      return kNowhere;
    }
  }
  return at;
}

/// Where the words begin that the text ends with; kNowhere: it ends with others.
std::size_t begin_of_words(std::string_view text, std::string_view words) {
  auto at = text.size();
  for (auto wanted = words.size(); wanted > 0;)
    if (at == 0 || folded(take_previous(text, at)) != folded(take_previous(words, wanted))) return kNowhere;
  return at;
}

/// Collects a text of which some pieces are replaced.
class Replacing {
 public:
  explicit Replacing(std::string_view text) : text_(text) {}
  void replace(std::size_t begin, std::size_t end, std::string_view by) {
    result_.append(text_.substr(done_, begin - done_)).append(by);
    done_ = end;
    any_ = true;
  }
  [[nodiscard]] std::size_t done() const { return done_; }
  [[nodiscard]] std::optional<std::string> finish() && {
    if (!any_) return std::nullopt;
    result_.append(text_.substr(done_));
    return std::move(result_);
  }

 private:
  std::string_view text_;
  std::string result_;
  std::size_t done_ = 0;
  bool any_ = false;
};

bool is_id_octet(char c) {
  return static_cast<unsigned char>(c) > ' ' && std::string_view("<>\"(),;").find(c) == std::string_view::npos;
}

/// The domain that begins at `at`, without what ends a sentence behind it.
std::string_view domain_at(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with('[')) return rest.substr(0, std::min(rest.find(']'), rest.size() - 1) + 1);
  auto end = at;
  for (auto next = at; next < text.size(); end = next)
    if (const auto c = take_next(text, next); !is_word(c) && c != '-' && c != '.') break;
  while (end > at && (text[end - 1] == '-' || text[end - 1] == '.')) --end;
  return text.substr(at, end - at);
}

bool is_same_domain(std::string_view written, std::string_view key) {
  return equals_ignoring_case(written, key) || (std::ranges::any_of(written, is_8bit) && domain_key(written) == key);
}

/// How the sign of an address is written: in texts, in links, and in parts of other addresses (VERP).
constexpr std::array<std::string_view, 4> kSigns = {"@", "%40", "=40", "="};

struct Place {
  std::size_t begin = 0, end = 0;
};

/// Where the address stands whose sign is at `at`.
std::optional<Place> place_of(std::string_view text, std::size_t at, std::string_view sign, std::string_view address) {
  const auto local = address.rfind('@');
  if (local == kNowhere) return std::nullopt;
  const auto begin = begin_of_words(text.substr(0, at), address.substr(0, local));
  if (begin == kNowhere) return std::nullopt;
  if (continues_local_part(text.substr(0, begin), sign == "@" ? kContinuing : kContinuingWithin)) return std::nullopt;
  const auto domain = domain_at(text, at + sign.size());
  if (!is_same_domain(domain, address.substr(local + 1))) return std::nullopt;
  return Place{begin, at + sign.size() + domain.size()};
}

std::string mark_with(const Person& person, std::string_view sign) {
  auto mark = person.address_mark;
  if (const auto at = mark.rfind('@'); at != std::string::npos) mark.replace(at, 1, sign);
  return mark;
}

void replace_address_at(std::string_view text, std::size_t at, const Person& person, Replacing& replacing) {
  for (const auto sign : kSigns) {
    if (!text.substr(at).starts_with(sign)) continue;
    for (const auto& address : person.addresses) {
      const auto place = place_of(text, at, sign, address);
      if (!place || place->begin < replacing.done()) continue;
      return replacing.replace(place->begin, place->end, mark_with(person, sign));
    }
  }
}

std::optional<std::string> without_addresses(std::string_view text, const Person& person) {
  Replacing replacing(text);
  for (auto at = text.find_first_of("@%="); at != kNowhere; at = text.find_first_of("@%=", at + 1))
    replace_address_at(text, at, person, replacing);
  return std::move(replacing).finish();
}

std::optional<std::string> without_message_ids(std::string_view text, const Person& person) {
  Replacing replacing(text);
  if (person.message_ids.empty()) return std::nullopt;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    auto begin = at, end = at + 1;
    while (begin > replacing.done() && is_id_octet(text[begin - 1])) --begin;
    while (end < text.size() && is_id_octet(text[end])) ++end;
    // As it stands in a text: without brackets it may be anything that its sender chose, somebody's address too.
    const bool is_bracketed = begin > 0 && text[begin - 1] == '<' && end < text.size() && text[end] == '>';
    if (!is_bracketed || !person.message_ids.contains(std::string(text.substr(begin, end - begin)))) continue;
    replacing.replace(begin, end, person.message_id_mark);
  }
  return std::move(replacing).finish();
}

/// A shorter one says nothing, or what many say.
constexpr std::size_t kTellingLine = 12;
/// Without a mark of quotation, a shorter one may be its writer's own.
constexpr std::size_t kTellingUnquotedLine = 40;

bool is_quoted(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first != kNowhere && line[first] == '>';
}

/// Calls `visit` with each line, and with what it says without marks of quotation and spaces around it.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    const auto first = line.find_first_not_of("> \t\r");
    if (first != std::string_view::npos) visit(line, line.substr(first, line.find_last_not_of(" \t\r") + 1 - first));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<std::string> without_piece(std::string_view text, std::string_view piece) {
  Replacing replacing(text);
  bool is_in_word = false;
  for (std::size_t at = 0; at < text.size() && !piece.empty();) {
    const auto begin = at;
    const bool may_begin = !is_in_word;
    is_in_word = is_word(take_next(text, at));
    if (!may_begin) continue;
    const auto end = end_of_words(text, begin, piece);
    if (end == kNowhere || is_word_at(text, end)) continue;
    replacing.replace(begin, end, kErased);
    is_in_word = is_word_before(text, end);
    at = end;
  }
  return std::move(replacing).finish();
}

/// `text` after one more replacement.
bool refine(std::optional<std::string>& result, std::string_view& text, std::optional<std::string> replaced) {
  if (!replaced) return false;
  result = std::move(replaced);
  text = *result;
  return true;
}

}  // namespace

std::vector<std::string> canonical_forms(const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  std::vector<std::string> result = {text};
  for (const auto* normalizer : {icu::Normalizer2::getNFCInstance(status), icu::Normalizer2::getNFDInstance(status)}) {
    if (U_FAILURE(status) != 0) break;
    std::string form;
    normalizer->normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(form);
    if (U_SUCCESS(status) != 0 && std::ranges::find(result, form) == result.end()) result.push_back(std::move(form));
  }
  return result;
}

std::optional<std::string> without_pieces(std::string_view text, const std::vector<std::string>& pieces) {
  std::optional<std::string> result;
  for (const auto& piece : pieces) refine(result, text, without_piece(text, piece));
  return result;
}

std::unordered_set<std::string> own_lines(std::string_view text) {
  std::unordered_set<std::string> result;
  for_each_line(text, [&](std::string_view line, std::string_view words) {
    if (words.size() >= kTellingLine && !line.starts_with('>') && !is_closing(words, {})) result.emplace(words);
  });
  return result;
}

std::optional<std::string> without_lines(std::string_view text, const std::unordered_set<std::string>& lines) {
  Replacing replacing(text);
  for_each_line(text, [&](std::string_view line, std::string_view words) {
    if (!is_quoted(line) && words.size() < kTellingUnquotedLine) return;
    if (!lines.contains(std::string(words))) return;
    const auto begin = static_cast<std::size_t>(words.data() - text.data());
    replacing.replace(begin, begin + words.size(), kErased);
  });
  return std::move(replacing).finish();
}

bool holds_line(std::string_view text, const std::unordered_set<std::string>& lines) {
  bool holds = false;
  for_each_line(text, [&](std::string_view, std::string_view words) {
    holds = holds || (words.size() >= kTellingLine && lines.contains(std::string(words)));
  });
  return holds;
}

std::optional<std::string> without_person(std::string_view text, const Person& person, bool names_alone) {
  std::optional<std::string> result;
  refine(result, text, without_message_ids(text, person));
  const bool is_named_with_address = refine(result, text, without_addresses(text, person));
  if (names_alone || is_named_with_address) refine(result, text, without_pieces(text, person.names));
  return result;
}

}  // namespace ticketd
