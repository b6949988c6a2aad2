#include "daemon/ctl/status_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/ctl/time_text.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string target_text(const NextTarget& target, Time now) {
  return fmt::format("{}, {}, {}", shown_number(target.ticket), category_name(target.priority),
                     relative_time(target.due_at, now));
}

/// What a person has to see first.
std::string status_headline(std::span<const Problem> problems, std::span<const std::string> hindrances,
                            const DeskCounts& counts, Time now, const TextStyle& style) {
  std::string text;
  if (const auto& longest = counts.most_overdue; longest && counts.tickets_overdue > 0)
    text += style.red(fmt::format(
                "{} overdue, the longest: {}; see: ticketctl list --breached",
                counts.tickets_overdue == 1 ? "1 answer is" : fmt::format("{} answers are", counts.tickets_overdue),
                target_text(*longest, now))) +
            "\n";
  if (problems.empty() && hindrances.empty())
    return text + style.bold(text.empty() ? "All is well." : "The desk itself works.") + "\n";
  if (!problems.empty()) text += style.red("Needs a person:") + "\n";
  for (const auto& problem : problems)
    text += style.fitted("  " + printable_line(problem.text), Hanging::at_text) + "\n";
  if (!hindrances.empty())
    text +=
        style.bold(problems.empty() ? "Fails now, and needs a person only if it lasts:" : "Fails now as well:") + "\n";
  for (const auto& hindrance : hindrances)
    text += style.fitted("  " + printable_line(hindrance), Hanging::at_text) + "\n";
  return text;
}

}  // namespace

std::string present_status(std::span<const Problem> problems, std::span<const std::string> hindrances,
                           std::span<const MailboxHealth> mailboxes, const DeskCounts& counts, Time now,
                           const TextStyle& style) {
  std::string text = status_headline(problems, hindrances, counts, now, style);
  TextTable table({"Mailbox", "Last good poll", "Lag", "Error"});
  for (const auto& health : mailboxes)
    table.add({health.name, health.last_success_at ? relative_time(*health.last_success_at, now) : "never",
               health.lag ? fmt::format("{:.1f} s", std::chrono::duration<double>(*health.lag).count()) : "-",
               health.error.empty() ? "-" : health.error});
  text += "\n" + table.render(style);
  text += fmt::format("\nOutbox   {} queued, {} sending{}, {} deferred, {} failed, {} uncertain\n", counts.queued,
                      counts.sending,
                      counts.oldest_sending_at ? " since " + relative_time(*counts.oldest_sending_at, now) : "",
                      counts.deferred, counts.failed, counts.uncertain);
  text += fmt::format("Tickets  {} new, {} open, {} resolved, {} breached", counts.tickets_new, counts.tickets_open,
                      counts.tickets_resolved, counts.tickets_breached);
  if (counts.tickets_breached > 0)
    text += fmt::format(" ({} overdue, {} answered late)", counts.tickets_overdue,
                        counts.tickets_breached - std::min(counts.tickets_overdue, counts.tickets_breached));
  text += "\n";
  if (counts.next_target) text += fmt::format("Due next {}\n", target_text(*counts.next_target, now));
  return text;
}

}  // namespace ticketd
