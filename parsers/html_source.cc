#include "parsers/html_source.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestTag = 32 * 1024;
constexpr std::size_t kMostAttributes = 200;

/// The end of the tag at `at`, as libxml2 sees it: a quote opens a value only behind `=`.
std::size_t tag_end(std::string_view html, std::size_t at, std::size_t& attributes) {
  bool value = false;
  attributes = 0;
  for (std::size_t i = at + 1; i < html.size(); ++i) {
    const char c = html[i];
    if (value && (c == '"' || c == '\'')) {
      i = std::min(html.find(c, i + 1), html.size());
      value = false;
    } else if (c == '>') {
      return i + 1;
    } else if (!is_space(c)) {
      attributes += is_space(html[i - 1]) || html[i - 1] == '"' || html[i - 1] == '\'' || c == '=' ? 1 : 0;
      value = c == '=';
    }
  }
  return html.size();
}

}  // namespace

std::string without_huge_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    if (open == html.size()) break;
    const bool tag = open + 1 < html.size() && is_letter(html[open + 1]);
    std::size_t attributes = 0;
    const std::size_t end = tag ? tag_end(html, open, attributes) : open + 1;
    if (end - open <= kLongestTag && attributes <= 2 * kMostAttributes) result += html.substr(open, end - open);
    at = end;
  }
  return result;
}

std::string without_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    const bool tag = open + 1 < html.size() && (is_letter(html[open + 1]) || html[open + 1] == '/');
    std::size_t attributes = 0;
    at = tag ? tag_end(html, open, attributes) : std::min(open + 1, html.size());
    result += tag ? "<br>" : "";
  }
  return result;
}

}  // namespace ticketd
