#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "store/sqlite.h"
#include "store/store.h"

namespace ticketd {

/// A folder of its own for one test's store; gone at scope exit.
class StoreFolder {
 public:
  StoreFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ticketd-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
  }
  ~StoreFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "tickets.db"; }

 private:
  std::filesystem::path folder_;
};

/// Minutes after 2026-11-24 10:00 UTC.
inline Time at(int minutes) {
  return Time{std::chrono::microseconds{1795514400000000}} + std::chrono::minutes{minutes};
}

inline Ticket make_ticket(int number, int minutes = 0) {
  Ticket t;
  t.number = TicketId{number};
  t.subject = "Subject of " + std::to_string(number);
  t.requester = {"Ann Müller", "Ann@customer.example"};
  t.reply_to = "ann@customer.example";
  t.organization = "customer.example";
  t.reported_at = at(minutes);
  t.clock_from = at(minutes + 1);
  t.response_due_at = at(minutes + 240);
  return t;
}

inline Message make_message(const std::string& message_id, const std::string& text = "It does not work.") {
  Message m;
  m.direction = Direction::in;
  m.at = at(0);
  m.from = {"Ann Müller", "Ann@customer.example"};
  m.to = {{"Support", "support@example.com"}};
  m.subject = "Printer on fire";
  m.message_id = message_id;
  m.text = text;
  return m;
}

inline OutgoingMail make_outgoing(int ticket, const std::string& message_id,
                                  OutboxKind kind = OutboxKind::acknowledgement) {
  OutgoingMail mail;
  mail.ticket = TicketId{ticket};
  mail.kind = kind;
  mail.reverse_path = "support@example.com";
  mail.recipients = {"Ann@customer.example"};
  mail.message_id = message_id;
  mail.octets = "Subject: [Ticket-" + std::to_string(ticket) + "]\r\n\r\nWe have it.\r\n";
  return mail;
}

/// A new ticket with its mail, an event and an acknowledgement "ack-N@desk".
inline Decision make_decision(int number, const std::string& message_id, int minutes = 0) {
  Decision d;
  d.outcome = Outcome::new_ticket;
  d.reason = "A new request.";
  d.ticket = make_ticket(number, minutes);
  d.opens = true;
  d.messages = {make_message(message_id)};
  d.keeps_raw = true;
  d.participants = {"ann@customer.example", "bob@customer.example"};
  d.events = {{TicketId{number}, at(minutes), "ticketd", "ticket_opened", "The mail opens a ticket."}};
  d.outgoing = {make_outgoing(number, "ack-" + std::to_string(number) + "@desk")};
  return d;
}

inline ContextQuery make_query(const std::string& message_id) {
  ContextQuery q;
  q.mailbox = "support";
  q.message_id = message_id;
  q.content_digest = "digest of " + message_id;
  q.sender = "ann@customer.example";
  q.organization = "customer.example";
  q.now = at(30'000);
  q.acknowledgements_since = at(-60);
  q.tickets_since = at(-60);
  return q;
}

/// Writes `decision` in a transaction of its own.
inline Store::Applied file(Store& store, const Decision& decision, std::string_view raw = "raw octets",
                           const ContextQuery* known = nullptr, int minutes = 0) {
  Store::Transaction transaction(store);
  auto applied = store.apply(decision, raw, known, at(minutes));
  transaction.commit();
  return applied;
}

/// A new ticket of a mail that came into the mailbox "support".
inline Store::Applied file_new(Store& store, int number, const std::string& message_id, int minutes = 0) {
  const auto known = make_query(message_id);
  return file(store, make_decision(number, message_id, minutes), "raw of " + message_id, &known, minutes);
}

/// With all that is on record in the index.
inline std::vector<TicketRow> search(Store& store, std::string_view words, std::uint32_t limit) {
  while (store.index_messages(1000)) {
  }
  return store.search(words, limit);
}

/// What a store holds, past the Store.
inline Database open_plainly(const std::filesystem::path& path, const char* vfs = nullptr) {
  return Database(path.string(), {false, std::chrono::milliseconds{1000}, vfs});
}

/// What an attempt to send brought.
inline SendResult make_result(std::int64_t id, OutboxState state, std::optional<Time> next = {}) {
  SendResult result;
  result.id = id;
  result.state = state;
  result.next_attempt_at = next;
  result.error = state == OutboxState::sent ? "" : "451 later";
  return result;
}

inline void mark(Store& store, const SendResult& result) { store.mark_results({&result, 1}, at(1)); }

}  // namespace ticketd
