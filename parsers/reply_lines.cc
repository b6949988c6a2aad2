#include "parsers/reply_lines.h"

#include <algorithm>
#include <array>

#include "parsers/ascii.h"
#include "parsers/reply_words.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

/// No-break space, zero width space, byte order mark, and the marks of writing direction.
constexpr std::array<std::string_view, 14> kUnseen{
    "\u00A0", "\u200B", "\uFEFF", "\u200E", "\u200F", "\u202A", "\u202B",
    "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069",
};
/// Dashes, and what is drawn with boxes.
constexpr std::array<std::string_view, 8> kDrawn{
    "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2500", "\u2501",
};
/// What Gmail's tracking extensions leave.
constexpr std::string_view kTracker = "\u1427";

std::string_view visible(std::string_view text) {
  for (std::size_t before = text.size() + 1; text.size() < before;) {
    before = text.size();
    text = trim(text);
    if (text.empty() || (!is_8bit(text.front()) && !is_8bit(text.back()))) break;
    for (const std::string_view unseen : kUnseen) {
      if (text.starts_with(unseen)) text.remove_prefix(unseen.size());
      if (text.ends_with(unseen)) text.remove_suffix(unseen.size());
    }
  }
  return text;
}

/// `*From:* x`, `Von: x`, `Objet : x`, `| Date | x |`: what stands before and behind the colon.
struct Field {
  std::string_view label, value;
};

Field split_field(std::string_view line) {
  constexpr std::size_t longest = 40;
  constexpr std::string_view wide_colon = "\uFF1A";
  line = without_marks(line);
  const bool cell = line.starts_with("| ") && line.ends_with('|');
  if (cell) line = visible(line.substr(1));
  const auto wide = line.substr(0, 60).find(wide_colon);
  const auto colon = std::min(cell ? line.find('|') : line.find(':'), wide);
  if (colon > longest) return {};
  auto value = line.substr(colon + (colon == wide ? wide_colon.size() : 1));
  if (cell) value = value.substr(0, value.rfind('|'));
  return {visible(line.substr(0, colon)), visible(value)};
}

/// The label, folded; empty when the line has none.
std::string label_of(std::string_view line) {
  return std::string(trim(without(fold_line(split_field(line).label), "* ")));
}

FieldLabel field_label(std::string_view line) {
  const std::string label = label_of(line);
  if (label.empty()) return FieldLabel::none;
  const auto found = std::ranges::find(header_labels(), std::string_view(label), &HeaderLabel::word);
  if (found == header_labels().end()) return FieldLabel::unknown;
  switch (found->role) {
    case HeaderRole::from:
      return FieldLabel::from;
    case HeaderRole::sent:
      return FieldLabel::sent;
    case HeaderRole::to:
      return FieldLabel::to;
    case HeaderRole::subject:
      return FieldLabel::subject;
    case HeaderRole::other:
      return FieldLabel::other;
    case HeaderRole::transport:
      return FieldLabel::transport;
  }
  return FieldLabel::unknown;
}

/// The digits of Arabic and Persian (U+0660, U+06F0) as those of dates elsewhere.
std::string with_ascii_digits(std::string text) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int zero = lead == 0xD9 ? 0xA0 : lead == 0xDB ? 0xB0 : -1;
    const int digit = zero < 0 || i + 1 == text.size() ? -1 : static_cast<unsigned char>(text[i + 1]) - zero;
    const bool found = digit >= 0 && digit <= 9;
    text[end++] = found ? static_cast<char>('0' + digit) : text[i];
    if (found) ++i;
  }
  text.resize(end);
  return text;
}

}  // namespace

ReplyLines::ReplyLines(std::string_view text) : text_(text) {
  for (std::size_t at = 0; at < text.size();) {
    starts_.push_back(static_cast<std::uint32_t>(at));
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  starts_.push_back(static_cast<std::uint32_t>(text.size()));
  labels_.assign(size(), FieldLabel::unread);
}

FieldLabel ReplyLines::label(std::size_t line) const {
  if (labels_[line] == FieldLabel::unread) labels_[line] = field_label(at(line));
  return labels_[line];
}

std::string_view ReplyLines::value(std::size_t line) const { return split_field(at(line)).value; }

std::string_view ReplyLines::raw(std::size_t line) const {
  std::string_view text = text_.substr(starts_[line], starts_[line + 1] - starts_[line]);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

std::string_view ReplyLines::at(std::size_t line) const { return visible(raw(line)); }

bool ReplyLines::near_end(std::size_t line) const {
  constexpr std::size_t near = 5000;
  return line < near || size() - line <= near;
}

bool ReplyLines::marked(std::size_t line) const {
  const std::string_view text = at(line);
  if (text.starts_with('>') || text.starts_with("\uFF1E") || text == "|") return true;
  return text.starts_with("| ") && text.find('|', 1) == std::string_view::npos;
}

std::size_t ReplyLines::next_written(std::size_t line) const {
  while (line < size() && blank(line)) ++line;
  return line;
}

std::string fold_line(std::string_view line) {
  return std::ranges::any_of(line, is_8bit) ? with_ascii_digits(fold_for_comparison(line)) : to_lower(line);
}

bool is_signature_delimiter(std::string_view line) { return line == "--" || line == "\u2014" || line == "\u2013"; }

bool is_rule(std::string_view line) {
  if (line == kTracker) return true;
  std::size_t drawn = 0;
  bool dashed = false;
  while (!line.empty()) {
    const auto found = std::ranges::find_if(kDrawn, [&](auto dash) { return line.starts_with(dash); });
    const bool plain = std::string_view("-_=*#~+ ").find(line.front()) != std::string_view::npos;
    if (found == kDrawn.end() && !plain) return false;
    dashed = dashed || found != kDrawn.end();
    line.remove_prefix(plain ? 1 : found->size());
    ++drawn;
  }
  return drawn >= 2 || dashed;
}

std::string_view without_marks(std::string_view line) {
  const auto first = line.find_first_not_of("> \t");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

bool holds_words(std::string_view line) {
  return std::ranges::any_of(line, [](char c) { return is_letter(c) || is_digit(c) || is_8bit(c); });
}

std::string_view without(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) + 1 - first);
}

}  // namespace ticketd
