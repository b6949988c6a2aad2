#include "daemon/desk/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "daemon/desk/batch_reader.h"
#include "daemon/desk/mail_work.h"
#include "parsers/printable.h"
#include "rules/acknowledgement.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/organization_names.h"
#include "rules/staff_notice.h"
#include "rules/timers.h"

namespace ticketd {
namespace {

constexpr Duration kStuckPause = std::chrono::minutes{1};

std::optional<TicketId> ticket_of(const Decision& decision) {
  return decision.ticket ? std::optional(decision.ticket->number) : decision.linked_ticket;
}

FiledMail filed_mail(const FetchedMail& mail, const Decided& decided, const ServerDuties& duties) {
  FiledMail filed;
  filed.uid = mail.uid;
  filed.outcome = decided.decision.outcome;
  filed.ticket = ticket_of(decided.decision);
  filed.reason = decided.decision.reason;
  filed.failed = filed.outcome == Outcome::quarantined || filed.outcome == Outcome::oversize;
  filed.untouched =
      (mail.arrived.backlog && mail.arrived.silent) || (duties.deletes && filed.outcome == Outcome::ignored);
  if (decided.query) filed.message_id = decided.query->message_id;
  filed.writes_mail = !decided.decision.outgoing.empty();
  return filed;
}

LedgerEntry ledger_entry(const MailboxState& mailbox, const FetchedMail& mail, const FiledMail& filed,
                         const ServerDuties& duties, Time now) {
  LedgerEntry entry;
  entry.mailbox = mailbox.name;
  entry.uid_validity = mailbox.uid_validity;
  entry.uid = filed.uid;
  entry.outcome = filed.outcome;
  entry.ticket = filed.ticket;
  entry.at = now;
  entry.reason = filed.reason;
  const bool owed = !filed.untouched && (filed.failed ? duties.failed : duties.processed);
  entry.action = owed ? ServerAction::pending : ServerAction::none;
  entry.internal_date = mail.internal_date;
  entry.listed_size = mail.listed_size;
  return entry;
}

std::unordered_set<std::uint32_t> unrecorded_uids(Store& store, const MailboxState& mailbox,
                                                  std::span<const FetchedMail> mails) {
  std::vector<Uid> uids;
  uids.reserve(mails.size());
  for (const auto& mail : mails) uids.push_back(mail.uid);
  std::unordered_set<std::uint32_t> fresh;
  for (const Uid uid : store.unrecorded(mailbox.name, mailbox.uid_validity, uids))
    fresh.insert(static_cast<std::uint32_t>(uid));
  return fresh;
}

/// nullptr where it is not worth its thread, or the system has none.
std::unique_ptr<FramePacker> make_packer(const BatchReader& reader, DeathMark* mark) {
  if (!reader.reads_ahead()) return nullptr;
  try {
    return std::make_unique<FramePacker>(mark);
  } catch (const std::system_error&) {
    return nullptr;
  }
}

/// Whose tickets are; nothing that is on record moves to another name.
OrganizationNaming naming_by(const std::shared_ptr<const DeskRules>& rules) {
  return {[rules](auto recorded, auto requester) { return owner_of(recorded, requester, rules->ruleset); }, {}};
}

/// And strikes and standing go over to the name that an organization has now.
OrganizationNaming renaming_by(const std::shared_ptr<const DeskRules>& rules) {
  auto naming = naming_by(rules);
  naming.successor_of = [rules](auto recorded, auto requester) {
    return successor_of(recorded, requester, rules->ruleset);
  };
  return naming;
}

}  // namespace

Desk::Desk(Store store, std::shared_ptr<const DeskRules> rules, NowSource now, TokenSource tokens)
    : store_(std::move(store)), rules_(std::move(rules)), now_(std::move(now)), tokens_(std::move(tokens)) {
  store_.use_naming(naming_by(rules_));
}

void Desk::mark_deaths_in(const std::filesystem::path& path) { mark_ = std::make_unique<DeathMark>(path); }

void Desk::use(std::shared_ptr<const DeskRules> rules) {
  rules_ = std::move(rules);
  rescheduled_up_to_ = TicketId{};
  page_due_at_ = Time::min();
  store_.use_naming(renaming_by(rules_));
}

std::vector<FiledMail> Desk::file(const MailboxState& mailbox, const ServerDuties& duties,
                                  std::span<const FetchedMail> mails, Uid cursor) {
  BatchReader reader(mailbox, mails, *rules_, mark_.get());
  const Batch batch{mailbox, duties, mails, cursor, reader};
  try {
    return file(batch, false);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception&) {  // one of them can't be worked on: each by itself now
    return file(batch, true);
  }
}

/// In one transaction. When a mail fails, it is taken back by itself, or else all of them are.
std::vector<FiledMail> Desk::file(const Batch& batch, bool takes_back) {
  const auto& [mailbox, duties, mails, cursor, reader] = batch;
  Store::Transaction transaction(store_);
  auto fresh = unrecorded_uids(store_, mailbox, mails);
  const auto packer = takes_back ? nullptr : make_packer(reader, mark_.get());
  std::vector<FiledMail> result;
  result.reserve(mails.size());
  for (std::size_t i = 0; i < mails.size(); ++i) {
    const auto& read = reader.get(i);
    if (fresh.erase(static_cast<std::uint32_t>(mails[i].uid)) == 0) continue;
    const Time now = now_();
    const DeathMark::Work work(mark_.get(), reader.name(i));
    const auto decided = decide_or_quarantine(
        {store_, *rules_, tokens_, mails[i].arrived, now, takes_back, packer.get(), reader.name(i)}, read,
        reader.deaths(i));
    result.push_back(filed_mail(mails[i], decided, duties));
    auto entry = ledger_entry(mailbox, mails[i], result.back(), duties, now);
    entry.quarantine = decided.quarantine;
    store_.record(entry);
  }
  if (packer)
    for (const auto& frame : packer->finish()) store_.add_outgoing_octets(frame.outbox, frame.octets);
  store_.advance_cursor(mailbox.name, mailbox.uid_validity, cursor);
  transaction.commit();
  return result;
}

Decision Desk::ingest(const ArrivedMail& arrived) {
  const auto read = read_mail(arrived, *rules_);
  Store::Transaction transaction(store_);
  auto decided = decide_or_quarantine({store_, *rules_, tokens_, arrived, now_()}, read);
  transaction.commit();
  return std::move(decided.decision);
}

Decision Desk::explain(const ArrivedMail& arrived) {
  const auto read = read_mail(arrived, *rules_);
  return std::move(decide_only({store_, *rules_, tokens_, arrived, now_()}, read).decision);
}

std::optional<Decision> Desk::retry_quarantined(std::int64_t id, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto arrived = store_.quarantined_mail(id);
  if (!arrived) return std::nullopt;
  const auto read = read_mail(*arrived, *rules_);
  auto decided = decide_and_apply({store_, *rules_, tokens_, *arrived, now_()}, read);
  if (decided.decision.outcome == Outcome::quarantined) return std::move(decided.decision);
  const auto number = ticket_of(decided.decision);
  const auto how = fmt::format("Mail {} taken out of quarantine by {}.", id, name_of_actor(actor));
  store_.settle_quarantined(id, decided.decision.outcome, number, decided.decision.reason + " " + how);
  Decision note;
  note.events.push_back({number.value_or(TicketId{}), now_(), name_of_actor(actor), "taken_out_of_quarantine", how});
  store_.apply(note, {}, nullptr, now_());
  transaction.commit();
  return std::move(decided.decision);
}

bool Desk::drop_quarantined(std::int64_t id, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto found = store_.quarantined(id);
  if (!found) return false;
  const Time now = now_();
  const auto how = fmt::format("{} Dropped by {}.", found->reason, name_of_actor(actor));
  store_.settle_quarantined(id, Outcome::quarantined, std::nullopt, how);
  Decision note;  // the only trace of a mail that came through the pipe: the ledger has none
  note.events.push_back({TicketId{}, now, name_of_actor(actor), "dropped_from_quarantine",
                         fmt::format("Mail {} of {}, {} octets: {}", id, found->mailbox, found->size, how)});
  store_.apply(note, {}, nullptr, now);
  transaction.commit();
  return true;
}

bool Desk::clear_undeliverable(std::string_view address, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto listed = store_.undeliverable(address);
  if (!listed) return false;
  const Time now = now_();
  Decision decision;
  decision.deliverable.push_back(listed->address);
  decision.events.push_back({listed->ticket.value_or(TicketId{}), now, name_of_actor(actor), "address_deliverable",
                             "Mail goes to " + printable_line(listed->address) + " again: " + name_of_actor(actor) +
                                 " says so. It had come back: " + printable_line(listed->reason)});
  store_.apply(decision, {}, nullptr, now);
  transaction.commit();
  return true;
}

/// Why what is due can't be done: the ticket waits for a person then, and holds up no other. nullopt: it is done.
std::optional<std::string> Desk::check_ticket(const Ticket& ticket, TimerRun& run) {
  Store::Savepoint savepoint(store_);
  const Time now = now_();
  const auto context =
      store_.load_command_context(ticket.number, {}, {}, {now - rules_->ruleset.page_limit.window, now});
  try {
    auto decided = decide_timer(context, rules_->ruleset, rules_->templates, now, tokens_);
    if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(refusal->reason);
    const auto& decision = std::get<Decision>(decided);
    store_.apply(decision, {}, nullptr, now);
    run.writes_mail = run.writes_mail || !decision.outgoing.empty();
    if (decision.ticket->status == TicketStatus::closed) run.closed.push_back(ticket.number);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  }
  savepoint.release();
  return std::nullopt;
}

void Desk::bring_forward(Duration retry_max) {
  const Time now = now_();
  const auto& ruleset = rules_->ruleset;
  const Time opening = next_opening(now, ruleset).value_or(now);
  Store::Transaction transaction(store_);
  store_.bring_forward(now, now + retry_max, std::max(opening, now + ruleset.page_repeat));
  for (auto& ticket : store_.tickets_paged_after(now)) {
    Decision decision;
    decision.ticket = with_page_brought_forward(std::move(ticket), ruleset, now);
    store_.apply(decision, {}, nullptr, now);
  }
  transaction.commit();
}

/// Sends what waited to be told with others. True when more of it is due.
bool Desk::tell_digests(TimerRun& run) {
  constexpr std::size_t kMost = 20'000;  // a flood makes one mail, not many
  const Time now = now_();
  const auto due = store_.due_digest(now, kMost);
  if (due.empty()) return false;
  const auto decision = decide_digests(due, rules_->ruleset, rules_->templates, now, tokens_);
  store_.apply(decision, {}, nullptr, now);
  run.writes_mail = run.writes_mail || !decision.outgoing.empty();
  return due.size() == kMost;
}

/// Of organizations whose time has come. True when more of them are due.
bool Desk::end_downgrades(TimerRun& run) {
  constexpr std::size_t kBatch = 100;
  const Time now = now_();
  const auto ended = store_.ended_downgrades(now, kBatch);
  for (const auto& record : ended) {
    const auto decision = decide_downgrade_over(record, rules_->ruleset, rules_->templates, now, tokens_);
    store_.apply(decision, {}, nullptr, now);
    run.writes_mail = run.writes_mail || !decision.outgoing.empty();
  }
  return ended.size() == kBatch;
}

/// After a change of the rules: when each ticket is to be looked at, a part of them at a time.
void Desk::reschedule() {
  constexpr std::size_t kBatch = 500;
  const auto tickets = store_.scheduled_tickets(*rescheduled_up_to_, kBatch);
  for (const auto& ticket : tickets)
    if (const auto at = next_check(ticket, rules_->ruleset); at != ticket.check_at) store_.set_check(ticket.number, at);
  rescheduled_up_to_.reset();
  if (tickets.size() == kBatch) rescheduled_up_to_ = tickets.back().number;
}

Desk::TimerRun Desk::run_timers() {
  TimerRun run;
  auto settled = settle_incidents();
  try {
    run = run_ticket_timers();
    keep_status_page(run);
  } catch (const StoreBusy&) {
    run.is_busy = true;
  }
  run.writes_mail = run.writes_mail || settled.writes_mail;
  if (!settled.is_through)
    run.next = now_();
  else if (settled.waits_on)
    run.next = std::min(run.next.value_or(Time::max()), now_() + kStuckPause);
  run.stuck.insert(run.stuck.end(), settled.stuck.begin(), settled.stuck.end());
  return run;
}

Desk::TimerRun Desk::run_ticket_timers() {
  constexpr std::size_t kBatch = 100, kMostTried = 1000;
  TimerRun run;
  const Time now = now_();
  run.next = store_.next_check(Time::min());  // nothing is locked while nothing is due
  if (!rescheduled_up_to_ && (!run.next || *run.next > now)) return run;
  Store::Transaction transaction(store_);
  if (rescheduled_up_to_) reschedule();
  const bool has_more_news = tell_digests(run);
  const bool has_more_ends = end_downgrades(run);
  auto reached = std::exchange(timers_reached_, std::nullopt);
  bool is_through = false;
  std::size_t done = 0;
  while (!is_through && done < kBatch && done + run.stuck.size() < kMostTried) {
    const auto due = store_.due_tickets(now, kBatch - done, reached ? &*reached : nullptr);
    is_through = due.empty();
    for (const auto& ticket : due) {
      const auto reason = check_ticket(ticket, run);
      if (reason) store_.note_stuck(ticket, *reason);
      if (reason) run.stuck.push_back(ticket.number);
      if (!reason) ++done;
      reached = ticket;
    }
  }
  run.next = store_.next_check(now);
  if (!is_through || has_more_news || has_more_ends || rescheduled_up_to_) run.next = now;
  if (!run.stuck.empty()) run.next = std::min(run.next.value_or(Time::max()), now + kStuckPause);
  transaction.commit();
  if (!is_through) timers_reached_ = std::move(reached);
  return run;
}

AlarmDecision Desk::note_problems(std::span<const Problem> problems) {
  const Time now = now_();
  auto decided = decide_alarms(problems, store_.alarms(), rules_->ruleset, rules_->templates, now, tokens_);
  if (!decided.is_changed) return decided;
  Store::Transaction transaction(store_);
  Decision mails;
  mails.outgoing = decided.outgoing;
  store_.apply(mails, {}, nullptr, now);
  store_.write_alarms(decided.alarms);
  transaction.commit();
  return decided;
}

std::optional<std::variant<TicketId, Refusal>> Desk::command(std::optional<TicketId> ticket,
                                                             const StaffCommand& command, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto* opening = std::get_if<NewCommand>(&command);
  const auto organization = opening ? organization_of(opening->from.addr_spec, rules_->ruleset) : std::string();
  const auto* merging = std::get_if<MergeCommand>(&command);
  const auto other = merging ? std::optional(merging->into) : std::nullopt;
  const Time now = now_();
  auto context =
      store_.load_command_context(ticket, organization, other, {now - rules_->ruleset.page_limit.window, now});
  if (ticket && !context.ticket) return std::nullopt;
  if (context.ticket && std::holds_alternative<PrioritizeCommand>(command))
    context.record = store_.organization_record(context.ticket->organization, now - rules_->ruleset.abuse_window, now);
  if (context.ticket && std::holds_alternative<IncidentCommand>(command))
    context.answers = store_.answer_counts(*context.ticket, answer_windows(rules_->ruleset, now));
  auto decided = decide_command(command, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
  if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(*refusal);
  const auto applied = store_.apply(std::get<Decision>(decided), {}, nullptr, now);
  transaction.commit();
  return applied.ticket.value_or(ticket.value_or(TicketId{}));
}

std::optional<Refusal> Desk::change_standing(std::string_view organization, OrganizationCommand wanted,
                                             const Actor& actor) {
  Store::Transaction transaction(store_);
  const Time now = now_();
  CommandContext context;
  context.record = store_.organization_record(organization, now - rules_->ruleset.abuse_window, now);
  auto decided = decide_organization(wanted, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
  if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(*refusal);
  store_.apply(std::get<Decision>(decided), {}, nullptr, now);
  transaction.commit();
  return std::nullopt;
}

}  // namespace ticketd
