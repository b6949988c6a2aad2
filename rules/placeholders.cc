#include "rules/placeholders.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <variant>

#include "parsers/ascii.h"
#include "parsers/utf8_evidence.h"

namespace ticketd {
namespace {

using Piece = PlaceholderLine::Piece;

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

void append_literal(std::vector<Piece>& pieces, char c) {
  if (pieces.empty() || pieces.back().is_placeholder) pieces.emplace_back();
  pieces.back().text += c;
}

/// The pieces of a line, or what is wrong with it.
std::variant<std::vector<Piece>, std::string> parse_line(std::string_view line) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '{' && line[i] != '}') {
      append_literal(pieces, line[i]);
    } else if (i + 1 < line.size() && line[i + 1] == line[i]) {
      append_literal(pieces, line[i++]);
    } else if (line[i] == '}') {
      return "'}' without '{'; a literal brace is written twice: }}";
    } else {
      const std::size_t end = line.find('}', i);
      if (end == std::string_view::npos) return "'{' is not closed; a literal brace is written twice: {{";
      const auto name = line.substr(i + 1, end - i - 1);
      if (!is_name(name)) return fmt::format("'{{{}}}' is no placeholder", name);
      pieces.push_back({true, std::string(name)});
      i = end;
    }
  }
  return pieces;
}

std::string choice_in_words(const std::vector<std::string_view>& allowed) {
  return allowed.empty() ? "none is allowed here" : fmt::format("allowed are {{{}}}", fmt::join(allowed, "}, {"));
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> placeholder_errors(std::string_view line, std::size_t number,
                                            const std::vector<std::string_view>& allowed) {
  if (!is_valid_utf8(line)) return {fmt::format("line {}: this is not UTF-8", number)};
  const auto parsed = parse_line(line);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return {fmt::format("line {}: {}", number, *wrong)};
  std::vector<std::string> errors;
  for (const auto& piece : std::get<std::vector<Piece>>(parsed))
    if (piece.is_placeholder && std::ranges::find(allowed, piece.text) == allowed.end())
      errors.push_back(
          fmt::format("line {}: unknown placeholder {{{}}}; {}", number, piece.text, choice_in_words(allowed)));
  return errors;
}

PlaceholderLine::PlaceholderLine(std::string_view line) {
  auto parsed = parse_line(line);
  if (const auto* wrong = std::get_if<std::string>(&parsed))
    throw std::logic_error(fmt::format("{}: {}", line, *wrong));
  pieces_ = std::move(std::get<std::vector<Piece>>(parsed));
}

std::vector<std::string> PlaceholderLine::names() const {
  std::vector<std::string> names;
  for (const auto& piece : pieces_)
    if (piece.is_placeholder) names.push_back(piece.text);
  return names;
}

bool PlaceholderLine::holds_placeholder() const {
  return std::ranges::any_of(pieces_, [](const Piece& piece) { return piece.is_placeholder; });
}

}  // namespace ticketd
