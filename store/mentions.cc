#include "store/mentions.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

bool is_alphanumeric(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/// Continues a word: letters of other alphabets too.
bool is_word(char c) { return is_alphanumeric(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }

/// In front of an address: part of a longer local part. Quotes, `=` and `:` may stand there in an address, but stand
/// before one far more often.
bool continues_local_part(char c) { return is_word(c) || c == '.' || c == '_' || c == '-' || c == '+'; }

bool continues_domain(std::string_view after) {
  if (after.empty()) return false;
  if (is_word(after[0]) || after[0] == '-') return true;
  return after[0] == '.' && after.size() > 1 && is_word(after[1]);
}

/// `needle` is lower case where it is found in any case.
bool stands_at(std::string_view text, std::size_t at, std::string_view needle) {
  return at + needle.size() <= text.size() &&
         std::equal(needle.begin(), needle.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char wanted, char found) { return wanted == to_lower(found); });
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

/// A way to write an address, and what stands there instead.
struct Spelling {
  std::string text, mark;
  bool is_plain;
};

/// The address as it is written in texts, in links, and as a part of other addresses (VERP).
std::vector<Spelling> spellings(const Person& person, std::size_t at) {
  std::vector<Spelling> result;
  const auto sign_of_mark = person.address_mark.rfind('@');
  for (const std::string sign : {"@", "%40", "=40", "="}) {
    auto mark = person.address_mark;
    if (sign_of_mark != std::string::npos) mark.replace(sign_of_mark, 1, sign);
    result.push_back({person.address.substr(0, at) + sign + person.address.substr(at + 1), mark, sign == "@"});
  }
  return result;
}

bool is_id_octet(char c) {
  return static_cast<unsigned char>(c) > ' ' && std::string_view("<>\"(),;").find(c) == std::string_view::npos;
}

/// Where the address begins whose sign stands at `at`, by one of its spellings; npos: it is another one.
std::size_t begin_of_address(std::string_view text, std::size_t at, const Spelling& spelling, std::size_t local) {
  if (at < local) return std::string_view::npos;
  const auto begin = at - local;
  if (!stands_at(text, begin, spelling.text) || continues_domain(text.substr(begin + spelling.text.size())))
    return std::string_view::npos;
  if (begin == 0) return begin;
  const char before = text[begin - 1];
  const bool is_longer = spelling.is_plain ? continues_local_part(before) : is_word(before) || before == '.';
  return is_longer ? std::string_view::npos : begin;
}

std::optional<std::string> without_addresses(std::string_view text, const Person& person) {
  const auto local = person.address.rfind('@');
  if (local == std::string::npos) return std::nullopt;
  const auto all = spellings(person, local);
  Replacing replacing(text);
  for (auto at = text.find_first_of("@%="); at != std::string_view::npos; at = text.find_first_of("@%=", at + 1)) {
    for (const auto& spelling : all) {
      const auto begin = begin_of_address(text, at, spelling, local);
      if (begin == std::string_view::npos || begin < replacing.done()) continue;
      replacing.replace(begin, begin + spelling.text.size(), spelling.mark);
      break;
    }
  }
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

/// `text` after one more replacement.
bool refine(std::optional<std::string>& result, std::string_view& text, std::optional<std::string> replaced) {
  if (!replaced) return false;
  result = std::move(replaced);
  text = *result;
  return true;
}

}  // namespace

std::optional<std::string> without_pieces(std::string_view text, const std::vector<std::string>& pieces) {
  std::optional<std::string> result;
  for (const auto& piece : pieces) {
    const auto needle = to_lower(piece);
    if (needle.empty() || text.size() < needle.size()) continue;
    const std::string begins{needle[0], static_cast<char>(is_letter(needle[0]) ? needle[0] - ('a' - 'A') : needle[0])};
    Replacing replacing(text);
    for (auto at = text.find_first_of(begins); at != std::string_view::npos; at = text.find_first_of(begins, at + 1)) {
      const auto end = at + needle.size();
      if (at < replacing.done() || !stands_at(text, at, needle)) continue;
      if ((at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]))) continue;
      replacing.replace(at, end, kErased);
    }
    refine(result, text, std::move(replacing).finish());
  }
  return result;
}

std::unordered_set<std::string> own_lines(std::string_view text) {
  std::unordered_set<std::string> result;
  for_each_line(text, [&](std::string_view line, std::string_view words) {
    if (words.size() >= kTellingLine && !line.starts_with('>')) result.emplace(words);
  });
  return result;
}

std::optional<std::string> without_lines(std::string_view text, const std::unordered_set<std::string>& lines) {
  Replacing replacing(text);
  for_each_line(text, [&](std::string_view, std::string_view words) {
    if (!lines.contains(std::string(words))) return;
    const auto begin = static_cast<std::size_t>(words.data() - text.data());
    replacing.replace(begin, begin + words.size(), kErased);
  });
  return std::move(replacing).finish();
}

std::optional<std::string> without_person(std::string_view text, const Person& person, bool names_alone) {
  std::optional<std::string> result;
  refine(result, text, without_message_ids(text, person));
  const bool is_named_with_address = refine(result, text, without_addresses(text, person));
  if (names_alone || is_named_with_address) refine(result, text, without_pieces(text, person.names));
  return result;
}

}  // namespace ticketd
