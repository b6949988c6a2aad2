#pragma once

#include <sqlite3.h>

#include <array>
#include <optional>
#include <span>

#include "tests/store/store_fixture.h"

// All kinds of transactions that the daemon has its store do, in an order that reaches every one of them.
namespace ticketd {

/// A store that is opened when it is first wanted.
class Session {
 public:
  Session(std::filesystem::path path, const char* vfs) : path_(std::move(path)) { options_.vfs = vfs; }

  Store& store() {
    if (!store_) store_.emplace(path_, options_);
    return *store_;
  }
  void close() { store_.reset(); }
  [[nodiscard]] bool is_open() const { return store_.has_value(); }

 private:
  std::filesystem::path path_;
  Store::Options options_;
  std::optional<Store> store_;
};

/// One transaction at most, which is durable once `run` has returned; can be run again when it threw.
struct Step {
  const char* name;
  void (*run)(Session&);
};

namespace work {

constexpr UidValidity kValidity{1};

inline void note_lease(Store& store) {
  LeaseRecord lease;
  lease.mailbox = "support";
  lease.holder = "holder";
  lease.token = "token";
  lease.tenure = Tenure::held;
  store.write_lease(lease);
}

inline void record(Store& store, int uid, Outcome outcome, std::optional<TicketId> ticket,
                   std::optional<std::int64_t> quarantine = {}) {
  LedgerEntry entry;
  entry.mailbox = "support";
  entry.uid_validity = kValidity;
  entry.uid = Uid{static_cast<std::uint32_t>(uid)};
  entry.outcome = outcome;
  entry.ticket = ticket;
  entry.reason = "So it is.";
  entry.action = ServerAction::pending;
  entry.quarantine = quarantine;
  if (!store.record(entry)) throw std::logic_error("a UID twice in the ledger");
}

/// One mail of a batch, as the daemon files it; throws ValueRefused for a mail that is refused.
inline void file_mail(Store& store, int uid, const Decision& decision) {
  const auto known = make_query(std::to_string(uid) + "@customer");
  Store::Savepoint savepoint(store);
  static_cast<void>(store.load_context(known));
  const auto applied = store.apply(decision, std::string(3000, 'r') + std::to_string(uid), &known, at(uid));
  savepoint.release();
  record(store, uid, decision.outcome, applied.ticket);
}

inline Decision new_ticket(int uid, int ticket) {
  auto decision = make_decision(ticket, std::to_string(uid) + "@customer", uid);
  decision.messages[0].attachments.push_back({1, "log.txt", "text/plain", 3000, "", false});
  return decision;
}

/// It writes a ticket, a message and raw octets before it is refused: its acknowledgement names a ticket that is not
/// there.
inline Decision refused_mail(int uid, int ticket) {
  auto decision = new_ticket(uid, ticket);
  decision.outgoing[0].ticket = TicketId{999};
  return decision;
}

inline void quarantine(Store& store, int uid) {
  ArrivedMail arrived;
  arrived.mailbox = "support";
  arrived.octets = std::string(3000, 'q') + std::to_string(uid);
  record(store, uid, Outcome::quarantined, {}, store.quarantine(arrived, "The mail could not be worked on.", at(uid)));
}

inline void file_or_quarantine(Store& store, int uid, const Decision& decision) {
  try {
    return file_mail(store, uid, decision);
  } catch (const ValueRefused&) {
  }
  quarantine(store, uid);
}

/// Three mails; the middle one is refused when `spoiled`.
inline void file_batch(Store& store, int first_uid, int first_ticket, bool spoiled) {
  Store::Transaction transaction(store);
  file_or_quarantine(store, first_uid, new_ticket(first_uid, first_ticket));
  const int middle = first_uid + 1;
  if (spoiled)
    file_or_quarantine(store, middle, refused_mail(middle, first_ticket + 1));
  else
    file_or_quarantine(store, middle, new_ticket(middle, first_ticket + 1));
  file_or_quarantine(store, first_uid + 2, new_ticket(first_uid + 2, first_ticket + (spoiled ? 1 : 2)));
  store.advance_cursor("support", kValidity, Uid{static_cast<std::uint32_t>(first_uid + 2)});
  transaction.commit();
}

inline void file_follow_up(Store& store, int uid, int ticket) {
  auto decision = make_decision(ticket, std::to_string(uid) + "@customer", uid);
  decision.outcome = Outcome::follow_up;
  decision.opens = false;
  decision.ticket->status = TicketStatus::open;
  decision.participants = {"carl@customer.example"};
  decision.outgoing = {make_outgoing(ticket, "note-" + std::to_string(uid) + "@desk", OutboxKind::notification)};
  decision.outgoing[0].recipients = {"ann@staff.example", "bob@staff.example"};
  Store::Transaction transaction(store);
  file_mail(store, uid, decision);
  store.advance_cursor("support", kValidity, Uid{static_cast<std::uint32_t>(uid)});
  transaction.commit();
}

/// Ticket 4 goes into the first one.
inline void merge(Store& store) {
  auto decision = make_decision(1, "unused", 33);
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing.clear();
  decision.absorbed = make_ticket(4);
  decision.absorbed->status = TicketStatus::closed;
  decision.absorbed->merged_into = TicketId{1};
  decision.sender_standing = {"pest@pills.example", true};
  file(store, decision, {}, nullptr, 33);
}

/// The first acknowledgement came back, and a storm keeps another one.
inline void bounce(Store& store) {
  auto decision = make_decision(1, "unused", 34);
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing.clear();
  decision.returned = {{1, "The acknowledgement did not reach ann@customer.example: 550 gone"}};
  decision.undeliverable = {{"ann@customer.example", at(34), "550 gone", 1, TicketId{1}}};
  decision.withheld_in_storm = true;
  file(store, decision, {}, nullptr, 34);
}

/// The last strike against an organization: the ticket, another one that is lowered with it, and its standing.
inline void downgrade(Store& store) {
  Decision decision;
  decision.outcome = Outcome::staff;
  decision.ticket = make_ticket(1);
  decision.ticket->claim = LabelClaim::settled;
  decision.others = {make_ticket(2)};
  decision.strike = {"customer.example", at(35), TicketId{1}, "From Urgent to Normal by Ann.", false};
  decision.organization_standing = {"customer.example", at(5000)};
  decision.events = {
      {TicketId{1}, at(35), "Ann", "organization_downgraded", "One strike too many.", "customer.example"},
      {TicketId{2}, at(35), "ticketd", "category_changed", "From Urgent to Normal."}};
  decision.outgoing = {make_outgoing(1, "standing@desk", OutboxKind::notification)};
  decision.outgoing[0].ticket.reset();
  file(store, decision, {}, nullptr, 35);
}

/// The mail in quarantine becomes a part of the first ticket.
inline void release_quarantined(Store& store) {
  Store::Transaction transaction(store);
  for (const auto& mail : store.quarantined())
    store.settle_quarantined(mail.id, Outcome::follow_up, TicketId{1}, "Read at last.");
  transaction.commit();
}

inline void note_alarms(Store& store) {
  const std::vector<Alarm> alarms{{"outbox failed", "1 mail could not be sent", at(34), {}, false, 0},
                                  {"quarantine", "1 mail in quarantine", at(34), at(35), true, 1}};
  store.write_alarms(alarms);
}

inline void finish_actions(Store& store) {
  std::vector<Uid> uids;
  for (const auto& entry : store.pending_actions("support", kValidity)) uids.push_back(entry.uid);
  store.mark_actions_done("support", kValidity, uids);
}

/// The acknowledgements of the first two tickets and the notification.
inline void note_results(Store& store) {
  std::vector<SendResult> results(3);
  for (std::size_t i = 0; i < results.size(); ++i) results[i].id = static_cast<std::int64_t>(i) + 1;
  results[1].state = OutboxState::deferred;
  results[1].next_attempt_at = at(60);
  results[1].error = "451 later";
  results[2].state = OutboxState::uncertain;
  results[2].next_attempt_at = at(61);
  results[2].accepted = {"ann@staff.example"};
  store.mark_results(results, at(30));
}

/// An incident of which something is said at once.
inline void open_incident(Store& store) {
  Incident incident;
  incident.title = "Phones down";
  incident.match = IncidentMatch::words;
  incident.pattern = "phones?";
  incident.opened_at = at(41);
  incident.text = "We look.";
  Store::Transaction transaction(store);
  static_cast<void>(store.open_incident(incident));
  transaction.commit();
}

/// The second ticket waits for it.
inline void link_to_incident(Store& store) {
  auto decision = make_decision(2, "unused", 42);
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing.clear();
  decision.ticket->incident = 1;
  decision.ticket->waits_for_incident = decision.ticket->clock_suspended = true;
  decision.ticket->response_due_at.reset();
  file(store, decision, {}, nullptr, 42);
}

/// It is over, and so the second ticket is resolved.
inline void resolve_incident(Store& store) {
  Store::Transaction transaction(store);
  store.add_incident_update(IncidentNumber{1}, "It is over.", at(43));
  store.resolve_incident(IncidentNumber{1}, at(43));
  transaction.commit();
}

inline void settle_incident(Store& store) {
  Store::Transaction transaction(store);
  for (const auto number : store.waiting_tickets(IncidentNumber{1}, 10)) {
    Decision decision;
    decision.ticket = store.ticket(number)->ticket;
    decision.ticket->status = TicketStatus::resolved;
    decision.ticket->waits_for_incident = decision.ticket->clock_suspended = false;
    decision.outgoing = {make_outgoing(static_cast<int>(number), "over-2@desk", OutboxKind::incident)};
    store.apply(decision, {}, nullptr, at(44));
  }
  store.settle_incident(IncidentNumber{1});
  transaction.commit();
}

/// The mail server knows no such recipient of the third ticket's acknowledgement, leased before.
inline void note_refusal(Store& store) {
  SendResult result;
  result.id = 4;
  result.state = OutboxState::failed;
  result.error = "Ann@customer.example: 550 5.1.1 gone";
  result.refused = {"Ann@customer.example"};
  result.follows.emplace();
  result.follows->events = {{TicketId{3}, at(51), "ticketd", "mail_refused", "The acknowledgement did not reach her."}};
  result.follows->undeliverable = {{"gone@customer.example", at(51), "550 5.1.1 gone", 4, TicketId{3}}};
  store.mark_results({&result, 1}, at(51));
}

/// What the clock does: staff are told, one of them later, and the ticket is to be looked at again.
inline void tell_staff(Store& store) {
  auto decision = make_decision(2, "unused", 26);
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing = {make_outgoing(2, "page@desk", OutboxKind::page),
                       make_outgoing(2, "call@desk", OutboxKind::webhook)};
  decision.outgoing[0].recipients = {"ann@staff.example"};
  decision.outgoing[1].recipients = {"webhook:Ann"};
  decision.counts_for_page_limit = true;
  decision.ticket->notices.warned_at = at(26);
  decision.ticket->check_at = at(60);
  decision.digest = {{0, at(40), {"Ann", "ann@staff.example"}, false, TicketId{2}, StaffEvent::opened}};
  Store::Transaction transaction(store);
  store.apply(decision, {}, nullptr, at(26));
  transaction.commit();
}

/// The digest goes out, and other rules move the look at the ticket.
inline void tell_digest(Store& store) {
  Store::Transaction transaction(store);
  Decision decision;
  for (const auto& news : store.due_digest(at(40), 10)) decision.told.push_back(news.entry.id);
  decision.outgoing = {make_outgoing(2, "digest@desk", OutboxKind::digest)};
  store.apply(decision, {}, nullptr, at(40));
  store.set_check(TicketId{2}, at(70));
  transaction.commit();
}

}  // namespace work

// clang-format off
inline constexpr std::array kWork{
    Step{"open", [](Session& s) { s.store(); }},
    Step{"first contact", [](Session& s) { s.store().open_mailbox("support", work::kValidity, Uid{0}, at(0)); }},
    Step{"first contact of another mailbox", [](Session& s) { s.store().open_mailbox("sales", UidValidity{5}, Uid{9}, at(0)); }},
    Step{"good poll", [](Session& s) { s.store().note_poll("support", at(1), "", Duration{5}); }},
    Step{"batch with a refused mail", [](Session& s) { work::file_batch(s.store(), 1, 1, true); }},
    Step{"follow-up", [](Session& s) { work::file_follow_up(s.store(), 4, 1); }},
    Step{"actions done", [](Session& s) { work::finish_actions(s.store()); }},
    Step{"missing UIDs", [](Session& s) { s.store().note_missing("support", std::array{Uid{7}, Uid{8}}); }},
    Step{"lease", [](Session& s) { static_cast<void>(s.store().lease_outbox(at(20), 3)); }},
    Step{"results", [](Session& s) { work::note_results(s.store()); }},
    Step{"checkpoint", [](Session& s) { s.store().tidy(); }},
    Step{"batch after the checkpoint", [](Session& s) { work::file_batch(s.store(), 5, 3, false); }},
    Step{"lease on a mailbox", [](Session& s) { work::note_lease(s.store()); }},
    Step{"original dropped", [](Session& s) { s.store().drop_originals(at(1), 1, at(31)); }},
    Step{"refresh token", [](Session& s) { s.store().save_refresh_token({"user at provider", "first", "second"}, at(30)); }},
    Step{"access token refused", [](Session& s) { s.store().note_token_failure("login", "invalid_grant", at(30)); }},
    Step{"search index", [](Session& s) { static_cast<void>(s.store().index_messages(2)); }},
    Step{"mail keys", [](Session& s) { static_cast<void>(s.store().merge_mail_keys(2, 2)); }},
    Step{"key filters", [](Session& s) { static_cast<void>(s.store().filter_mail_keys(2)); }},
    Step{"mail keys into filters", [](Session& s) { static_cast<void>(s.store().merge_mail_keys(2, 2)); }},
    Step{"retry", [](Session& s) { s.store().retry_outbox(2, at(31)); }},
    Step{"drop", [](Session& s) { s.store().drop_outbox(3); }},
    Step{"bad poll", [](Session& s) { s.store().note_poll("support", at(32), "no route to host", {}); }},
    Step{"merge", [](Session& s) { work::merge(s.store()); }},
    Step{"bounce", [](Session& s) { work::bounce(s.store()); }},
    Step{"downgrade", [](Session& s) { work::downgrade(s.store()); }},
    Step{"release from quarantine", [](Session& s) { work::release_quarantined(s.store()); }},
    Step{"alarms", [](Session& s) { work::note_alarms(s.store()); }},
    Step{"comparison", [](Session& s) { s.store().note_comparison("support", {at(19), 9, 8, 7}); }},
    Step{"stuck ticket", [](Session& s) { s.store().note_stuck(make_ticket(1), "No token."); }},
    Step{"staff told", [](Session& s) { work::tell_staff(s.store()); }},
    Step{"lease of webhooks", [](Session& s) { static_cast<void>(s.store().lease_webhooks(at(27), 3)); }},
    Step{"lease of pages", [](Session& s) { static_cast<void>(s.store().lease_outbox(at(27), 3, Urgency::page)); }},
    Step{"digest told", [](Session& s) { work::tell_digest(s.store()); }},
    Step{"clock set back", [](Session& s) { s.store().bring_forward(at(25), at(29), at(30)); }},
    Step{"UID on record", [](Session& s) { work::record(s.store(), 8, Outcome::vanished, {}); }},
    Step{"cursor", [](Session& s) { s.store().advance_cursor("support", work::kValidity, Uid{8}); }},
    Step{"close and open", [](Session& s) { s.close(); s.store(); }},
    Step{"new UIDVALIDITY", [](Session& s) { s.store().open_mailbox("sales", UidValidity{6}, Uid{3}, at(40)); }},
    Step{"lease after the restart", [](Session& s) { static_cast<void>(s.store().lease_outbox(at(50), 2)); }},
    Step{"refused recipient", [](Session& s) { work::note_refusal(s.store()); }},
    Step{"incident", [](Session& s) { work::open_incident(s.store()); }},
    Step{"ticket that waits", [](Session& s) { work::link_to_incident(s.store()); }},
    Step{"incident resolved", [](Session& s) { work::resolve_incident(s.store()); }},
    Step{"incident settled", [](Session& s) { work::settle_incident(s.store()); }},
    Step{"status page not written", [](Session& s) { s.store().note_status_page(0, "disk full"); }},
    Step{"status page written", [](Session& s) { s.store().note_status_page(3, ""); }},
    Step{"activity forgotten", [](Session& s) { s.store().forget_activity(at(3)); }},
    Step{"follow-up after the restart", [](Session& s) { work::file_follow_up(s.store(), 9, 2); }},
    Step{"rest of the search index", [](Session& s) { static_cast<void>(s.store().index_messages(100)); }},
    Step{"last close", [](Session& s) { s.close(); }},
};
// clang-format on

/// Runs a step of kWork; the numbers that SQLite draws (salts of the WAL) depend on the step alone.
inline void run_step(std::size_t step, Session& session) {
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(step) + 1, nullptr);
  kWork[step].run(session);
}

}  // namespace ticketd
