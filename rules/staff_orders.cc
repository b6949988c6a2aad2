// What the text of a staff member's mail asks for.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/reply_text.h"
#include "rules/staff_mail.h"

namespace ticketd {
namespace {

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::optional<TicketId> ticket_number(std::string_view words) {
  if (words.starts_with('#')) words.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), number);
  if (error != std::errc{} || end != words.data() + words.size() || number < 1) return std::nullopt;
  return TicketId{number};
}

/// "#priority high" as its name and the rest.
struct CommandLine {
  std::string name;
  std::string argument;
};

/// A command begins with # and a letter: "#17" is a ticket that somebody writes about.
std::optional<CommandLine> read_command(std::string_view line) {
  line = trim(line);
  if (line.size() < 2 || line[0] != '#' || !is_letter(line[1])) return std::nullopt;
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  return CommandLine{to_lower(line.substr(1, end - 1)), std::string(trim(line.substr(end)))};
}

OrdersRefused needs(std::string_view name, std::string_view example) {
  return {fmt::format("#{} needs more: {}", name, example)};
}

using Read = std::optional<OrdersRefused>;

Read read_priority_order(const CommandLine& line, StaffOrders& orders) {
  const auto end = std::min(line.argument.find_first_of(" \t"), line.argument.size());
  const auto priority = priority_from_name(line.argument.substr(0, end));
  if (!priority) return needs("priority", "\"#priority urgent\", high or normal; a reason may follow.");
  constexpr std::string_view kMercy = "--no-strike";
  auto reason = trim(std::string_view(line.argument).substr(end));
  const bool spares = reason.starts_with(kMercy);
  if (spares) reason = trim(reason.substr(kMercy.size()));
  orders.commands.emplace_back(PrioritizeCommand{*priority, std::string(reason), !spares});
  return std::nullopt;
}

Read add_order(const CommandLine& line, StaffOrders& orders) {
  const auto& [name, argument] = line;
  if (name == "note") {
    orders.is_note = true;
  } else if (name == "resolve" || name == "resolved") {
    orders.resolves = true;
  } else if (name == "take") {
    orders.commands.emplace_back(TakeCommand{});
  } else if (name == "spam") {
    orders.commands.emplace_back(SpamCommand{});
  } else if (name == "priority") {
    return read_priority_order(line, orders);
  } else if (name == "assign") {
    if (argument.empty()) return needs(name, "\"#assign NAME\".");
    orders.commands.emplace_back(AssignCommand{argument});
  } else if (name == "estimate") {
    if (argument.empty()) return needs(name, "\"#estimate 2h\", \"#estimate 14:30\".");
    orders.commands.emplace_back(EstimateCommand{argument});
  } else if (name == "merge") {
    const auto into = ticket_number(argument);
    if (!into) return needs(name, "\"#merge 12\", the ticket that takes this one's conversation.");
    orders.commands.emplace_back(MergeCommand{*into});
  } else {
    return OrdersRefused{fmt::format("There is no command \"#{}\".", printable_line(name))};
  }
  return std::nullopt;
}

bool is_blank(std::string_view line) { return trim(line).empty(); }

/// Lines of a mail of ours that could not be anybody else's words by chance.
std::set<std::string, std::less<>> telling_lines(std::string_view text) {
  constexpr std::size_t kTelling = 16;
  std::set<std::string, std::less<>> lines;
  while (!text.empty())
    if (const auto line = trim(next_line(text)); line.size() >= kTelling) lines.emplace(line);
  return lines;
}

/// A line as it stood before somebody quoted it.
std::string_view unquoted(std::string_view line) {
  line = trim(line);
  while (line.starts_with('>')) line = trim(line.substr(1));
  return line;
}

/// Where the line begins in which the cut line stands, however it was quoted; npos when it is not there.
std::size_t find_cut(std::string_view text, std::string_view cut_line) {
  const auto at = cut_line.empty() ? text.npos : text.find(cut_line);
  if (at == text.npos) return at;
  const auto before = text.rfind('\n', at);
  return before == text.npos ? 0 : before + 1;
}

/// What was written above the quote.
std::string written_above(std::string_view text, std::string_view subject, std::size_t cut) {
  std::string above;
  for (const auto& range : split_reply(text, subject).ranges) {
    if (range.start >= cut) break;
    if (range.role != TextRole::written && range.role != TextRole::context) continue;
    above += text.substr(range.start, std::min(range.end, cut) - range.start);
  }
  return std::string(trim(above));
}

bool holds_any(std::string_view text, const std::set<std::string, std::less<>>& lines, bool quotes_too) {
  while (!text.empty()) {
    const auto line = next_line(text);
    if (trim(line).starts_with('>') && quotes_too) return true;
    if (lines.contains(unquoted(line))) return true;
  }
  return false;
}

/// The newly written text; nullopt where something of the mail that is answered may be left in it.
std::optional<std::string> new_text(std::string_view text, std::string_view subject, std::string_view cut_line,
                                    std::string_view answered) {
  const auto lines = telling_lines(answered);
  const auto cut = find_cut(text, cut_line);
  if (cut == text.npos) {
    if (holds_any(text, lines, true)) return std::nullopt;
    const auto split = split_reply(text, subject);
    if (split.cut != QuoteCut::none) return std::nullopt;
    return split.written(text);
  }
  auto above = written_above(text, subject, cut);
  if (holds_any(above, lines, true)) return std::nullopt;
  return above;
}

}  // namespace

std::variant<StaffOrders, OrdersRefused> read_staff_orders(std::string_view text, std::string_view subject,
                                                           std::string_view cut_line, std::string_view answered) {
  StaffOrders orders;
  auto rest = text;
  while (!rest.empty()) {
    auto behind = rest;
    const auto line = next_line(behind);
    const auto command = read_command(line);
    if (!command && !is_blank(line)) break;
    if (command)
      if (auto refused = add_order(*command, orders)) return std::move(*refused);
    rest = behind;
  }
  auto words = new_text(rest, subject, cut_line, answered);
  if (!words && !orders.is_note)
    return OrdersRefused{
        "Your answer holds lines of the mail that it answers, and where your own words end is not certain. Please "
        "write above the line that says so, and leave that line as it is; or quote nothing at all."};
  orders.text = words ? std::move(*words) : std::string(trim(rest));
  if (orders.is_note && orders.resolves) return OrdersRefused{"#note and #resolve can't stand in one mail."};
  return orders;
}

bool orders_priority(std::string_view text) {
  while (!text.empty()) {
    const auto line = next_line(text);
    const auto command = read_command(line);
    if (!command && !is_blank(line)) return false;
    if (command && command->name == "priority") return true;
  }
  return false;
}

std::optional<TicketId> merge_target_of(std::string_view text) {
  while (!text.empty()) {
    const auto line = next_line(text);
    const auto command = read_command(line);
    if (!command && !is_blank(line)) return std::nullopt;
    if (command && command->name == "merge") return ticket_number(command->argument);
  }
  return std::nullopt;
}

}  // namespace ticketd
