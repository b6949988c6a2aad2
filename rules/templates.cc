#include "rules/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <stdexcept>
#include <variant>

#include "parsers/ascii.h"
#include "rules/embedded_templates.h"

namespace ticketd {
namespace {

// What every text may say.
constexpr std::array<std::string_view, 11> kCommon{
    "subject",   // the ticket's subject, without prefixes and tag
    "number",    // 123
    "tag",       // SUP-123, as it stands in the subject
    "category",  // Urgent, High, Normal
    "support_name", "support_address", "phone", "portal_url", "time_zone",
    "contact",  // a sentence with telephone and portal; empty when neither is configured
    "promise",  // a sentence with the target and the due time; empty when no answer is owed
};

// When an answer will come.
constexpr std::array<std::string_view, 3> kTarget{
    "category_reason",  // a sentence
    "target",           // within 30 minutes
    "due",              // by 10:30 today
};

// What each category means.
constexpr std::array<std::string_view, 6> kCategories{
    "urgent_target", "urgent_examples", "high_target", "high_examples", "normal_target", "normal_examples",
};

// What a member of the staff wrote, and who it was.
constexpr std::array<std::string_view, 2> kPerson{"text", "staff_name"};

// What follows a resolution: durations.
constexpr std::array<std::string_view, 2> kClosing{"close_after", "reopen_within"};

// What a customer whose mail was too large has to know, in sentences; else empty.
constexpr std::array<std::string_view, 1> kLarge{"size_notice"};

// When a resolution is expected: by 10:30 today.
constexpr std::array<std::string_view, 1> kEstimate{"estimate"};

// What a customer asked for in vain.
constexpr std::array<std::string_view, 1> kRefusal{"requested"};

// About a ticket, for staff.
constexpr std::array<std::string_view, 4> kStaff{
    "headline",   // New Urgent ticket
    "requester",  // name and address
    "organization",
    "state",  // a sentence: status, who has it, when an answer is due
};

// News of a ticket, for staff.
constexpr std::array<std::string_view, 3> kNews{
    "words",     // what was written or has to be done; may be empty
    "reason",    // sentences: what happened, who was told, and why
    "cut_line",  // above which an answer is written
};

// Why a staff member's mail was not carried out.
constexpr std::array<std::string_view, 2> kHelp{"refusal", "cut_line"};

// A staff member's mail that is about no single ticket.
constexpr std::array<std::string_view, 4> kWhichTicket{"mail_subject", "tag", "support_name", "cut_line"};

// Tickets that wait, for staff.
constexpr std::array<std::string_view, 5> kDigest{"tickets", "count", "what", "support_name", "cut_line"};

// An organization's standing, for staff: what has become of it and why, its tickets that changed, what can be done.
constexpr std::array<std::string_view, 7> kStanding{"headline", "organization", "reason",  "tickets",
                                                    "advice",   "support_name", "cut_line"};

// How the customer may go on when the target is missed: sentences; empty for what can't be raised.
constexpr std::array<std::string_view, 1> kBreach{"raise_offer"};

// A major incident.
constexpr std::array<std::string_view, 4> kIncident{
    "incident_title",
    "incident_text",  // what was said of it last; may be empty
    "status_url",
    "status_page",  // a sentence with it; empty when none is configured
};

// What needs a person, or does not any more: a line for each.
constexpr std::array<std::string_view, 4> kAlarm{"problems", "count", "first", "support_name"};

struct Spec {
  std::string_view file;
  std::array<std::span<const std::string_view>, 4> placeholders;
};

const std::array<Spec, 22>& specs() {
  static const std::array<Spec, 22> kSpecs{{
      {"acknowledgement.txt", {kCommon, kTarget, kLarge}},
      {"acknowledgement-incident.txt", {kCommon, kTarget, kLarge, kIncident}},
      {"acknowledgement-unlabelled.txt", {kCommon, kTarget, kCategories, kLarge}},
      {"alarm.txt", {kAlarm, {}, {}}},
      {"alarm-over.txt", {kAlarm, {}, {}}},
      {"answer-category-changed.txt", {kCommon, kTarget, {}}},
      {"answer-category-kept.txt", {kCommon, kTarget, kRefusal}},
      {"answer-mail-too-large.txt", {kCommon, kLarge, {}}},
      {"breach.txt", {kCommon, kTarget, kBreach}},
      {"closed.txt", {kCommon, kClosing, {}}},  // not built in: closing is silent without it
      {"estimate.txt", {kCommon, kPerson, kEstimate}},
      {"incident-linked.txt", {kCommon, kIncident, {}}},
      {"incident-resolved.txt", {kCommon, kPerson, kClosing, kIncident}},
      {"incident-unlinked.txt", {kCommon, {}, {}}},
      {"reply.txt", {kCommon, kPerson, {}}},
      {"resolution.txt", {kCommon, kPerson, kClosing}},
      {"staff-digest.txt", {kDigest, {}, {}}},
      {"staff-help.txt", {kCommon, kHelp, {}}},
      {"staff-news.txt", {kCommon, kStaff, kNews}},
      {"staff-page.txt", {kCommon, kStaff, {}}},
      {"staff-standing.txt", {kStanding, {}, {}}},
      {"staff-which-ticket.txt", {kWhichTicket, {}, {}}},
  }};
  return kSpecs;
}

const Spec* find_spec(std::string_view file) {
  const auto spec = std::ranges::find(specs(), file, &Spec::file);
  return spec == specs().end() ? nullptr : &*spec;
}

std::vector<std::string_view> allowed_placeholders(const Spec& spec) {
  std::vector<std::string_view> names;
  for (const auto& group : spec.placeholders) names.insert(names.end(), group.begin(), group.end());
  return names;
}

/// A stretch of a line: literal text, or the name of a placeholder.
struct Piece {
  bool is_placeholder = false;
  std::string text;
};

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

constexpr std::string_view kSubject = "Subject:";

std::optional<std::string> layout_error(const std::vector<std::string_view>& lines) {
  if (lines.empty() || !lines[0].starts_with(kSubject)) return "line 1: a template starts with \"Subject: …\"";
  if (lines.size() > 1 && !trim(lines[1]).empty()) return "line 2: a blank line must follow the subject";
  if (std::ranges::all_of(lines.begin() + 1, lines.end(), [](auto line) { return trim(line).empty(); }))
    return "the template has no text";
  return std::nullopt;
}

std::vector<std::string> placeholder_errors(std::string_view line, std::size_t number,
                                            const std::vector<std::string_view>& allowed) {
  const auto parsed = parse_line(line);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return {fmt::format("line {}: {}", number, *wrong)};
  std::vector<std::string> errors;
  for (const auto& piece : std::get<std::vector<Piece>>(parsed))
    if (piece.is_placeholder && std::ranges::find(allowed, piece.text) == allowed.end())
      errors.push_back(fmt::format("line {}: unknown placeholder {{{}}}; allowed are {{{}}}", number, piece.text,
                                   fmt::join(allowed, "}, {")));
  return errors;
}

std::vector<std::string> template_errors(const Spec& spec, std::string_view text) {
  const auto lines = split_lines(text);
  const auto allowed = allowed_placeholders(spec);
  std::vector<std::string> errors;
  if (auto wrong = layout_error(lines)) errors.push_back(std::move(*wrong));
  for (std::size_t i = 0; i < lines.size(); ++i)
    std::ranges::move(placeholder_errors(lines[i], i + 1, allowed), std::back_inserter(errors));
  return errors;
}

using Values = std::map<std::string, std::string, std::less<>>;

/// The line with its values; nullopt when all that it holds are placeholders that are empty.
std::optional<std::string> render_line(std::string_view line, const Values& values) {
  const auto parsed = parse_line(line);
  std::string result;
  bool holds_placeholder = false;
  for (const auto& piece : std::get<std::vector<Piece>>(parsed)) {
    holds_placeholder = holds_placeholder || piece.is_placeholder;
    result += piece.is_placeholder ? values.find(piece.text)->second : piece.text;
  }
  if (holds_placeholder && trim(result).empty()) return std::nullopt;
  return result;
}

/// The lines with their values. The blank line behind a dropped one goes too, when another stands before it.
std::string render_body(std::span<const std::string_view> lines, const Values& values) {
  std::string body;
  bool dropped = false;
  for (const auto line : lines) {
    const auto rendered = render_line(line, values);
    const bool is_spare = dropped && line.empty() && (body.empty() || body.ends_with("\n\n"));
    if (rendered && !is_spare) body.append(*rendered).append("\n");
    dropped = !rendered || (dropped && is_spare);
  }
  while (body.ends_with("\n\n")) body.pop_back();
  return body;
}

}  // namespace

Templates::Templates() {
  for (const auto& file : embedded_templates()) {
    const auto errors = replace(file.name, file.text);
    if (!errors.empty()) throw std::logic_error(fmt::format("{}: {}", file.name, errors.front()));
  }
}

std::vector<std::string> Templates::replace(std::string_view file, std::string_view text) {
  const auto* spec = find_spec(file);
  if (spec == nullptr) return {fmt::format("no such template; there are {}", fmt::join(files(), ", "))};
  auto errors = template_errors(*spec, text);
  if (errors.empty()) texts_.insert_or_assign(std::string(file), std::string(text));
  return errors;
}

bool Templates::has(std::string_view file) const { return texts_.contains(file); }

Templates::Rendered Templates::render(std::string_view file, const Values& values) const {
  const auto text = texts_.find(file);
  if (text == texts_.end()) throw std::logic_error(fmt::format("no template {}", file));
  for (const auto name : allowed_placeholders(*find_spec(file)))
    if (!values.contains(name)) throw std::logic_error(fmt::format("{}: no value for {{{}}}", file, name));
  const auto lines = split_lines(text->second);
  Rendered rendered;
  rendered.subject = squeeze(render_line(lines[0].substr(kSubject.size()), values).value_or(""));
  rendered.body = render_body(std::span(lines).subspan(std::min<std::size_t>(2, lines.size())), values);
  return rendered;
}

std::vector<std::string> Templates::files() {
  std::vector<std::string> names;
  for (const auto& spec : specs()) names.emplace_back(spec.file);
  return names;
}

}  // namespace ticketd
