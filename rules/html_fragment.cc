#include "rules/html_fragment.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

void append_escaped(std::string& html, char c) {
  switch (c) {
    case '&':
      html += "&amp;";
      return;
    case '<':
      html += "&lt;";
      return;
    case '>':
      html += "&gt;";
      return;
    case '"':
      html += "&quot;";
      return;
    case '\'':
      html += "&#39;";
      return;
    default:
      html += c;
  }
}

/// The web address at the front of `text`; empty when none stands there. Punctuation that ends a sentence is no part of
/// it.
std::string_view leading_url(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return {};
  std::size_t end = scheme;
  while (end < text.size() && !is_space(text[end]) &&
         std::string_view("<>\"").find(text[end]) == std::string_view::npos)
    ++end;
  while (end > scheme && std::string_view(".,;:!?)'").find(text[end - 1]) != std::string_view::npos) --end;
  return end > scheme ? text.substr(0, end) : std::string_view();
}

/// Stands in HTML as it is, and is no beginning of anything else.
bool is_plain(char c) { return c != ' ' && c != 'h' && c != '&' && c != '<' && c != '>' && c != '"' && c != '\''; }

/// HTML joins white space; indentation and columns survive as no-break spaces.
bool is_kept_blank(std::string_view line, std::size_t at) {
  return line[at] == ' ' && (at == 0 || line[at - 1] == ' ');
}

void append_line(std::string& html, std::string_view line) {
  for (std::size_t i = 0; i < line.size();) {
    const auto url = line[i] == 'h' ? leading_url(line.substr(i)) : std::string_view();
    if (!url.empty()) {
      const auto link = escape_html(url);
      html.append("<a href=\"").append(link).append("\">").append(link).append("</a>");
      i += url.size();
      continue;
    }
    if (is_kept_blank(line, i))
      html += "&#160;";
    else
      append_escaped(html, line[i]);
    ++i;
    const auto start = i;
    while (i < line.size() && is_plain(line[i])) ++i;
    html += line.substr(start, i - start);
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  for (const char c : text) append_escaped(html, c);
  return html;
}

std::string html_paragraphs(std::string_view text) {
  std::string html;
  bool is_open = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_empty = trim(line).empty();
    if (is_open) html += is_empty ? "</p>\n" : "<br>\n";
    if (!is_empty) {
      if (!is_open) html += "<p>";
      append_line(html, line);
    }
    is_open = !is_empty;
  }
  if (is_open) html += "</p>\n";
  return html;
}

}  // namespace ticketd
