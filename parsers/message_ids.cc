#include "parsers/message_ids.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/parameters.h"

namespace ticketd {
namespace {

std::string squashed(std::string_view id) {
  std::string result;
  for (char c : id)
    if (!is_space(c) && !is_control(c) && c != '<' && c != '>') result += c;
  return one_value(decode_charset(result, {}));
}

std::string clean(std::string_view id) {
  auto plain = squashed(without_comments(id));
  return plain.empty() ? squashed(id) : plain;
}

/// Before an opening bracket all is prose; a missing closing one ends its identifier at white space.
std::vector<std::string> bracketed(std::string_view raw) {
  std::vector<std::string> ids;
  for (std::size_t open = raw.find('<'); open != std::string_view::npos;) {
    const std::size_t next = std::min(raw.find_first_of("<>", open + 1), raw.size());
    std::string_view id = raw.substr(open + 1, next - open - 1);
    const bool closed = next < raw.size() && raw[next] == '>';
    if (!closed) id = id.substr(0, std::min(id.find_first_of(" \t\r\n"), id.size()));
    ids.push_back(clean(id));
    open = raw.find('<', next);
  }
  return ids;
}

/// Addresses in prose are no identifiers, so every word must look like one.
std::vector<std::string> bare(std::string_view raw) {
  std::vector<std::string> ids;
  const std::string text = squeeze(without_comments(raw));
  const bool alone = text.find(' ') == std::string::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const auto word = std::string_view(text).substr(at, end - at);
    if (!alone && word.find('@') == std::string_view::npos) return {};
    ids.push_back(clean(word));
    at = end + 1;
  }
  return ids;
}

}  // namespace

std::vector<std::string> parse_message_ids(std::string_view raw, std::size_t limit) {
  const bool brackets = raw.find('<') != std::string_view::npos;
  auto ids = brackets ? bracketed(raw) : bare(raw);
  std::erase_if(ids, [](const std::string& id) { return id.empty(); });
  if (ids.size() > limit) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(limit));
  return ids;
}

}  // namespace ticketd
