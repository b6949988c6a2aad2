#include "daemon/desk/desk.h"

#include <algorithm>
#include <exception>
#include <unordered_set>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/classify.h"
#include "rules/closing.h"
#include "rules/command_case.h"

namespace ticketd {
namespace {

/// What one mail leads to, with the key that recognises it when it comes again.
struct Decided {
  Decision decision;
  std::optional<ContextQuery> query;
  std::optional<std::int64_t> quarantine;
};

using ReadMail = std::variant<Email, ParseError>;

Decided decide(Store& store, const DeskRules& rules, const TokenSource& tokens, const ArrivedMail& arrived,
               const ReadMail& read, Time now) {
  if (const auto* error = std::get_if<ParseError>(&read)) return {decide_unreadable(arrived, error->reason), {}, {}};
  const auto& email = std::get<Email>(read);
  auto query = lookup_for(email, arrived, rules.ruleset, now);
  const auto context = store.load_context(query);
  return {decide_mail(email, arrived, context, rules.ruleset, rules.templates, now, tokens), std::move(query), {}};
}

Decided apply_or_throw(Store& store, const DeskRules& rules, const TokenSource& tokens, const ArrivedMail& arrived,
                       const ReadMail& read, Time now) {
  Store::Savepoint savepoint(store);
  auto decided = decide(store, rules, tokens, arrived, read, now);
  if (decided.decision.outcome == Outcome::quarantined) return decided;
  store.apply(decided.decision, arrived.octets, decided.query ? &*decided.query : nullptr, now);
  savepoint.release();
  return decided;
}

ReadMail read_mail(const ArrivedMail& arrived, const ParseLimits& limits) {
  try {
    return parse_email(arrived.octets, limits);
  } catch (const std::exception& error) {
    return ParseError{std::string("The mail could not be read: ") + error.what()};
  }
}

/// Of a mail that can't be worked on as a whole: its header, and the beginning of its text as it stands there.
ReadMail read_core(const ArrivedMail& arrived, const ParseLimits& limits, const std::string& why) {
  constexpr std::size_t kLongestHeader = 64 * 1024, kText = 10'000;
  const std::string_view octets = std::string_view(arrived.octets).substr(0, kLongestHeader + kText);
  const auto crlf = octets.find("\r\n\r\n"), lf = octets.find("\n\n");
  const auto end = std::min({crlf == octets.npos ? octets.npos : crlf + 2, lf == octets.npos ? octets.npos : lf + 1,
                             std::min(octets.size(), kLongestHeader)});
  ArrivedMail head;
  head.octets = octets.substr(0, end);
  auto read = read_mail(head, limits);
  if (auto* email = std::get_if<Email>(&read)) {
    std::string text(trim(octets.substr(end, kText)));
    std::erase(text, '\r');
    email->text = printable_text(text);
    email->attachments.clear();
    email->defects.push_back("only its header and its beginning could be worked on: " + why);
  }
  return read;
}

/// nullopt, and nothing written, when that throws: why.
std::optional<Decided> try_to_apply(Store& store, const DeskRules& rules, const TokenSource& tokens,
                                    const ArrivedMail& arrived, const ReadMail& read, Time now, std::string& why) {
  try {
    return apply_or_throw(store, rules, tokens, arrived, read, now);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    why = error.what();
    return std::nullopt;
  }
}

/// Decided and applied. What reading or deciding stumbles over is left out, and the header with the beginning of the
/// text becomes a ticket all the same. A mail of which nothing can be used writes nothing: its outcome is
/// "quarantined".
Decided decide_and_apply(Store& store, const DeskRules& rules, const TokenSource& tokens, const ArrivedMail& arrived,
                         const ReadMail& read, Time now) {
  std::string why;
  if (const auto* error = std::get_if<ParseError>(&read)) why = error->reason;
  if (why.empty())
    if (auto decided = try_to_apply(store, rules, tokens, arrived, read, now, why)) return std::move(*decided);
  const auto core = read_core(arrived, rules.limits, why);
  if (std::holds_alternative<Email>(core))
    if (auto decided = try_to_apply(store, rules, tokens, arrived, core, now, why)) return std::move(*decided);
  return {decide_unreadable(arrived, "The mail could not be worked on: " + why), {}, {}};
}

/// One poisonous mail never stops the rest: its octets go to quarantine.
Decided decide_or_quarantine(Store& store, const DeskRules& rules, const TokenSource& tokens,
                             const ArrivedMail& arrived, const ReadMail& read, Time now) {
  auto decided = decide_and_apply(store, rules, tokens, arrived, read, now);
  if (decided.decision.outcome == Outcome::quarantined)
    decided.quarantine = store.quarantine(arrived, decided.decision.reason, now);
  return decided;
}

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

LedgerEntry ledger_entry(const MailboxState& mailbox, const FiledMail& filed, const ServerDuties& duties, Time now) {
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

}  // namespace

Desk::Desk(Store store, std::shared_ptr<const DeskRules> rules, NowSource now, TokenSource tokens)
    : store_(std::move(store)), rules_(std::move(rules)), now_(std::move(now)), tokens_(std::move(tokens)) {}

void Desk::use(std::shared_ptr<const DeskRules> rules) { rules_ = std::move(rules); }

std::vector<FiledMail> Desk::file(const MailboxState& mailbox, const ServerDuties& duties,
                                  std::span<const FetchedMail> mails, Uid cursor,
                                  const std::optional<MailboxHealth::Latest>& latest) {
  std::vector<ReadMail> read;
  read.reserve(mails.size());
  for (const auto& mail : mails) read.push_back(read_mail(mail.arrived, rules_->limits));

  Store::Transaction transaction(store_);
  auto fresh = unrecorded_uids(store_, mailbox, mails);
  std::vector<FiledMail> result;
  result.reserve(mails.size());
  for (std::size_t i = 0; i < mails.size(); ++i) {
    if (fresh.erase(static_cast<std::uint32_t>(mails[i].uid)) == 0) continue;
    const Time now = now_();
    const auto decided = decide_or_quarantine(store_, *rules_, tokens_, mails[i].arrived, read[i], now);
    result.push_back(filed_mail(mails[i], decided, duties));
    auto entry = ledger_entry(mailbox, result.back(), duties, now);
    entry.quarantine = decided.quarantine;
    store_.record(entry);
  }
  store_.advance_cursor(mailbox.name, mailbox.uid_validity, cursor);
  if (latest) store_.note_latest(mailbox.name, mailbox.uid_validity, *latest);
  transaction.commit();
  return result;
}

Decision Desk::ingest(const ArrivedMail& arrived) {
  const auto read = read_mail(arrived, rules_->limits);
  Store::Transaction transaction(store_);
  auto decided = decide_or_quarantine(store_, *rules_, tokens_, arrived, read, now_());
  transaction.commit();
  return std::move(decided.decision);
}

Decision Desk::explain(const ArrivedMail& arrived) {
  const auto read = read_mail(arrived, rules_->limits);
  return std::move(decide(store_, *rules_, tokens_, arrived, read, now_()).decision);
}

std::optional<Decision> Desk::retry_quarantined(std::int64_t id, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto arrived = store_.quarantined_mail(id);
  if (!arrived) return std::nullopt;
  const auto read = read_mail(*arrived, rules_->limits);
  auto decided = decide_and_apply(store_, *rules_, tokens_, *arrived, read, now_());
  if (decided.decision.outcome == Outcome::quarantined) return std::move(decided.decision);
  const auto number = ticket_of(decided.decision);
  const auto how = "Taken out of quarantine by " + name_of_actor(actor) + ".";
  store_.settle_quarantined(id, decided.decision.outcome, number, decided.decision.reason + " " + how);
  Decision note;
  if (number) note.events.push_back({*number, now_(), name_of_actor(actor), "taken_out_of_quarantine", how});
  store_.apply(note, {}, nullptr, now_());
  transaction.commit();
  return std::move(decided.decision);
}

bool Desk::drop_quarantined(std::int64_t id, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto mails = store_.quarantined();
  const auto found = std::ranges::find(mails, id, &QuarantinedMail::id);
  if (found == mails.end()) return false;
  store_.settle_quarantined(id, Outcome::quarantined, std::nullopt,
                            found->reason + " Dropped by " + name_of_actor(actor) + ".");
  transaction.commit();
  return true;
}

/// Why the ticket can't be closed: it waits for a person then, and holds up no other. nullopt: it is closed.
std::optional<std::string> Desk::close_in_time(const Ticket& ticket) {
  Store::Savepoint savepoint(store_);
  const auto context = store_.load_command_context(ticket.number, {});
  const Actor actor{"ticketd", nullptr};
  const Time now = now_();
  try {
    auto decided = decide_command(CloseCommand{true}, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
    if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(refusal->reason);
    store_.apply(std::get<Decision>(decided), {}, nullptr, now);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  }
  savepoint.release();
  return std::nullopt;
}

/// False when its time, and so that of those that follow, has not come.
bool Desk::close_due(const Ticket& ticket, TimerRun& run) {
  const Time now = now_();
  if (const Time due = closing_time(ticket, rules_->ruleset, now); due > now) {
    run.next = due;
    return false;
  }
  const auto reason = close_in_time(ticket);
  if (reason) store_.note_stuck(ticket, *reason);
  (reason ? run.stuck : run.closed).push_back(ticket.number);
  return true;
}

Desk::TimerRun Desk::run_timers() {
  constexpr std::size_t kBatch = 100, kMostTried = 1000;
  constexpr Duration kStuckPause = std::chrono::minutes{1};
  TimerRun run;
  const Time now = now_();
  const auto first = store_.oldest_resolved(1);  // nothing is locked while nothing is due
  if (first.empty()) return run;
  run.next = closing_time(first.front(), rules_->ruleset, now);
  if (*run.next > now) return run;
  run.next.reset();
  Store::Transaction transaction(store_);
  auto reached = std::exchange(timers_reached_, std::nullopt);
  bool is_through = false;
  while (!is_through && run.closed.size() < kBatch && run.closed.size() + run.stuck.size() < kMostTried) {
    const auto waiting = store_.oldest_resolved(kBatch - run.closed.size(), reached ? &*reached : nullptr);
    const auto not_due = std::ranges::find_if(waiting, [&](const Ticket& ticket) { return !close_due(ticket, run); });
    is_through = waiting.empty() || not_due != waiting.end();
    if (!waiting.empty()) reached = waiting.back();
  }
  transaction.commit();
  if (!is_through) timers_reached_ = std::move(reached);
  if (!is_through) run.next = now;
  if (is_through && !run.stuck.empty()) run.next = std::min(run.next.value_or(Time::max()), now + kStuckPause);
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
  const auto context = store_.load_command_context(ticket, organization, other);
  if (ticket && !context.ticket) return std::nullopt;
  const Time now = now_();
  auto decided = decide_command(command, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
  if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(*refusal);
  const auto applied = store_.apply(std::get<Decision>(decided), {}, nullptr, now);
  transaction.commit();
  return applied.ticket.value_or(ticket.value_or(TicketId{}));
}

}  // namespace ticketd
