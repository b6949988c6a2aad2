#include "parsers/subject.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

/// Reply and forward marks of the usual clients and languages, folded.
constexpr std::array<std::string_view, 45> kPrefixes{
    "re",   "fwd", "fw",   "aw",   "wg",         "antw", "antwort", "weitergeleitet",
    "rv",   "tr",  "res",  "enc",  "sv",         "vs",   "vb",      "vl",
    "fs",   "odp", "pd",   "rif",  "r",          "i",    "inl",     "doorst",
    "bls",  "trs", "ynt",  "vá",   "továbbítás", "rép",  "réf",     "atb",
    "ang",  "bc",  "回复", "回覆", "答复",       "转发", "轉寄",    "返信",
    "転送", "отв", "πρθ",  "απ",   "σχετ"};
constexpr std::size_t kLongestPrefix = 24;
constexpr std::string_view kWideColon = "\xEF\xBC\x9A";

struct Tag {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<std::int64_t> number;
};

/// The `[TAG-123]` that starts at `at`.
std::optional<Tag> tag_at(std::string_view subject, std::size_t at, std::string_view name) {
  std::size_t i = at + 1;
  if (name.empty() || !starts_with_ignoring_case(subject.substr(i), name)) return std::nullopt;
  i += name.size();
  if (i >= subject.size() || subject[i] != '-') return std::nullopt;
  const std::size_t digits = ++i;
  while (i < subject.size() && is_digit(subject[i])) ++i;
  if (i == digits || i >= subject.size() || subject[i] != ']') return std::nullopt;
  Tag tag{at, i + 1, std::nullopt};
  std::int64_t number = 0;
  if (std::from_chars(subject.data() + digits, subject.data() + i, number).ec == std::errc()) tag.number = number;
  return tag;
}

std::optional<Tag> find_tag(std::string_view subject, std::size_t from, std::string_view name) {
  for (std::size_t at = subject.find('[', from); at != std::string_view::npos; at = subject.find('[', at + 1))
    if (const auto tag = tag_at(subject, at, name)) return tag;
  return std::nullopt;
}

std::string without_tags(std::string_view subject, std::string_view name) {
  std::string result;
  std::size_t done = 0;
  while (const auto tag = find_tag(subject, done, name)) {
    result.append(subject.substr(done, tag->begin - done)) += ' ';
    done = tag->end;
  }
  return squeeze(result.append(subject.substr(done)));
}

/// `Re[2]`, `Re(2)`, `Re^2`, `Re2` without their count.
std::string_view without_count(std::string_view word) {
  const bool bracketed = word.ends_with(']') || word.ends_with(')');
  if (bracketed) word.remove_suffix(1);
  const std::size_t with_digits = word.size();
  while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);
  if (word.size() == with_digits) return word;
  if (word.ends_with('[') || word.ends_with('(') || word.ends_with('^')) word.remove_suffix(1);
  return trim(word);
}

/// How long the reply or forward mark at the start is, its colon included; 0 when there is none.
std::size_t prefix_length(std::string_view subject) {
  const std::string_view start = subject.substr(0, kLongestPrefix);
  std::size_t colon = start.find(':');
  std::size_t colon_octets = 1;
  if (const std::size_t wide = start.find(kWideColon); wide < colon) {
    colon = wide;
    colon_octets = kWideColon.size();
  }
  if (colon == std::string_view::npos) return 0;
  const std::string word = fold_for_comparison(without_count(trim(start.substr(0, colon))));
  const bool known = std::find(kPrefixes.begin(), kPrefixes.end(), word) != kPrefixes.end();
  return known ? colon + colon_octets : 0;
}

/// RFC 5256 §2.1 (5) and (6): `text (fwd)` and `[Fwd: text]`.
std::string_view without_forward_frame(std::string_view subject) {
  constexpr std::string_view trailer = "(fwd)";
  while (subject.size() >= trailer.size() &&
         equals_ignoring_case(subject.substr(subject.size() - trailer.size()), trailer))
    subject = trim(subject.substr(0, subject.size() - trailer.size()));
  if (starts_with_ignoring_case(subject, "[fwd:") && subject.ends_with(']'))
    return trim(subject.substr(5, subject.size() - 6));
  return subject;
}

}  // namespace

std::string base_subject(std::string_view subject, std::string_view subject_tag) {
  const std::string plain = without_tags(subject, subject_tag);
  std::string_view rest = plain;
  for (std::size_t before = rest.size() + 1; rest.size() < before;) {
    before = rest.size();
    rest = trim(rest.substr(prefix_length(rest)));
    rest = without_forward_frame(rest);
  }
  return std::string(rest);
}

std::optional<std::int64_t> find_subject_tag(std::string_view subject, std::string_view subject_tag) {
  const auto tag = find_tag(subject, 0, subject_tag);
  return tag ? tag->number : std::nullopt;
}

std::string fold_for_comparison(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  const icu::StringPiece piece(utf8.data(), static_cast<std::int32_t>(utf8.size()));
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(piece);
  if (U_SUCCESS(status)) text = nfkc->normalize(text, status);
  if (U_FAILURE(status)) throw std::bad_alloc();
  std::string result;
  return text.foldCase().toUTF8String(result);
}

}  // namespace ticketd
