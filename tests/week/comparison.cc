// The desk held against the model, and what is said where they differ.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "tests/week/rehearsal.h"

namespace ticketd::week {
namespace {

/// The events that the model knows of.
constexpr std::array kKinds{
    "ticket_opened",  "message_added",           "ticket_reopened",   "ticket_closed",    "ticket_resolved",
    "ticket_linked",  "incident_linked",         "category_kept",     "category_changed", "category_confirmed",
    "raise_refused",  "label_ignored",           "stranger_wrote",    "bounce_received",  "automatic_reply_received",
    "ticket_taken",   "ticket_assigned",         "estimate_given",    "estimate_passed",  "response_breached",
    "response_close", "strike_counted",          "strike_spared",     "incident_over",    "incident_unlinked",
    "customer_spoke", "organization_downgraded", "staff_mail_refused"};

std::string lines(const std::vector<std::string>& all) { return fmt::format("    {}\n", fmt::join(all, "\n    ")); }

std::string shown(const WallClock& clock, std::optional<Time> at) { return at ? clock.shown(*at) : "-"; }

std::string_view shown(std::optional<Priority> priority) { return priority ? category_name(*priority) : "-"; }

}  // namespace

std::string Rehearsal::described(const Case& c) const {
  const auto& clock = model_.clock();
  return fmt::format(
      "{} of {} by {}, {}, asked {}, {}, {}; has {}\n  reported {}\n  due {}\n  warn {}\n  answered {}\n  estimate "
      "{}\n  resolved {}\n  closed {}\n  warned {}, breach told {}, breached {}\n  incident {}, waits {}, suspended "
      "{}, spoke {}",
      category_name(c.priority), c.organization, c.requester, channel_name(c.channel), shown(c.requested),
      c.labelled ? "labelled" : "unlabelled", name_of(c.status), c.assignee, clock.shown(c.reported),
      shown(clock, c.due), shown(clock, c.warn), shown(clock, c.answered), shown(clock, c.estimate),
      shown(clock, c.resolved), shown(clock, c.closed), c.warned, c.breach_told, c.is_breached(now_), c.incident,
      c.waits, c.suspended, c.spoke);
}

std::string Rehearsal::described(const Ticket& t) const {
  const auto& clock = model_.clock();
  return fmt::format(
      "{} of {} by {}, {}, asked {}, {}, {}; has {}\n  reported {}\n  due {}\n  warn {}\n  answered {}\n  estimate "
      "{}\n  resolved {}\n  closed {}\n  warned {}, breach told {}, breached {}\n  incident {}, waits {}, suspended "
      "{}, spoke {}",
      category_name(t.priority), t.organization, t.requester.addr_spec, channel_name(t.channel),
      shown(t.requested_priority), t.labelled ? "labelled" : "unlabelled", name_of(t.status), t.assignee,
      clock.shown(t.reported_at), shown(clock, t.response_due_at), shown(clock, t.warn_at),
      shown(clock, t.responded_at), shown(clock, t.estimate_at), shown(clock, t.resolved_at), shown(clock, t.closed_at),
      t.notices.warned_at.has_value(), t.notices.breach_told_at.has_value(), is_breached(t, now_),
      t.incident.value_or(0), t.waits_for_incident, t.clock_suspended, t.customer_spoke);
}

/// A ticket's mails and events.
std::string Rehearsal::story(int ticket) {
  std::string text;
  for (const auto& mail : post_.mails(ticket))
    if (!mail.octets.empty()) text += fmt::format("  --- {}\n{}\n", model_.clock().shown(mail.at), mail.octets);
  for (const auto& event : desk_->store().events(TicketId{ticket}))
    text += fmt::format("  {} {} {}: {}\n", model_.clock().shown(event.at), event.actor, event.kind, event.detail);
  return text;
}

void Rehearsal::differ(const std::string& what, int ticket, const std::string& model, const std::string& desk) {
  if (!difference_.empty()) return;
  difference_ = fmt::format("seed {}, {}: {}\nticket #{}\nby the model:\n{}\nby the desk:\n{}\n", seed_,
                            model_.clock().shown(now_), what, ticket, model, desk);
  if (ticket == 0) return;
  const auto row = desk_->store().ticket(TicketId{ticket});
  difference_ += fmt::format("model: {}\ndesk: {}\n{}", described(model_.ticket(ticket)),
                             row ? described(row->ticket) : "there is none", story(ticket));
}

void Rehearsal::compare(const std::string& what, const Expected& expected) {
  auto mails = drain(), wanted = expected.mails;
  for (const auto& mail : mails) {
    const auto event = mail.find(' ') + 1;
    ++counts_["told " + mail.substr(event, mail.find(' ', event) - event)];
  }
  std::ranges::sort(mails);
  std::ranges::sort(wanted);
  std::vector<std::string> lacking, beyond;
  std::ranges::set_difference(wanted, mails, std::back_inserter(lacking));
  std::ranges::set_difference(mails, wanted, std::back_inserter(beyond));
  if (!lacking.empty() || !beyond.empty()) {
    const auto& one = lacking.empty() ? beyond.front() : lacking.front();
    const int ticket = std::stoi(one.substr(one.find('#') + 1));
    return differ(what, ticket, lines(lacking) + "  and, as the desk:\n" + lines(wanted), lines(beyond));
  }
  for (const int ticket : expected.touched) {
    if (!difference_.empty()) return;
    compare_ticket(ticket);
    if (!difference_.empty()) difference_ = what + "\n" + difference_;
  }
}

void Rehearsal::compare_ticket(int number) {
  const auto row = desk_->store().ticket(TicketId{number});
  const auto model = described(model_.ticket(number));
  const auto desk = row ? described(row->ticket) : std::string("there is none");
  if (model != desk) differ("a ticket is not as it should be", number, model, desk);
}

void Rehearsal::compare_all() {
  for (const auto& c : model_.cases())
    if (difference_.empty()) compare_ticket(c.number);
  const int next = static_cast<int>(model_.cases().size()) + 1;
  if (difference_.empty() && desk_->store().ticket(TicketId{next})) differ("a ticket too many", 0, "", "");
}

/// What became of it, and when: its category over time, reopenings, refusals, what changed nothing.
void Rehearsal::compare_log(int number) {
  auto model = model_.ticket(number).log;
  std::vector<std::string> desk;
  for (const auto& event : desk_->store().events(TicketId{number})) {
    if (std::ranges::find(kKinds, event.kind) == kKinds.end()) continue;
    desk.push_back(fmt::format("{} {}", model_.clock().shown(event.at), event.kind));
    ++counts_[event.kind];
  }
  std::ranges::sort(model);
  std::ranges::sort(desk);
  if (model != desk) differ("another history", number, lines(model), lines(desk));
}

void Rehearsal::compare_standings() {
  const auto expected = model_.strikes();
  std::set<std::string> organizations;
  for (const auto& c : model_.cases()) organizations.insert(c.organization);
  for (const auto& name : organizations) {
    Model::StrikeCount count;
    for (const auto& strike : desk_->store().strikes(name)) ++(strike.is_settled ? count.settled : count.counting);
    const auto found = expected.find(name);
    const auto wanted = found == expected.end() ? Model::StrikeCount{} : found->second;
    auto until = desk_->store().organization_record(name, world_.start, now_).downgraded_until;
    if (until && *until <= now_) until.reset();
    const auto in_words = [&](const Model::StrikeCount& c, std::optional<Time> at) {
      return fmt::format("{} strikes, {} settled, downgraded until {}", c.counting, c.settled,
                         shown(model_.clock(), at));
    };
    const auto model = in_words(wanted, model_.downgraded_until(name)), desk = in_words(count, until);
    if (model != desk) differ("the standing of " + name, 0, model, desk);
  }
}

}  // namespace ticketd::week
