#include "daemon/desk/desk.h"

#include <algorithm>
#include <exception>
#include <unordered_set>

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

/// Decided and applied. A mail that can't be read, or makes something throw, writes nothing: its outcome is
/// "quarantined".
Decided decide_and_apply(Store& store, const DeskRules& rules, const TokenSource& tokens, const ArrivedMail& arrived,
                         const ReadMail& read, Time now) {
  std::string reason;
  try {
    return apply_or_throw(store, rules, tokens, arrived, read, now);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    reason = error.what();
  }
  return {decide_unreadable(arrived, "The mail could not be worked on: " + reason), {}, {}};
}

/// One poisonous mail never stops the rest: its octets go to quarantine.
Decided decide_or_quarantine(Store& store, const DeskRules& rules, const TokenSource& tokens,
                             const ArrivedMail& arrived, const ReadMail& read, Time now) {
  auto decided = decide_and_apply(store, rules, tokens, arrived, read, now);
  if (decided.decision.outcome == Outcome::quarantined)
    decided.quarantine = store.quarantine(arrived, decided.decision.reason, now);
  return decided;
}

ReadMail read_mail(const ArrivedMail& arrived, const ParseLimits& limits) {
  try {
    return parse_email(arrived.octets, limits);
  } catch (const std::exception& error) {
    return ParseError{std::string("The mail could not be read: ") + error.what()};
  }
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

/// nullptr for none.
const FetchedMail* latest_of(std::span<const FetchedMail> mails) {
  const auto latest = std::ranges::max_element(mails, {}, &FetchedMail::uid);
  return latest == mails.end() ? nullptr : &*latest;
}

}  // namespace

Desk::Desk(Store store, std::shared_ptr<const DeskRules> rules, NowSource now, TokenSource tokens)
    : store_(std::move(store)), rules_(std::move(rules)), now_(std::move(now)), tokens_(std::move(tokens)) {}

void Desk::use(std::shared_ptr<const DeskRules> rules) { rules_ = std::move(rules); }

std::vector<FiledMail> Desk::file(const MailboxState& mailbox, const ServerDuties& duties,
                                  std::span<const FetchedMail> mails, Uid cursor) {
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
  if (const auto* latest = latest_of(mails))
    store_.note_latest(mailbox.name, mailbox.uid_validity, latest->uid, latest->arrived.internal_date);
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
  store_.settle_quarantined(id, decided.decision.outcome, ticket_of(decided.decision),
                            decided.decision.reason + " Taken out of quarantine by " + name_of_actor(actor) + ".");
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

/// False when the ticket can't be closed: it waits for a person then, and holds up no other.
bool Desk::close_in_time(const Ticket& ticket) {
  Store::Savepoint savepoint(store_);
  const auto context = store_.load_command_context(ticket.number, {});
  const Actor actor{"ticketd", nullptr};
  const Time now = now_();
  try {
    auto decided = decide_command(CloseCommand{true}, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
    const auto* decision = std::get_if<Decision>(&decided);
    if (decision == nullptr) return false;
    store_.apply(*decision, {}, nullptr, now);
  } catch (const ValueRefused&) {
    return false;
  }
  savepoint.release();
  return true;
}

Desk::TimerRun Desk::run_timers() {
  constexpr std::size_t kBatch = 100;
  TimerRun run;
  const Time now = now_();
  const auto is_due = [&](const Ticket& ticket) { return closing_time(ticket, rules_->ruleset, now) <= now; };
  auto waiting = store_.oldest_resolved(1);  // nothing is locked while nothing is due
  if (!waiting.empty() && is_due(waiting.front())) {
    Store::Transaction transaction(store_);
    waiting = store_.oldest_resolved(kBatch);
    for (const auto& ticket : waiting)
      if (is_due(ticket) && close_in_time(ticket)) run.closed.push_back(ticket.number);
    transaction.commit();
    if (!run.closed.empty()) waiting = store_.oldest_resolved(1);
  }
  if (!waiting.empty()) run.next = closing_time(waiting.front(), rules_->ruleset, now);
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
