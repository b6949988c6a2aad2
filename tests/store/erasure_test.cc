#include "store/erasure.h"

#include <catch2/catch.hpp>

#include "parsers/ascii.h"
#include "store/soundness.h"
#include "tests/store/erasure_fixture.h"
#include "tests/store/store_work.h"

namespace ticketd {
namespace {

/// Jane's ticket 1, Bob's ticket 2 with a mail of Jane's and one that mentions her, Bob's ticket 3 with nothing of her.
class TwoPeople {
 public:
  TwoPeople() {
    Store store(path());
    store.open_mailbox("support", work::kValidity, Uid{0}, at(0));
    open(store, 1, "Jane Doe", "Jane@acme.example", "jane-1@acme.example", "The xylophone at Baker Street 7 is mute.");
    open(store, 2, "Bob", "bob@acme.example", "bob-1@acme.example", "Ask Jane Doe <jane@acme.example>, not joann.");
    open(store, 3, "Bob", "bob@acme.example", "bob-2@acme.example", "Mine alone, of maryjane@acme.example.");
    follow_up(store, 2, "jane-2@acme.example", "My number is 555-7788.");
    answer(store);
    quote(store);
    quarantine(store, "From: jane@acme.example\r\n\r\ngarbage");
    quarantine(store, "From: bob@acme.example\r\n\r\ngarbage");
    send(store);
    while (store.index_messages(100)) {
    }
    close(store);
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }

  [[nodiscard]] ErasureOrder order() const {
    ErasureOrder order;
    order.address = "jane@acme.example";
    order.actor = "Ann";
    order.mark = "0123456789abcdef";
    order.kept_names = {"Support"};
    order.now = at(500);
    return order;
  }

 private:
  static void open(Store& store, int number, const std::string& name, const std::string& address,
                   const std::string& message_id, const std::string& text) {
    auto decision = make_decision(number, message_id, number);
    decision.ticket->requester = {name, address};
    decision.ticket->reply_to = address;
    decision.ticket->subject = decision.messages[0].subject = "Subject " + std::to_string(number) + " of " + name;
    decision.ticket->organization = "acme.example";
    decision.messages[0].from = {name, address};
    decision.messages[0].text = text;
    decision.messages[0].attachments.push_back({1, name + ".txt", "text/plain", 30, "cid-" + message_id, false});
    decision.participants = {to_lower(address)};
    decision.events[0].detail = "Opened by " + name + " <" + address + ">: " + decision.ticket->subject;
    decision.outgoing[0].recipients = {address};
    decision.outgoing[0].octets = "To: " + address + "\r\nIn-Reply-To: <" + message_id + ">\r\n\r\n" + text;
    write(store, number, decision, address, message_id, text);
  }

  static void follow_up(Store& store, int number, const std::string& message_id, const std::string& text) {
    auto decision = make_decision(number, message_id, 20);
    decision.outcome = Outcome::follow_up;
    decision.opens = false;
    decision.ticket = store.ticket(TicketId{number})->ticket;
    decision.messages[0].from = {"Jane Doe", "jane@acme.example"};
    decision.messages[0].text = text;
    decision.messages[0].by_stranger = true;
    decision.participants = {"jane@acme.example"};
    decision.outgoing = {make_outgoing(number, "told@desk", OutboxKind::notification)};
    decision.outgoing[0].recipients = {"ann@staff.example", "jane@acme.example"};
    decision.outgoing[0].octets = "To: ann@staff.example\r\n\r\nJane Doe <jane@acme.example> wrote:\r\n" + text;
    decision.counts_for_page_limit = true;
    write(store, 20, decision, "jane@acme.example", message_id, text);
  }

  static void write(Store& store, int uid, const Decision& decision, const std::string& address,
                    const std::string& message_id, const std::string& text) {
    auto known = make_query(message_id);
    known.sender = to_lower(address);
    Store::Transaction transaction(store);
    const auto applied = store.apply(
        decision, "From: " + address + "\r\nMessage-ID: <" + message_id + ">\r\n\r\n" + text, &known, at(uid));
    work::record(store, uid, decision.outcome, applied.ticket);
    transaction.commit();
  }

  /// To Jane alone, in Bob's ticket.
  static void answer(Store& store) {
    auto decision = make_decision(2, "unused", 30);
    decision.opens = false;
    decision.keeps_raw = false;
    decision.ticket = store.ticket(TicketId{2})->ticket;
    decision.messages[0].direction = Direction::out;
    decision.messages[0].from = {"Support", "support@example.com"};
    decision.messages[0].to = {{"Jane Doe", "jane@acme.example"}};
    decision.messages[0].message_id = "answer@desk";
    decision.messages[0].text = "We call 555-7788.";
    decision.outgoing = {make_outgoing(2, "answer@desk", OutboxKind::reply)};
    decision.outgoing[0].recipients = {"jane@acme.example"};
    decision.undeliverable = {{"jane@acme.example", at(31), "550 jane@acme.example", 1, TicketId{1}}};
    decision.sender_standing = {"jane@acme.example", true};
    file(store, decision, {}, nullptr, 30);
  }

  /// Bob quotes her, and himself.
  static void quote(Store& store) {
    auto decision = make_decision(2, "bob-3@acme.example", 35);
    decision.opens = false;
    decision.ticket = store.ticket(TicketId{2})->ticket;
    decision.messages[0].from = {"Bob", "bob@acme.example"};
    decision.messages[0].text = "Thank you.\n> My number is 555-7788.\nMine is on your desk.\n";
    decision.outgoing.clear();
    write(store, 29, decision, "bob@acme.example", "bob-3@acme.example", decision.messages[0].text);
  }

  static void quarantine(Store& store, const std::string& octets) {
    static int uid = 30;
    ArrivedMail arrived;
    arrived.mailbox = "support";
    arrived.octets = octets;
    work::record(store, ++uid, Outcome::quarantined, {},
                 store.quarantine(arrived, "Unreadable: jane@acme.example.", at(40)));
  }

  /// The news to staff leave, nothing else.
  static void send(Store& store) {
    std::vector<SendResult> results;
    for (const auto& leased : store.lease_outbox(at(44), 100)) {
      auto& result = results.emplace_back();
      result.id = leased.mail.id;
      const bool is_news = leased.mail.kind == OutboxKind::notification;
      result.state = is_news ? OutboxState::sent : OutboxState::deferred;
      if (!is_news) result.next_attempt_at = at(60);
    }
    store.mark_results(results, at(45));
  }

  static void close(Store& store) {
    auto decision = make_decision(1, "unused", 50);
    decision.opens = false;
    decision.messages.clear();
    decision.outgoing.clear();
    decision.ticket = store.ticket(TicketId{1})->ticket;
    decision.ticket->status = TicketStatus::closed;
    decision.ticket->closed_at = at(50);
    // Where each address stands for itself, it is the organization's name.
    decision.strike = {"jane@acme.example", at(50), TicketId{1}, "Lowered by Ann.", false};
    decision.organization_standing = {"jane@acme.example", at(5000)};
    decision.events = {{TicketId{1}, at(50), "Ann", "organization_downgraded", "Too many.", "jane@acme.example"}};
    file(store, decision, {}, nullptr, 50);
  }

  StoreFolder folder_;
};

/// maryjane@acme.example is somebody else.
std::vector<std::string> traces_in(std::string octets) {
  for (auto other = octets.find("maryjane@"); other != std::string::npos; other = octets.find("maryjane@"))
    octets.erase(other, 21);
  std::vector<std::string> found;
  for (const char* trace : {"jane@acme.example", "jane doe", "xylophone", "baker", "555-7788", "jane-1@", "jane-2@",
                            "answer@desk", "subject 1 of"})
    if (octets.find(trace) != std::string::npos) found.emplace_back(trace);
  return found;
}

TEST_CASE("whoever names himself, or his mails, like others takes nothing of theirs with him") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "victim@customer.example");  // the id is somebody's address
  auto other = make_decision(2, "2@shop.example");
  other.ticket->requester = {"Victim", "victim@customer.example"};
  other.ticket->reply_to = "victim@customer.example";
  other.participants = {"victim@customer.example"};
  other.messages[0].from = {"Victim", "victim@customer.example"};
  other.messages[0].text = "Kind regards, the victim";
  file(store, other);
  auto forger = make_decision(3, "<victim@customer.example>");
  forger.ticket->requester = {"Kind regards", "p@x.example"};
  forger.ticket->reply_to = "p@x.example";
  forger.participants = {"p@x.example"};
  forger.ticket->status = TicketStatus::closed;
  forger.messages[0].from = {"Kind regards", "p@x.example"};
  forger.messages[0].message_id = "victim@customer.example";
  forger.outgoing.clear();
  file(store, forger);
  ErasureOrder order;
  order.address = "p@x.example";
  order.actor = "ann";
  order.mark = "mark";
  order.now = at(60);
  const auto erasure = erase_person(folder.path(), order);
  CHECK(erasure.tickets == std::vector{TicketId{3}});
  CHECK(erasure.mentions == 0);
  CHECK(store.ticket(TicketId{2})->ticket.requester.addr_spec == "victim@customer.example");
  CHECK(store.messages(TicketId{2})[0].text == "Kind regards, the victim");
  CHECK(store.raw(TicketId{2}, store.messages(TicketId{2})[0].id));
}

TEST_CASE("of an erased person not an octet is left, and others keep what is theirs") {
  const TwoPeople people;
  CHECK(traces_in(all_octets(people.path())).size() == 9);
  const auto ledger_before = Store(people.path()).ledger("").size();
  Store running(people.path());  // a daemon that goes on
  static_cast<void>(running.ticket(TicketId{1}));

  const auto erasure = erase_person(people.path(), people.order());
  CHECK(erasure.files_are_clean);
  CHECK(erasure.tickets == std::vector{TicketId{1}});
  CHECK(erasure.messages == 3);
  CHECK(erasure.mentions == 2);
  CHECK(erasure.quarantined == 1);
  CHECK(traces_in(all_octets(people.path())) == std::vector<std::string>{});
  CHECK(find_damage(people.path()) == std::vector<std::string>{});

  const auto row = running.ticket(TicketId{1});
  CHECK(row->ticket.requester.addr_spec == "erased-0123456789abcdef@erased.invalid");
  CHECK(row->ticket.subject == "(erased)");
  CHECK(row->ticket.reported_at == at(1));
  CHECK(running.messages(TicketId{1}).at(0).text == "(erased)");
  const auto others = running.messages(TicketId{2});
  CHECK(others.at(0).text == "Ask (erased) <erased-0123456789abcdef@erased.invalid>, not joann.");
  CHECK(others.at(0).from.addr_spec == "bob@acme.example");
  CHECK(others.at(1).text == "(erased)");
  CHECK(others.at(3).text == "Thank you.\n> (erased)\nMine is on your desk.\n");
  CHECK(running.strikes("erased-0123456789abcdef@erased.invalid").size() == 1);
  CHECK(running.organization_events("erased-0123456789abcdef@erased.invalid").size() == 1);
  CHECK(running.messages(TicketId{3}).at(0).text == "Mine alone, of maryjane@acme.example.");
  CHECK(running.raw(TicketId{3}, running.messages(TicketId{3}).at(0).id));
  REQUIRE(running.removed_original(others.at(1).id));
  CHECK(running.removed_original(others.at(1).id)->is_erased);
  CHECK(running.ledger("").size() == ledger_before);
  CHECK(running.quarantined().size() == 1);
  CHECK(running.undeliverable().empty());
  CHECK(running.blocked_senders().empty());
  CHECK(running.events(TicketId{1}).back().kind == "person_erased");
}

TEST_CASE("after an erasure the index, threads and the outbox go on") {
  const TwoPeople people;
  const auto erasure = erase_person(people.path(), people.order());
  REQUIRE(erasure.files_are_clean);
  Store store(people.path());
  CHECK(search(store, "xylophone", 5).empty());
  CHECK(search(store, "Mine alone", 5).size() == 1);
  CHECK(search(store, "Ask", 5).size() == 1);
  open_plainly(people.path())
      .execute("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)");
  auto query = make_query("jane-3@acme.example");
  query.references = {"jane-1@acme.example", "answer@desk", "ack-1@desk"};
  CHECK(store.load_context(query).candidates.empty());
  query.references = {"bob-1@acme.example"};
  CHECK(store.load_context(query).candidates.size() == 1);
  for (const auto& mail : store.lease_outbox(at(5000), 100))
    for (const auto& recipient : mail.mail.recipients) CHECK(recipient.find("erased") == std::string::npos);
  file_new(store, 4, "jane-1@acme.example", 600);
  CHECK(store.ticket(TicketId{4}));
}

TEST_CASE("an erasure of nobody, a trial, and one that has to wait change nothing") {
  const TwoPeople people;
  const auto before = all_octets(people.path());
  auto order = people.order();
  SECTION("a trial") {
    order.dry_run = true;
    const auto erasure = erase_person(people.path(), order);
    CHECK(erasure.messages == 3);
    CHECK(Store(people.path()).messages(TicketId{1}).at(0).text.find("xylophone") != std::string::npos);
  }
  SECTION("nobody") {
    order.address = "nobody@acme.example";
    CHECK(erase_person(people.path(), order).is_empty());
    CHECK(traces_in(all_octets(people.path())).size() == 9);
  }
  SECTION("a ticket that is open") {
    Store store(people.path());
    order.address = "bob@acme.example";
    const auto erasure = erase_person(people.path(), order);
    CHECK(erasure.open == std::vector{TicketId{2}, TicketId{3}});
    CHECK(store.messages(TicketId{3}).at(0).text.starts_with("Mine alone"));
  }
  SECTION("a mail that is being sent") {
    Store store(people.path());
    CHECK_FALSE(store.lease_outbox(at(5000), 100).empty());
    CHECK(erase_person(people.path(), order).is_under_way);
    CHECK(store.messages(TicketId{1}).at(0).text.find("xylophone") != std::string::npos);
  }
}

TEST_CASE("events change for nobody else, and never but in their words") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  auto plain = open_plainly(folder.path());
  CHECK_THROWS(plain.execute("UPDATE events SET detail = 'x'"));
  CHECK_THROWS(plain.execute("DELETE FROM events"));
  plain.execute("BEGIN; INSERT INTO erasure_at_work (id) VALUES (1); UPDATE events SET detail = 'x', actor = 'y'");
  for (const char* change : {"at = 5", "kind = 'other'", "ticket = NULL", "id = 77"})
    CHECK_THROWS(plain.execute(std::string("UPDATE events SET ") + change));
  CHECK_THROWS(plain.execute("DELETE FROM events"));
  plain.execute("ROLLBACK");
  CHECK(store.events(TicketId{1}).at(0).detail == "The mail opens a ticket.");
}

}  // namespace
}  // namespace ticketd
