#include "rules/mail_encoder.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/encoded_word.h"

namespace ticketd {
namespace {

constexpr std::size_t kLine = 78;
constexpr std::size_t kEncodedLine = 76;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

bool is_atext(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Does a combining mark, variation selector or joiner stand there, which belongs to the character before it?
bool extends_character(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at, 4);
  UChar32 c = 0;
  U8_GET(reinterpret_cast<const std::uint8_t*>(rest.data()), 0, 0, static_cast<std::int32_t>(rest.size()), c);
  return c > 0 && u_hasBinaryProperty(c, UCHAR_GRAPHEME_EXTEND) != 0;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t start = 0; start < line.size();) {
    const std::size_t end = std::min(line.find(' ', start), line.size());
    if (end > start) words.emplace_back(line.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::string joined(std::vector<std::string>::const_iterator first, std::vector<std::string>::const_iterator last) {
  return fmt::format("{}", fmt::join(first, last, " "));
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::vector<std::string> phrase_tokens(std::string_view name, std::size_t column) {
  const auto words = split_words(name);
  if (std::ranges::any_of(words, needs_encoded_word)) return encoded_words(name, column);
  if (std::ranges::all_of(name, [](char c) { return is_atext(c) || c == ' '; })) return words;
  return split_words(quoted(name));
}

/// May the octet with which `rest` begins stand as it is in a line that has `column` characters so far?
bool stands_unencoded(std::string_view rest, std::size_t column) {
  const char c = rest.front();
  const bool ends_line = rest.size() == 1;
  const bool is_plain = (is_blank(c) && !ends_line) || (c > ' ' && c < 0x7F && c != '=');
  const bool is_unsafe = column == 0 && (c == '.' || rest.starts_with("From "));
  return is_plain && !is_unsafe;
}

void append_encoded(std::string& result, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  result += '=';
  result += kDigits[octet >> 4];
  result += kDigits[octet & 15];
}

/// How many octets in front stand as they are wherever they are in a line, but at its beginning or end.
std::size_t plain_octets(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= ' ' && c < 0x7F && c != '='; });
  return static_cast<std::size_t>(end - text.begin());
}

void append_encoded_line(std::string& result, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (column > 0 && column < kEncodedLine - 1) {
      const auto room = std::min(kEncodedLine - 1 - column, line.size() - 1 - i);
      const auto plain = plain_octets(line.substr(i, room));
      result += line.substr(i, plain);
      column += plain;
      i += plain;
    }
    const auto rest = line.substr(i);
    const std::size_t limit = rest.size() == 1 ? kEncodedLine : kEncodedLine - 1;
    bool is_plain = stands_unencoded(rest, column);
    if (column + (is_plain ? 1 : 3) > limit) {
      result += "=\r\n";
      column = 0;
      is_plain = stands_unencoded(rest, column);
    }
    if (is_plain)
      result += rest.front();
    else
      append_encoded(result, rest.front());
    column += is_plain ? 1 : 3;
  }
  result += "\r\n";
}

}  // namespace

std::string header_line(std::string_view foreign) {
  const std::string printable = printable_line(foreign);
  std::string line;
  for (std::string_view rest = printable; !rest.empty();) {
    const std::size_t end = std::min(rest.find(kReplacement), rest.size());
    line.append(rest.substr(0, end)).push_back(' ');
    rest.remove_prefix(std::min(end + kReplacement.size(), rest.size()));
  }
  return squeeze(line);
}

std::string shortened(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return std::string(text);
  std::size_t end = octets - kEllipsis.size();
  while (end > 0 && (is_continuation(text[end]) || extends_character(text, end))) --end;
  return std::string(trim(text.substr(0, end))).append(kEllipsis);
}

std::string rfc5322_date(Time at) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string header_field(std::string_view name, const std::vector<std::string>& tokens) {
  std::string result(name);
  result += ':';
  std::size_t column = result.size();
  bool is_first = true;
  for (const auto& token : tokens) {
    // A line of nothing but white space would be obsolete syntax, so the first token never starts a new one.
    const bool folds = !is_first && column + 1 + token.size() > kLine;
    result += folds ? "\r\n " : " ";
    column = (folds ? 0 : column) + 1 + token.size();
    result += token;
    is_first = false;
  }
  return result + "\r\n";
}

std::vector<std::string> unstructured_tokens(std::string_view line, std::size_t column) {
  auto words = split_words(line);
  const auto first = std::ranges::find_if(words, needs_encoded_word);
  if (first == words.end()) return words;
  const auto last = std::find_if(words.rbegin(), words.rend(), needs_encoded_word).base();
  std::vector<std::string> tokens(words.begin(), first);
  for (const auto& token : tokens) column += token.size() + 1;
  std::ranges::move(encoded_words(joined(first, last), column), std::back_inserter(tokens));
  tokens.insert(tokens.end(), last, words.end());
  return tokens;
}

std::vector<std::string> mailbox_tokens(const Mailbox& mailbox, std::size_t column) {
  constexpr std::size_t kLongestName = 128;
  const auto name = shortened(header_line(mailbox.display_name), kLongestName);
  if (name.empty()) return {'<' + mailbox.addr_spec + '>'};
  auto tokens = phrase_tokens(name, column);
  tokens.push_back('<' + mailbox.addr_spec + '>');
  return tokens;
}

std::string quoted_printable(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    append_encoded_line(result, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace ticketd
