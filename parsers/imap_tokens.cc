#include "parsers/imap_tokens.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "parsers/ascii.h"

namespace ticketd {

namespace {

bool ends_word(char c) {
  switch (c) {
    case ' ':
    case '(':
    case ')':
    case '"':
    case '{':
    case '\r':
    case '\n':
      return true;
    default:
      return false;
  }
}

}  // namespace

bool ImapTokens::take(char c) {
  if (!text_.starts_with(c)) return false;
  text_.remove_prefix(1);
  return true;
}

void ImapTokens::expect(char c) {
  if (!take(c)) throw ImapSyntaxError(std::string("IMAP response without the expected '") + c + "'");
}

std::string_view ImapTokens::word() {
  return take_front(static_cast<std::size_t>(std::find_if(text_.begin(), text_.end(), ends_word) - text_.begin()));
}

std::string_view ImapTokens::item_name() {
  std::size_t end = 0;
  bool in_section = false;
  for (; end < text_.size(); ++end) {
    const char c = text_[end];
    if (in_section ? c == '\r' || c == '\n' : ends_word(c)) break;
    if (c == '[') in_section = true;
    if (c == ']') in_section = false;
  }
  return take_front(in_section ? 0 : end);
}

std::string_view ImapTokens::take_front(std::size_t count) {
  if (count == 0) throw ImapSyntaxError("IMAP response without a word where one must be");
  const auto taken = text_.substr(0, count);
  text_.remove_prefix(count);
  return taken;
}

std::uint64_t ImapTokens::number(std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (error != std::errc{} || value > max) throw ImapSyntaxError("IMAP response with an impossible number");
  text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
  return value;
}

ImapLiteral ImapTokens::string() { return next_is('"') ? quoted() : literal(); }

ImapLiteral ImapTokens::quoted() {
  expect('"');
  ImapLiteral value;
  while (!take('"')) {
    take('\\');
    if (at_end() || next_is('\r')) throw ImapSyntaxError("IMAP response with an unfinished quoted string");
    value.octets += text_.front();
    text_.remove_prefix(1);
  }
  value.size = value.octets.size();
  return value;
}

ImapLiteral ImapTokens::literal() {
  take('~');
  expect('{');
  while (!at_end() && is_digit(text_.front())) text_.remove_prefix(1);
  expect('}');
  expect('\r');
  expect('\n');
  if (literals_.empty()) throw ImapSyntaxError("IMAP response without its literal");
  ImapLiteral value = std::move(literals_.front());
  literals_ = literals_.subspan(1);
  return value;
}

bool ImapTokens::take_nil() {
  if (!starts_with_ignoring_case(text_, "NIL")) return false;
  if (text_.size() > 3 && !ends_word(text_[3])) return false;
  text_.remove_prefix(3);
  return true;
}

void ImapTokens::skip_simple() {
  if (next_is('"') || next_is('{') || next_is('~'))
    string();
  else
    word();
}

void ImapTokens::skip_value() {
  std::size_t depth = 0;
  do {
    if (take('(')) {
      ++depth;
    } else if (depth > 0 && take(')')) {
      --depth;
    } else if (depth == 0 || !take(' ')) {
      skip_simple();
    }
  } while (depth > 0);
}

std::size_t find_literal_announcement(std::string_view line) {
  if (!line.ends_with('}')) return std::string_view::npos;
  std::size_t at = line.size() - 1;
  while (at > 0 && is_digit(line[at - 1])) --at;
  if (at < 2 || at == line.size() - 1 || line[at - 1] != '{') return std::string_view::npos;
  const char before = line[at - 2];
  return before == ' ' || before == '(' || before == '~' ? at - 1 : std::string_view::npos;
}

}  // namespace ticketd
