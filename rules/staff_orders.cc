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

/// "#priority high" as its name and the rest.
struct CommandLine {
  std::string name;
  std::string argument;
};

/// A command begins with # and a letter: "#17" is a ticket that somebody writes about.
std::optional<CommandLine> read_command(std::string_view line) {
  line = trim(line);
  while (line.starts_with("\xC2\xA0")) line = trim(line.substr(2));  // no-break spaces, of HTML
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

/// The mail of ours that is answered.
class AnsweredWords {
 public:
  AnsweredWords(std::string_view text, std::string_view subject) : text_(squeeze(text)) {
    if (subject.size() >= kTelling) subject_ = subject;
    while (!text.empty())
      if (const auto line = trim(next_line(text)); line.size() >= kTelling) lines_.emplace(line);
  }
  /// Could not stand in somebody's own words by chance.
  [[nodiscard]] bool holds(std::string_view line) const {
    return lines_.contains(line) || (!subject_.empty() && line.find(subject_) != line.npos);
  }
  /// A line, or a piece of one that a mail program broke; short ones too.
  [[nodiscard]] bool may_be_quoted(std::string_view line) const { return text_.find(squeeze(line)) != text_.npos; }

 private:
  static constexpr std::size_t kTelling = 16;
  std::string text_;
  std::set<std::string, std::less<>> lines_;
  std::string subject_;
};

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

/// Is something of the mail that is answered in these words, or a quote of anything?
bool holds_quote(std::string_view words, const AnsweredWords& answered) {
  while (!words.empty()) {
    const auto line = next_line(words);
    if (trim(line).starts_with('>') || answered.holds(unquoted(line))) return true;
  }
  return false;
}

/// Where words stand that are no part of the quote.
enum class OtherWords { none, between, behind };

/// Of a quote of sane length. Words behind it may be what a mail server appends to each mail.
OtherWords other_words(std::string_view quote, const AnsweredWords& answered) {
  constexpr int kLines = 2000;
  bool has_words = false;
  for (int i = 0; i < kLines && !quote.empty(); ++i) {
    const auto line = next_line(quote);
    if (is_blank(line)) continue;
    const bool is_quoted = trim(line).starts_with('>') || answered.may_be_quoted(unquoted(line));
    if (is_quoted && has_words) return OtherWords::between;
    has_words = has_words || !is_quoted;
  }
  return has_words ? OtherWords::behind : OtherWords::none;
}

constexpr std::string_view kUncertain =
    "Your answer holds lines of the mail that it answers, and where your own words end is not certain. Please write "
    "above the line that says so, and leave that line as it is; or quote nothing at all.";

using NewText = std::variant<std::string, OrdersRefused>;

/// The newly written text, of which nothing may be of the mail that is answered. `needs_words`: without any above the
/// quote, those behind it were meant.
NewText new_text(std::string_view text, std::string_view subject, std::string_view cut_line,
                 const AnsweredWords& answered, bool needs_words) {
  const auto cut = find_cut(text, cut_line);
  if (cut == text.npos) {
    if (holds_quote(text, answered)) return OrdersRefused{std::string(kUncertain)};
    const auto split = split_reply(text, subject);
    if (split.cut != QuoteCut::none) return OrdersRefused{std::string(kUncertain)};
    return split.written(text);
  }
  auto above = written_above(text, subject, cut);
  if (holds_quote(above, answered)) return OrdersRefused{std::string(kUncertain)};
  const auto others = other_words(text.substr(cut), answered);
  if (others == OtherWords::between || (others == OtherWords::behind && above.empty() && needs_words))
    return OrdersRefused{
        "Words stand between or below the lines of the mail that your answer quotes. Please write all of them above "
        "the line that says so."};
  return above;
}

/// "#resolve" amid the text would be sent as words.
bool holds_command(std::string_view text) {
  while (!text.empty()) {
    StaffOrders ignored;
    if (const auto command = read_command(next_line(text)); command && !add_order(*command, ignored)) return true;
  }
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
    return "A command stands amid the text. Commands stand alone on the first lines, above everything else.";
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
                                                           std::string_view cut_line, const Email& answered) {
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
  auto words = new_text(rest, subject, cut_line, {answered.text, answered.subject}, orders.resolves);
  auto* refused = std::get_if<OrdersRefused>(&words);
  if (refused != nullptr && !orders.is_note) return std::move(*refused);
  orders.text = refused == nullptr ? std::move(std::get<std::string>(words)) : std::string(trim(rest));
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
