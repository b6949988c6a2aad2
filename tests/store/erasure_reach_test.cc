// Where an erasure has to look.
#include <catch2/catch.hpp>

#include <set>

#include "store/erasure_columns.h"
#include "store/soundness.h"
#include "tests/store/erasure_fixture.h"

namespace ticketd {
namespace {

const Mailbox kJane = {"Jane Doe", "jane@acme.example"};
const Mailbox kBob = {"Bob", "bob@shop.example"};

bool is_in(const std::string& octets, std::string_view trace) { return octets.find(trace) != std::string::npos; }

TEST_CASE("every column of text and octets is known to the erasure") {
  StoreFolder folder;
  const Store store(folder.path());
  auto database = open_plainly(folder.path());
  std::set<std::string> in_schema, listed;
  auto columns = database.prepare(
      "SELECT t.name || '.' || c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.schema = "
      "'main' "
      "AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'message_search%' "
      "AND c.type NOT IN ('INTEGER', 'REAL')");
  for (auto rows = columns.query(); rows.next();) in_schema.insert(rows.text());
  for (const auto& each : kStoredColumns) listed.insert(std::string(each.table) + '.' + std::string(each.column));
  CHECK(listed == in_schema);
  CHECK(listed.size() == kStoredColumns.size());
  for (const auto& each : kStoredColumns)
    if (each.kind == ColumnKind::name)
      CHECK(in_schema.contains(std::string(each.table) + '.' + std::string(each.beside)));
}

OutgoingMail waiting(int ticket, const std::string& id, OutboxKind kind, const std::string& body) {
  auto mail = make_outgoing(ticket, id, kind);
  mail.recipients = {"ann@staff.example"};
  mail.octets =
      "To: ann@staff.example\r\nSubject: News\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
      body;
  return mail;
}

/// Jane's mail in Bob's ticket, and the mails that wait because of it.
void write_shared(Store& store) {
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead."));
  auto further = mail_in(store, 1, kJane, "jane@ids.example", "My phone is 555-7788.\nSee you.");
  further.outgoing = {
      waiting(1, "1@desk", OutboxKind::notification, "Bob wrote:\r\n\r\nMy phone is 555=\r\n-7788.\r\n"),
      waiting(1, "2@desk", OutboxKind::reply, "It works again.\r\n\r\n> My phone is 555=2D7788.\r\n"),
      waiting(1, "3@desk", OutboxKind::update, "Ask jane=40acme.example for 555.\r\n"),
      waiting(1, "4@desk", OutboxKind::update, "Nothing of hers.\r\n")};
  write(store, further);
}

TEST_CASE("mails that wait and tell of the person are not sent, and nothing is left in them") {
  StoreFolder folder;
  Store store(folder.path());
  write_shared(store);
  const auto erasure = erase_person(folder.path(), order_for(kJane.addr_spec));
  CHECK(erasure.withheld == 3);
  const auto octets = all_octets(folder.path());
  for (const char* trace : {"555=", "555-7788", "jane=40acme", "jane@acme"}) CHECK_FALSE(is_in(octets, trace));
  std::vector<std::string> left;
  for (const auto& mail : store.lease_outbox(at(600), 10)) left.push_back(mail.mail.message_id);
  CHECK(left == std::vector<std::string>{"ack-1@desk", "4@desk"});
  std::size_t told = 0;
  for (const auto& event : store.events(TicketId{1})) told += event.kind == "mail_suppressed" ? 1U : 0U;
  CHECK(told == 3);
  CHECK(find_damage(folder.path()).empty());
}

TEST_CASE("an erasure waits for a mail to others that tells of the person and is being sent") {
  StoreFolder folder;
  Store store(folder.path());
  write_shared(store);
  CHECK_FALSE(store.lease_outbox(at(600), 10).empty());
  CHECK(erase_person(folder.path(), order_for(kJane.addr_spec)).is_under_way);
  CHECK(store.messages(TicketId{1})[1].text.starts_with("My phone"));
}

TEST_CASE("a digest that waits and names the person's ticket is not sent") {
  StoreFolder folder;
  Store store(folder.path());
  auto jane = ticket_of(1, kJane.display_name, kJane.addr_spec, "Mute.");
  jane.ticket->subject = jane.messages[0].subject = "Xylophone of mine";
  auto digest = waiting(1, "digest@desk", OutboxKind::digest, "[Ticket-1] Xylophone=\r\n of mine\r\n");
  digest.ticket.reset();
  jane.outgoing.push_back(digest);
  write(store, jane);
  CHECK(erase_person(folder.path(), order_for(kJane.addr_spec)).withheld == 1);
  CHECK_FALSE(is_in(all_octets(folder.path()), "xylophone"));
}

TEST_CASE("what was written in a ticket goes with it after it was merged into another's") {
  StoreFolder folder;
  Store store(folder.path());
  write(store, ticket_of(1, kBob.display_name, kBob.addr_spec, "The fax is dead."));
  auto jane = ticket_of(2, kJane.display_name, kJane.addr_spec, "Mute.");
  jane.ticket->subject = jane.messages[0].subject = "Xylophone of mine";
  write(store, jane);
  auto reply = mail_in(store, 2, {"Ann", "support@example.com"}, "reply@desk", "Your xylophone is fine.");
  reply.messages[0].direction = Direction::out;
  reply.messages[0].to = {kJane, kBob};
  reply.keeps_raw = false;
  file(store, reply, {}, nullptr, 30);
  auto note = mail_in(store, 2, {"Ann", ""}, "", "She has got trouble at home.");
  note.messages[0].direction = Direction::note;
  note.messages[0].at = at(31);
  note.events = {{TicketId{2}, at(31), "Ann", "note_added", "A note."}};
  note.keeps_raw = false;
  file(store, note, {}, nullptr, 31);
  auto merging = mail_in(store, 1, kBob, "", "");
  merging.messages.clear();
  merging.absorbed = store.ticket(TicketId{2})->ticket;
  merging.absorbed->merged_into = TicketId{1};
  merging.keeps_raw = false;
  file(store, merging, {}, nullptr, 32);
  auto later = mail_in(store, 1, {"Ann", ""}, "", "Bob has called.");
  later.messages[0].direction = Direction::note;
  later.messages[0].at = at(40);
  later.keeps_raw = false;
  file(store, later, {}, nullptr, 40);

  REQUIRE(erase_person(folder.path(), order_for(kJane.addr_spec)).tickets == std::vector{TicketId{2}});
  const auto octets = all_octets(folder.path());
  for (const char* trace : {"xylophone", "trouble", "jane"}) CHECK_FALSE(is_in(octets, trace));
  std::vector<std::string> left;
  for (const auto& message : store.messages(TicketId{1})) left.push_back(message.text);
  CHECK(left == std::vector<std::string>{"The fax is dead.", "(erased)", "(erased)", "(erased)", "Bob has called."});
  CHECK(find_damage(folder.path()).empty());
}

TEST_CASE("every spelling of the person's address goes, wherever it stands") {
  struct Case {
    const char *ordered, *written, *mentioned, *organization;
  };
  const auto [ordered, written, mentioned, organization] = GENERATE(values<Case>({
      {"jane@bücher.example", "jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"jane@xn--bcher-kva.example", "jane@bücher.example", "Jane@BÜCHER.example", "xn--bcher-kva.example"},
      {"JÖRG@acme.example", "jörg@acme.example", "Jo\u0308rg@acme.example", "acme.example"},
      {"jane.doe@gmail.com", "Jane.Doe@gmail.com", "janedoe@gmail.com", "janedoe@gmail.com"},
  }));
  INFO(ordered);
  StoreFolder folder;
  Store store(folder.path());
  auto his = ticket_of(1, "J.", written, "Mute.");
  his.ticket->organization = organization;
  his.events[0].detail = std::string("Opened by ") + written;
  his.strike = {organization, at(1), TicketId{1}, std::string("Lowered: ") + mentioned, false};
  write(store, his);
  write(store, ticket_of(2, kBob.display_name, kBob.addr_spec, std::string("Ask ") + mentioned + "."));

  REQUIRE(erase_person(folder.path(), order_for(ordered)).tickets == std::vector{TicketId{1}});
  const auto octets = all_octets(folder.path());
  for (const char* trace : {ordered, written, mentioned}) CHECK_FALSE(is_in(octets, to_lower(trace)));
  CHECK(store.messages(TicketId{2})[0].text == std::string("Ask ") + kErasedAddress + ".");
}

TEST_CASE("two spellings of one organization become one") {
  StoreFolder folder;
  Store store(folder.path());
  for (const int number : {1, 2}) {
    const std::string address = number == 1 ? "jane.doe@gmail.com" : "janedoe@gmail.com";
    auto ticket = ticket_of(number, "J.", "jane.doe@gmail.com", "Mute.");
    ticket.strike = {address, at(1), TicketId{number}, "Lowered.", false};
    write(store, ticket);
  }
  REQUIRE(erase_person(folder.path(), order_for("jane.doe@gmail.com")).tickets.size() == 2);
  CHECK(store.strikes(kErasedAddress).size() == 2);
  CHECK(find_damage(folder.path()).empty());
}

TEST_CASE("the name in an attachment's name goes in tickets that the person took part in, with the original") {
  StoreFolder folder;
  Store store(folder.path());
  write_shared(store);
  auto file = mail_in(store, 1, kBob, "file@ids.example", "See the file.");
  file.messages[0].attachments.push_back({1, "JANE  DOE contract.pdf", "application/pdf", 30, "", false});
  write(store, file);
  write(store, mail_in(store, 1, kBob, "named@ids.example", "<!-- Jane Doe -->"));
  auto elsewhere = ticket_of(2, kBob.display_name, kBob.addr_spec, "Another matter.");
  elsewhere.messages[0].attachments.push_back({1, "jane doe.pdf", "application/pdf", 30, "", false});
  write(store, elsewhere);

  REQUIRE(erase_person(folder.path(), order_for(kJane.addr_spec)).messages == 1);
  const auto messages = store.messages(TicketId{1});
  CHECK(messages[2].attachments[0].name == "(erased) contract.pdf");
  CHECK_FALSE(store.raw(TicketId{1}, messages[2].id));
  CHECK_FALSE(store.raw(TicketId{1}, messages[3].id));
  CHECK(store.messages(TicketId{2})[0].attachments[0].name == "jane doe.pdf");
}

}  // namespace
}  // namespace ticketd
