#pragma once

#include <fstream>
#include <functional>
#include <sstream>

#include "parsers/ascii.h"
#include "store/compression.h"
#include "store/erasure.h"
#include "tests/store/store_fixture.h"

namespace ticketd {

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every octet of the store's files, and every frame in it unpacked; in lower case.
inline std::string all_octets(const std::filesystem::path& store) {
  std::string all;
  for (const char* suffix : {"", "-wal", "-shm"}) all += read_file(store.string() + suffix);
  auto database = open_plainly(store);
  Compressor compressor;
  for (const char* query :
       {"SELECT octets FROM raw_mails", "SELECT octets FROM outbox_octets", "SELECT octets FROM quarantine"}) {
    auto statement = database.prepare(query);
    auto rows = statement.query();
    while (rows.next()) all += compressor.decompress(rows.view());
  }
  return to_lower(all);
}

inline ErasureOrder order_for(const std::string& address) {
  ErasureOrder order;
  order.address = address;
  order.actor = "Ann";
  order.mark = "0123456789abcdef";
  order.now = at(500);
  return order;
}

constexpr const char* kErasedAddress = "erased-0123456789abcdef@erased.invalid";

/// A closed ticket of that requester, with a mail that waits for nobody.
inline Decision ticket_of(int number, const std::string& name, const std::string& address, const std::string& text) {
  auto decision = make_decision(number, std::to_string(number) + "@ids.example", number);
  decision.ticket->requester = {name, address};
  decision.ticket->reply_to = address;
  decision.ticket->status = TicketStatus::closed;
  decision.ticket->closed_at = at(number);
  decision.participants = {to_lower(address)};
  decision.messages[0].from = {name, address};
  decision.messages[0].text = text;
  decision.outgoing[0].recipients = {address};
  return decision;
}

/// A further mail in a ticket of another's.
inline Decision mail_in(Store& store, int number, const Mailbox& from, const std::string& id, const std::string& text) {
  auto decision = make_decision(number, id, 20);
  decision.opens = false;
  decision.ticket = store.ticket(TicketId{number})->ticket;
  decision.messages[0].from = from;
  decision.messages[0].text = text;
  decision.participants = {to_lower(from.addr_spec)};
  decision.outgoing.clear();
  return decision;
}

inline void write(Store& store, const Decision& decision) {
  auto known = make_query(decision.messages.at(0).message_id);
  known.sender = to_lower(decision.messages[0].from.addr_spec);
  known.content_digest = std::to_string(std::hash<std::string>{}(decision.messages[0].text));
  const auto& message = decision.messages[0];
  file(store, decision, "From: " + message.from.addr_spec + "\r\n\r\n" + message.text, &known, 20);
}

}  // namespace ticketd
