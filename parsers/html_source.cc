#include "parsers/html_source.h"

#include <algorithm>
#include <vector>

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

/// Searches that found nothing are not made again: what is sought stands nowhere behind, either.
class Search {
 public:
  explicit Search(std::string_view text) : text_(text) {}

  std::size_t find(std::string_view word, std::size_t at) {
    if (std::ranges::find(missing_, word) != missing_.end()) return std::string_view::npos;
    std::size_t found = text_.find(word.front(), at);
    while (found != std::string_view::npos && !starts_with_ignoring_case(text_.substr(found), word))
      found = text_.find(word.front(), found + 1);
    if (found == std::string_view::npos) missing_.push_back(word);
    return found;
  }

 private:
  std::string_view text_;
  std::vector<std::string_view> missing_;
};

class Source {
 public:
  explicit Source(std::string_view html) : html_(html), search_(html) {}

  std::string read() {
    result_.reserve(html_.size());
    for (std::size_t at = 0; at < html_.size();) {
      const std::size_t open = std::min(html_.find('<', at), html_.size());
      result_ += html_.substr(at, open - at);
      if (open == html_.size()) break;
      const char next = open + 1 < html_.size() ? html_[open + 1] : ' ';
      if (next == '/' && is_element(open + 1, "br")) result_ += "<br>";  // which browsers make of it
      at = is_letter(next) ? tag(open) : next == '!' ? declaration(open) : keep(open, open + 1);
    }
    std::erase(result_, '\0');
    return std::move(result_);
  }

 private:
  std::size_t keep(std::size_t start, std::size_t end) {
    result_ += html_.substr(start, end - start);
    return end;
  }

  std::size_t tag(std::size_t open) {
    std::size_t attributes = 0;
    const std::size_t end = tag_end(html_, open, attributes);
    if (end - open > kLongestTag || attributes > 2 * kMostAttributes) return end;
    keep(open, end);
    for (const std::string_view closing : {"</style", "</script"})
      if (is_element(open, closing.substr(2))) {
        const std::size_t close = search_.find(closing, end);
        return close == std::string_view::npos ? end : close;
      }
    return end;
  }

  bool is_element(std::size_t open, std::string_view name) const {
    const auto rest = html_.substr(open + 1, name.size() + 1);
    return starts_with_ignoring_case(rest, name) && rest.size() > name.size() && !is_letter(rest.back());
  }

  std::size_t declaration(std::size_t open) {
    const auto rest = html_.substr(open);
    if (starts_with_ignoring_case(rest, "<!doctype")) return keep(open, open + 1);
    const bool comment = rest.starts_with("<!--");
    const std::string_view end = comment ? "-->" : ">";
    const std::size_t close = search_.find(end, open + 2);
    return close == std::string_view::npos ? keep(open, open + 1) : close + end.size();
  }

  std::string_view html_;
  Search search_;
  std::string result_;
};

}  // namespace

std::string readable_source(std::string_view html) { return Source(html).read(); }

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
