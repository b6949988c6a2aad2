#include "daemon/desk/desk.h"

#include <exception>
#include <unordered_set>

#include "rules/classify.h"

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

Decided decide_and_apply(Store& store, const DeskRules& rules, const TokenSource& tokens, const ArrivedMail& arrived,
                         const ReadMail& read, Time now) {
  Store::Savepoint savepoint(store);
  auto decided = decide(store, rules, tokens, arrived, read, now);
  const auto* known = decided.query ? &*decided.query : nullptr;
  decided.quarantine = store.apply(decided.decision, arrived.octets, known, now).quarantine_id;
  savepoint.release();
  return decided;
}

/// One poisonous mail never stops the rest: whatever it makes throw, its octets go to quarantine.
Decided decide_or_quarantine(Store& store, const DeskRules& rules, const TokenSource& tokens,
                             const ArrivedMail& arrived, const ReadMail& read, Time now) {
  std::string reason;
  try {
    return decide_and_apply(store, rules, tokens, arrived, read, now);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    reason = error.what();
  }
  const ReadMail unreadable = ParseError{"The mail could not be worked on: " + reason};
  return decide_and_apply(store, rules, tokens, arrived, unreadable, now);
}

ReadMail read_mail(const ArrivedMail& arrived, const ParseLimits& limits) {
  try {
    return parse_email(arrived.octets, limits);
  } catch (const std::exception& error) {
    return ParseError{std::string("The mail could not be read: ") + error.what()};
  }
}

FiledMail filed_mail(const FetchedMail& mail, const Decided& decided, const ServerDuties& duties) {
  FiledMail filed;
  filed.uid = mail.uid;
  filed.outcome = decided.decision.outcome;
  filed.ticket = decided.decision.ticket ? decided.decision.ticket->number : decided.decision.linked_ticket;
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

std::optional<std::variant<TicketId, Refusal>> Desk::command(std::optional<TicketId> ticket,
                                                             const StaffCommand& command, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto* opening = std::get_if<NewCommand>(&command);
  const auto organization = opening ? organization_of(opening->from.addr_spec, rules_->ruleset) : std::string();
  const auto context = store_.load_command_context(ticket, organization);
  if (ticket && !context.ticket) return std::nullopt;
  const Time now = now_();
  auto decided = decide_command(command, context, actor, rules_->ruleset, rules_->templates, now, tokens_);
  if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(*refusal);
  const auto applied = store_.apply(std::get<Decision>(decided), {}, nullptr, now);
  transaction.commit();
  return applied.ticket.value_or(ticket.value_or(TicketId{}));
}

}  // namespace ticketd
