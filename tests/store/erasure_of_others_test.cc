// What an erasure leaves alone.
#include <catch2/catch.hpp>

#include <thread>

#include "store/soundness.h"
#include "tests/store/erasure_fixture.h"

namespace ticketd {
namespace {

const Mailbox kJane = {"Jane Doe", "jane@acme.example"};
const Mailbox kBob = {"Bob", "bob@shop.example"};

TEST_CASE("an address that ends in the person's own stays, whatever stands before") {
  const auto* other = GENERATE("o'brien@acme.example", "ed&brien@acme.example", "ed/brien@acme.example",
                               "prvs=123=brien@acme.example", "{brien@acme.example");
  StoreFolder folder;
  Store store(folder.path());
  auto decision = ticket_of(1, "Other", other, "It is broken.");
  decision.messages[0].to = {{"", other}};
  decision.ticket->organization = other;
  write(store, decision);
  write(store, ticket_of(2, "Ed Brien", "brien@acme.example", "Mine is, too."));

  CHECK(erase_person(folder.path(), order_for("brien@acme.example")).tickets == std::vector{TicketId{2}});
  const auto row = *store.ticket(TicketId{1});
  CHECK(row.ticket.requester.addr_spec == other);
  CHECK(row.ticket.reply_to == other);
  CHECK(row.ticket.organization == other);
  CHECK(store.messages(TicketId{1})[0].from.addr_spec == other);
  CHECK(store.messages(TicketId{1})[0].to[0].addr_spec == other);
  bool is_written_to = false;
  for (const auto& mail : store.lease_outbox(at(600), 10)) is_written_to |= mail.mail.recipients[0] == other;
  CHECK(is_written_to);
}

TEST_CASE("a mail of another's with the same Message-ID stays, and so does its thread") {
  StoreFolder folder;
  Store store(folder.path());
  auto bob = ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead.");
  auto jane = ticket_of(2, kJane.display_name, kJane.addr_spec, "Hello");
  bob.messages[0].message_id = jane.messages[0].message_id = "same@x";
  write(store, bob);
  write(store, mail_in(store, 1, kBob, "second@x", "In-Reply-To: <same@x>"));
  write(store, jane);

  CHECK(erase_person(folder.path(), order_for(kJane.addr_spec)).originals == 1);
  for (const auto& message : store.messages(TicketId{1})) CHECK(store.raw(TicketId{1}, message.id));
  CHECK(store.messages(TicketId{1})[1].text == "In-Reply-To: <same@x>");
  auto query = make_query("third@x");
  query.sender = kBob.addr_spec;
  query.references = {"same@x"};
  const auto found = store.load_context(query).candidates;
  REQUIRE(found.size() == 1);
  CHECK(found[0].ticket.number == TicketId{1});
}

TEST_CASE("the same Message-ID twice in one ticket goes on to find it") {
  StoreFolder folder;
  Store store(folder.path());
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead."));
  write(store, mail_in(store, 1, kJane, "1@ids.example", "Mine, too."));
  CHECK(erase_person(folder.path(), order_for(kJane.addr_spec)).messages == 1);
  auto query = make_query("third@x");
  query.references = {"1@ids.example"};
  CHECK(store.load_context(query).candidates.size() == 1);
}

TEST_CASE("what takes the place of a mail in quarantine while an erasure waits stays") {
  StoreFolder folder;
  Store store(folder.path());
  ArrivedMail arrived;
  arrived.mailbox = "support";
  arrived.octets = "From: jane@acme.example\r\n\r\ngarbage";
  const auto id = store.quarantine(arrived, "Unreadable.", at(1));
  auto writer = open_plainly(folder.path());
  writer.execute("BEGIN IMMEDIATE");
  std::thread eraser([&] { CHECK(erase_person(folder.path(), order_for(kJane.addr_spec)).quarantined == 0); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the less, the less is tested
  Compressor compressor;
  writer.prepare("UPDATE quarantine SET octets = ?1 WHERE id = ?2")
      .run(Blob{compressor.compress("From: bob@shop.example\r\n\r\nprecious")}, id);
  writer.execute("COMMIT");
  eraser.join();
  CHECK(store.quarantined().size() == 1);
}

TEST_CASE("a key for limits that others have as well names nobody") {
  StoreFolder folder;
  Store store(folder.path());
  auto other = ticket_of(1, "Ann", "ann+work@free.example", "It is broken.");
  other.ticket->organization = "ann@free.example";
  other.messages[0].text = "I am ann@free.example, too.";
  write(store, other);
  write(store, ticket_of(2, "Ann", "ann+home@free.example", "Mine is, too."));
  REQUIRE(erase_person(folder.path(), order_for("ann+home@free.example")).messages == 1);
  CHECK(store.ticket(TicketId{1})->ticket.organization == "ann@free.example");
  CHECK(store.messages(TicketId{1})[0].text == "I am ann@free.example, too.");
}

TEST_CASE("lines that stand in all mails of the desk are not the person's for being in one to it") {
  StoreFolder folder;
  Store store(folder.path());
  const std::string line = "This is the service desk of Example, open from nine to five.";
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead."));
  write(store, mail_in(store, 1, kJane, "jane@ids.example", "Mine, too."));
  auto reply = mail_in(store, 1, {"Ann", "support@example.com"}, "reply@desk", "Come over.\n" + line);
  reply.messages[0].direction = Direction::out;
  reply.messages[0].to = {kJane};
  reply.keeps_raw = false;
  file(store, reply);
  reply.messages[0].to = {kBob};
  reply.messages[0].message_id = "second@desk";
  reply.outgoing = {make_outgoing(1, "second@desk", OutboxKind::reply)};
  reply.outgoing[0].octets = "Subject: Fax\r\n\r\n" + line + "\r\n";
  file(store, reply);
  const auto erasure = erase_person(folder.path(), order_for(kJane.addr_spec));
  CHECK(erasure.messages == 2);
  CHECK(erasure.withheld == 0);
  CHECK(store.messages(TicketId{1}).back().text == "Come over.\n" + line);
}

TEST_CASE("a name that staff have stays, in whatever case the person writes it") {
  StoreFolder folder;
  Store store(folder.path());
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "Jörg Müller has called."));
  write(store, mail_in(store, 1, {"JÖRG MÜLLER", kJane.addr_spec}, "jane@ids.example", "Mine, too."));
  auto order = order_for(kJane.addr_spec);
  order.kept_names = {"Jörg Müller"};
  REQUIRE(erase_person(folder.path(), order).messages == 1);
  CHECK(store.messages(TicketId{1})[0].text == "Jörg Müller has called.");
}

TEST_CASE("formulas that the person wrote first stay in mails of others") {
  StoreFolder folder;
  Store store(folder.path());
  const std::string text = "Thanks.\nSee you soon, all\n\nBest regards,\nBob";
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead."));
  write(store, mail_in(store, 1, kJane, "jane@ids.example", "Mine, too.\nSee you soon, all\n\nBest regards,\nJ."));
  write(store, mail_in(store, 1, kBob, "bob@ids.example", text));
  REQUIRE(erase_person(folder.path(), order_for(kJane.addr_spec)).messages == 1);
  const auto last = store.messages(TicketId{1}).back();
  CHECK(last.text == text);
  CHECK(store.raw(TicketId{1}, last.id));
}

}  // namespace
}  // namespace ticketd
