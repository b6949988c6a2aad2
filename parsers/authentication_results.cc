#include "parsers/authentication_results.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/parameters.h"

namespace ticketd {
namespace {

constexpr std::size_t kMostMethods = 100;
constexpr std::size_t kMostProperties = 50;

/// Walks over a value without comments.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  void skip_blanks() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  bool take(char c) {
    skip_blanks();
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// Up to a blank or one of `stops`; a quoted string (RFC 5322 §3.2.4) without its quotes.
  std::string word(std::string_view stops) {
    skip_blanks();
    if (!at_end() && text_[at_] == '"') return quoted();
    const auto from = at_;
    while (!at_end() && !is_space(text_[at_]) && text_[at_] != '"' && stops.find(text_[at_]) == stops.npos) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  void skip_past(char c) {
    while (!at_end() && text_[at_] != c)
      if (text_[at_] == '"')
        quoted();
      else
        ++at_;
    if (!at_end()) ++at_;
  }

 private:
  std::string quoted() {
    std::string value;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (!at_end()) ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// `dkim/1 = pass reason="…" header.d=example.com`, up to its semicolon.
std::optional<MethodResult> read_method(Cursor& cursor) {
  MethodResult method;
  method.method = to_lower(cursor.word("=;/"));
  if (cursor.take('/')) cursor.word("=;");
  if (method.method.empty() || !cursor.take('=')) return std::nullopt;
  method.result = to_lower(cursor.word("=;"));
  while (method.properties.size() < kMostProperties) {
    auto name = to_lower(cursor.word("=;"));
    if (name.empty() || !cursor.take('=')) break;
    method.properties.emplace_back(std::move(name), cursor.word(";"));
  }
  return method;
}

}  // namespace

const std::string* MethodResult::property(std::string_view name) const {
  const auto found = std::ranges::find(properties, name, &std::pair<std::string, std::string>::first);
  return found == properties.end() ? nullptr : &found->second;
}

std::optional<AuthenticationResults> parse_authentication_results(std::string_view value) {
  const auto text = without_comments(value);
  Cursor cursor(text);
  AuthenticationResults results;
  results.authserv_id = to_lower(cursor.word(";"));
  // Exchange Online names no server, but begins with the first method.
  if (results.authserv_id.empty() || results.authserv_id.find('=') != std::string::npos || cursor.take('='))
    return std::nullopt;
  cursor.skip_past(';');  // a version may stand behind the name
  while (!cursor.at_end() && results.methods.size() < kMostMethods) {
    if (auto method = read_method(cursor)) results.methods.push_back(std::move(*method));
    cursor.skip_past(';');
  }
  return results;
}

}  // namespace ticketd
