// What the text of a staff member's mail asks for.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/reply_text.h"
#include "rules/absence_note.h"
#include "rules/closing_formula.h"
#include "rules/staff_mail.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// "12" or "#12": of a ticket, or of an incident.
std::optional<TicketId> ticket_number(std::string_view words) {
  if (words.starts_with('#')) words.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), number);
  if (error != std::errc{} || end != words.data() + words.size() || number < 1) return std::nullopt;
  return TicketId{number};
}

/// "#priority high", or "# Priority high", as its name and the rest.
struct CommandLine {
  std::string name;
  std::string argument;
};

/// Without white space and what looks like it, or like nothing, at its beginning.
std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view kBlanks[] = {" ", "\t", "\r", "\u00A0", "\u202F", "\u2007", "\u200B", "\u2060", "\uFEFF"};
  for (std::size_t i = 0; i < std::size(kBlanks);)
    if (line.starts_with(kBlanks[i])) {
      line.remove_prefix(kBlanks[i].size());
      i = 0;
    } else {
      ++i;
    }
  return line;
}

/// A command begins with # and a letter: "#17" is a ticket that somebody writes about.
std::optional<CommandLine> read_command(std::string_view line) {
  line = without_blanks(trim(line));
  constexpr std::string_view kFullWidth = "\uFF03";
  const auto sign = line.starts_with('#') ? std::size_t{1} : line.starts_with(kFullWidth) ? kFullWidth.size() : 0;
  const auto words = without_blanks(line.substr(sign));
  if (sign == 0 || words.empty() || !is_letter(words[0])) return std::nullopt;
  const auto end = std::min(words.find_first_of(" \t"), words.size());
  return CommandLine{to_lower(words.substr(0, end)), std::string(trim(words.substr(end)))};
}

OrdersRefused needs(std::string_view name, std::string_view example) {
  return {fmt::format("#{} needs more: {}", name, example)};
}

using Read = std::optional<OrdersRefused>;

void add_line(std::string_view line, std::string& text) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

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

/// A number links, and a word for none unlinks.
Read read_incident_order(const CommandLine& line, StaffOrders& orders) {
  const auto incident = ticket_number(line.argument);
  const bool unlinks = is_one_of(to_lower(line.argument), {"none", "off"});
  if (!incident && !unlinks) return needs("incident", "\"#incident 3\", or \"#incident none\" to unlink the ticket.");
  IncidentCommand order;
  if (incident) order.incident = IncidentNumber{static_cast<std::int64_t>(*incident)};
  orders.commands.emplace_back(order);
  return std::nullopt;
}

Read add_order(const CommandLine& line, StaffOrders& orders) {
  const auto& [name, argument] = line;
  if (name == "note") {
    orders.is_note = true;
    add_line(argument, orders.text);
  } else if (name == "resolve" || name == "resolved") {
    orders.resolves = true;
    add_line(argument, orders.text);
  } else if (name == "take" || name == "spam") {
    if (!argument.empty()) return OrdersRefused{fmt::format("Nothing may stand behind #{} on its line.", name)};
    if (name == "take")
      orders.commands.emplace_back(TakeCommand{});
    else
      orders.commands.emplace_back(SpamCommand{});
  } else if (name == "priority") {
    return read_priority_order(line, orders);
  } else if (name == "assign") {
    if (argument.empty()) return needs(name, "\"#assign NAME\".");
    orders.commands.emplace_back(AssignCommand{argument});
  } else if (name == "estimate") {
    if (argument.empty()) return needs(name, "\"#estimate 2h\", \"#estimate 14:30\".");
    orders.commands.emplace_back(EstimateCommand{argument});
  } else if (name == "incident") {
    return read_incident_order(line, orders);
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

/// What was written above the quote. Our mail begins with the cut line: words above it that seem to be a quote are none
/// of ours, and who knows whether the writer wants to have them sent. nullopt then.
std::optional<std::string> written_above(std::string_view text, std::string_view subject, std::size_t cut) {
  std::string above;
  for (const auto& range : split_reply(text, subject).ranges) {
    if (range.start >= cut) break;
    const auto part = text.substr(range.start, std::min(range.end, cut) - range.start);
    if (range.role == TextRole::written || range.role == TextRole::context) above += part;
    if (range.role == TextRole::quoted && !fold_words(part).words.empty()) return std::nullopt;
  }
  return std::string(trim(above));
}

bool is_marked(std::string_view line) { return trim(line).starts_with('>'); }

/// Is something of the mail that is answered in these words, or a quote of anything?
bool holds_quote(std::string_view words, const AnsweredWords& answered) {
  if (answered.stand_in(words)) return true;
  while (!words.empty())
    if (is_marked(next_line(words))) return true;
  return false;
}

/// Where words stand that are no part of the quote.
enum class OtherWords { none, between, behind };

/// What mail servers append to each mail, and a signature, are nobody's answer.
bool is_appended(std::string_view words, std::string_view writer) {
  constexpr std::string_view kWords[] = {"confidential", "intended recipient", "vertraulich", "confidenti",
                                         "disclaimer"};
  const auto folded = to_lower(words);
  return trim(words).starts_with("--") || is_closing(words, writer) ||
         std::ranges::any_of(kWords, [&](std::string_view word) { return folded.find(word) != folded.npos; });
}

/// Of a quote of sane length.
OtherWords other_words(std::string_view quote, const AnsweredWords& answered, std::string_view writer) {
  constexpr int kLines = 2000;
  std::string behind;
  std::string_view rule;  // the line without words above
  AnsweredWords::Quote quoted(answered);
  for (int i = 0; i < kLines && !quote.empty(); ++i) {
    const auto line = next_line(quote);
    if (is_blank(line)) continue;
    if (fold_words(line).words.empty()) {
      rule = line;
      continue;
    }
    const bool goes_on = quoted.go_on(line);
    const bool is_quoted = goes_on || is_marked(line);
    if (is_quoted && !behind.empty()) return OtherWords::between;
    if (!is_quoted) add_line(rule, behind);
    if (!is_quoted) add_line(line, behind);
    rule = {};
  }
  return behind.empty() || is_appended(behind, writer) ? OtherWords::none : OtherWords::behind;
}

constexpr std::string_view kUncertain =
    "Your answer holds lines of the mail that it answers, and where your own words end is not certain. Please write "
    "above the line that says so, and leave that line as it is; or quote nothing at all.";

using NewText = std::variant<std::string, OrdersRefused>;

/// The newly written text, of which nothing may be of the mail that is answered. Without any above the quote, those
/// behind it were meant.
NewText new_text(std::string_view text, std::string_view subject, std::string_view cut_line,
                 const AnsweredWords& answered, std::string_view writer) {
  const auto cut = find_cut(text, cut_line);
  if (cut == text.npos) {
    if (holds_quote(text, answered)) return OrdersRefused{std::string(kUncertain)};
    const auto split = split_reply(text, subject);
    if (split.cut != QuoteCut::none) return OrdersRefused{std::string(kUncertain)};
    return split.written(text);
  }
  auto above = written_above(text, subject, cut);
  if (!above)
    return OrdersRefused{
        "Above the line that says so stand words that look like those of another mail, and it is not certain that they "
        "are to be sent. Please write them without the header or the mark in front of them."};
  if (holds_quote(*above, answered)) return OrdersRefused{std::string(kUncertain)};
  const auto others = other_words(text.substr(cut), answered, writer);
  if (others == OtherWords::between || (others == OtherWords::behind && above->empty()))
    return OrdersRefused{
        "Words stand between or below the lines of the mail that your answer quotes. Please write all of them above "
        "the line that says so."};
  return std::move(*above);
}

/// What looks like a command amid the text would be sent as words.
bool holds_command(std::string_view text) {
  while (!text.empty())
    if (read_command(next_line(text))) return true;
  return false;
}

template <class Command>
bool is_given(const StaffOrders& orders) {
  return std::ranges::any_of(orders.commands,
                             [](const auto& command) { return std::holds_alternative<Command>(command); });
}

/// Nothing goes to a spammer, nothing goes out behind a note, and the ticket that takes the other's conversation has
/// its own people. Empty when no two of the commands speak against each other.
std::string clash(const StaffOrders& orders) {
  const auto pair = [](std::string_view one, std::string_view other, std::string_view why) {
    return fmt::format("{} and {} can't stand in one mail: {}.", one, other, why);
  };
  const bool spams = is_given<SpamCommand>(orders);
  if (spams && orders.resolves) return pair("#spam", "#resolve", "a resolution is told to the sender");
  if (spams && is_given<EstimateCommand>(orders))
    return pair("#spam", "#estimate", "an estimate is told to the sender");
  if (spams && is_given<MergeCommand>(orders)) return pair("#spam", "#merge", "spam is merged into nothing");
  if (orders.is_note && orders.resolves) return pair("#note", "#resolve", "behind #note nothing is sent");
  if (orders.is_note && is_given<EstimateCommand>(orders))
    return pair("#note", "#estimate", "behind #note nothing is sent, and an estimate is told to the customer");
  if (std::ranges::count_if(orders.commands,
                            [](const auto& command) { return std::holds_alternative<IncidentCommand>(command); }) > 1)
    return "#incident can stand in one mail once: the customer is told of each.";
  const auto merge = std::ranges::find_if(
      orders.commands, [](const auto& command) { return std::holds_alternative<MergeCommand>(command); });
  if (merge != orders.commands.end() && merge + 1 != orders.commands.end())
    return "#merge must be the last command: what stands below it would be done to the other ticket.";
  return {};
}

/// Why the orders can't be meant so with their text; empty when they can.
std::string contradiction(const StaffOrders& orders, bool had_cut) {
  const bool is_sent = !orders.is_note && (orders.resolves || !orders.text.empty());
  if (is_sent && holds_command(orders.text))
    return "A line amid the text begins like a command, with #. Commands stand alone on the first lines, above "
           "everything else.";
  if (is_sent && is_given<MergeCommand>(orders))
    return "#merge and an answer can't stand in one mail: other people take part in the other ticket.";
  const bool does_nothing = orders.commands.empty() && !orders.resolves && orders.text.empty();
  if (does_nothing)
    return had_cut ? "Nothing stands above the line above which an answer is written."
                   : "There is neither a command nor a text in it.";
  return {};
}

}  // namespace

std::variant<StaffOrders, OrdersRefused> read_staff_orders(std::string_view text, std::string_view subject,
                                                           std::string_view cut_line, const AnsweredWords& answered,
                                                           std::string_view writer) {
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
  if (auto why = clash(orders); !why.empty()) return OrdersRefused{std::move(why)};
  if (is_given<SpamCommand>(orders)) orders.is_note = true;  // nobody explains himself to a spammer
  if (!orders.is_note && answered.stand_in(orders.text)) return OrdersRefused{std::string(kUncertain)};
  auto words = new_text(rest, subject, cut_line, answered, writer);
  auto* refused = std::get_if<OrdersRefused>(&words);
  if (refused != nullptr && !orders.is_note) return std::move(*refused);
  const auto& below = refused == nullptr ? std::get<std::string>(words) : std::string(trim(rest));
  const bool is_ordered = !orders.commands.empty() || orders.resolves;
  if (!is_ordered || !is_closing(below, writer)) add_line(below, orders.text);
  if (!is_ordered && !orders.is_note && is_absence_note(orders.text))
    return OrdersRefused{
        "It reads like a note that somebody is away, which is no answer. If it is meant for the customer, begin it "
        "with "
        "#take or #estimate on a line of its own."};
  if (auto why = contradiction(orders, find_cut(text, cut_line) != text.npos); !why.empty())
    return OrdersRefused{std::move(why)};
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
