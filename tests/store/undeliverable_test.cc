#include <catch2/catch.hpp>

#include "store/sqlite.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// Ticket 1 with an acknowledgement to Ann that came back.
std::int64_t file_bounced(Store& store) {
  const auto outbox = file_new(store, 1, "a@customer").outbox_ids.at(0);
  const auto leased = store.lease_outbox(at(0), 1);
  SendResult sent;
  sent.id = leased.at(0).mail.id;
  store.mark_results({&sent, 1}, at(0));
  Decision bounce;
  bounce.ticket = make_ticket(1);
  bounce.returned = {{outbox, "The acknowledgement did not reach ann@customer.example: 550 gone"}};
  bounce.undeliverable = {{"ann@customer.example", at(1), "550 gone", outbox, TicketId{1}}};
  file(store, bounce, {}, nullptr, 1);
  return outbox;
}

Decision answer_to(std::vector<std::string> recipients, OutboxKind kind = OutboxKind::reply) {
  Decision decision;
  decision.ticket = make_ticket(1);
  decision.outgoing = {make_outgoing(1, "answer@desk", kind)};
  decision.outgoing[0].recipients = std::move(recipients);
  return decision;
}

TEST_CASE("an address that mail does not reach is listed once, with the mail that came back") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK(store.undeliverable().empty());
  const auto outbox = file_bounced(store);
  Decision again;
  again.ticket = make_ticket(1);
  again.undeliverable = {{"ann@customer.example", at(9), "later", outbox, {}}};
  file(store, again);
  const auto all = store.undeliverable();
  REQUIRE(all.size() == 1);
  CHECK(all[0].address == "ann@customer.example");
  CHECK(all[0].since == at(1));
  CHECK(all[0].reason == "550 gone");
  CHECK(all[0].outbox == outbox);
  CHECK(all[0].ticket == TicketId{1});
  CHECK(store.undeliverable("ANN@customer.example"));
  CHECK_FALSE(store.undeliverable("bob@customer.example"));
  CHECK(store.outgoing(outbox)->state == OutboxState::sent);
  CHECK(store.outgoing(outbox)->last_error == "The acknowledgement did not reach ann@customer.example: 550 gone");
}

TEST_CASE("a mail to such an address alone is never tried, and is no secret") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  const auto id = file(store, answer_to({"Ann@customer.example"}), {}, nullptr, 5).outbox_ids.at(0);
  const auto row = store.outgoing(id);
  CHECK(row->state == OutboxState::failed);
  CHECK(row->last_error.find("550 gone") != std::string::npos);
  CHECK(store.lease_outbox(at(100), 10).empty());
  CHECK_FALSE(store.next_outbox_due());
  CHECK(store.counts(at(5)).failed == 1);
  CHECK(store.counts(at(5)).kept_back == 1);
  const auto events = store.events(TicketId{1});
  CHECK(events.back().kind == "mail_suppressed");
  CHECK(events.back().detail == row->last_error);
  CHECK(row->last_error.starts_with("The answer is not sent to ann@customer.example, for mail to it came back: "));
}

TEST_CASE("a person may have it sent all the same") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  const auto id = file(store, answer_to({"Ann@customer.example"})).outbox_ids.at(0);
  CHECK(store.retry_outbox(id, at(6)));
  const auto leased = store.lease_outbox(at(6), 10);
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].mail.recipients == std::vector<std::string>{"Ann@customer.example"});
}

TEST_CASE("the others still get a mail that one of them does not") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  file(store, answer_to({"bob@customer.example", "Ann@customer.example"}), {}, nullptr, 5);
  const auto leased = store.lease_outbox(at(5), 10);
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].mail.recipients == std::vector<std::string>{"bob@customer.example"});
  CHECK(leased[0].refused.empty());
  CHECK(store.events(TicketId{1}).back().kind == "mail_suppressed");
}

TEST_CASE("who was left out of a mail gets it when a person has it sent again, and nobody gets it twice") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  const auto id =
      file(store, answer_to({"bob@customer.example", "Ann@customer.example"}), {}, nullptr, 5).outbox_ids.at(0);
  REQUIRE(store.lease_outbox(at(5), 10).size() == 1);
  SendResult sent;
  sent.id = id;
  sent.accepted = {"bob@customer.example"};
  store.mark_results({&sent, 1}, at(5));
  const auto row = store.outgoing(id);
  CHECK(row->state == OutboxState::sent);
  CHECK(row->refused == std::vector<std::string>{"Ann@customer.example"});
  CHECK(row->last_error == "not sent to Ann@customer.example, for mail to it came back");
  Decision bounce;
  bounce.returned = {{id, "The answer did not reach bob@customer.example: full"}};
  file(store, bounce);  // what comes later does not hide it
  CHECK(store.outgoing(id)->last_error ==
        "The answer did not reach bob@customer.example: full; not sent to Ann@customer.example, for mail to it came "
        "back");
  CHECK(store.retry_outbox(id, at(6)));
  const auto again = store.lease_outbox(at(6), 10);
  REQUIRE(again.size() == 1);
  CHECK(again[0].mail.recipients == std::vector<std::string>{"Ann@customer.example"});
  sent.accepted = {"Ann@customer.example"};
  store.mark_results({&sent, 1}, at(6));
  CHECK(store.outgoing(id)->last_error.empty());
  CHECK_FALSE(store.retry_outbox(id, at(7)));
}

TEST_CASE("a bounce is held against those to whom the mail went") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  file(store, answer_to({"bob@customer.example", "Ann@customer.example"}), {}, nullptr, 5);
  auto query = make_query("bounce@mx");
  query.returned_ids = {"answer@desk"};
  CHECK(store.load_context(query).returned.at(0).recipients == std::vector<std::string>{"bob@customer.example"});
}

TEST_CASE("a command's context says that mail to the requester came back") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  CHECK(store.load_command_context(TicketId{1}, {}).undeliverable->reason == "550 gone");
}

TEST_CASE("no limit counts what lies ahead, where a clock that was set back has left it") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer", 0);
  file_new(store, 2, "b@customer", 600);
  Decision storm;
  storm.withheld_in_storm = true;
  file(store, storm, {}, nullptr, 600);
  CHECK(store.withheld_answers(at(-60), at(1)) == 0);
  CHECK(store.withheld_answers(at(-60), at(600)) == 1);
  auto query = make_query("c@customer");
  query.now = at(1);
  query.references = {"ack-2@desk"};
  query.ticket_answers_since = {at(-60)};
  query.all_acknowledgements_since = at(-60);
  auto context = store.load_context(query);
  CHECK(context.automatic_answers_to_sender == 1);
  CHECK(context.tickets_of_sender == 1);
  CHECK(context.automatic_answers_in_all == 1);
  CHECK(context.candidates.at(0).automatic_answers == std::vector<std::uint32_t>{0});
  query.now = at(600);
  context = store.load_context(query);
  CHECK(context.automatic_answers_to_sender == 2);
  CHECK(context.tickets_of_sender == 2);
  CHECK(context.automatic_answers_in_all == 2);
  CHECK(context.candidates.at(0).automatic_answers == std::vector<std::uint32_t>{1});
}

TEST_CASE("what no limit counts any more goes, a piece at a time") {
  StoreFolder folder;
  Store store(folder.path());
  constexpr int kTickets = 600;  // each opened by a sender, and acknowledged to him, which counts for his domain
  {
    Store::Transaction transaction(store);
    for (int i = 1; i <= kTickets; ++i)
      store.apply(make_decision(i, std::to_string(i) + "@customer", i), {}, nullptr, at(i));
    transaction.commit();
  }
  Database plain(folder.path().string(), {false, std::chrono::milliseconds{1000}, nullptr});
  const auto rows = [&](const char* table) { return plain.integer(std::string("SELECT count(*) FROM ") + table); };
  REQUIRE(rows("sender_activity") == 3 * kTickets);
  REQUIRE(rows("answer_counts") == kTickets);
  store.forget_activity(at(1));
  CHECK(rows("sender_activity") == 3 * kTickets);
  CHECK(rows("answer_counts") == kTickets);
  store.forget_activity(at(kTickets));
  CHECK(rows("sender_activity") == 3 * kTickets - 1000);
  store.forget_activity(at(kTickets));
  CHECK(rows("sender_activity") == 3);
  CHECK(rows("answer_counts") == 1);
  CHECK(plain.integer("SELECT min(from_at) FROM answer_counts") == at(kTickets).time_since_epoch().count());
}

/// Ann's address does not exist, as an answer to RCPT told.
Decision ann_is_unknown(std::int64_t outbox, int minutes) {
  Decision decision;
  decision.events = {{TicketId{1}, at(minutes), "ticketd", "mail_refused", "The answer did not reach her."}};
  decision.undeliverable = {{"ann@customer.example", at(minutes), "550 5.1.1 gone", outbox, TicketId{1}}};
  return decision;
}

TEST_CASE("a refused recipient is barred with the row's result, once, and the others have the mail") {
  StoreFolder folder;
  Store store(folder.path());
  auto opening = make_decision(1, "a@customer");
  opening.outgoing[0].recipients = {"Ann@customer.example", "bob@customer.example"};
  const auto id = file(store, opening).outbox_ids.at(0);
  REQUIRE(store.lease_outbox(at(1), 10).size() == 1);
  SendResult result;
  result.id = id;
  result.state = OutboxState::failed;
  result.error = "Ann@customer.example: 550 5.1.1 gone";
  result.accepted = {"bob@customer.example"};
  result.refused = {"Ann@customer.example"};
  result.follows = ann_is_unknown(id, 2);
  store.mark_results({&result, 1}, at(2));
  store.mark_results({&result, 1}, at(3));  // it is not on its way any more
  CHECK(store.undeliverable("ann@customer.example")->since == at(2));
  CHECK_FALSE(store.undeliverable("bob@customer.example"));
  CHECK(store.events(TicketId{1}).size() == 2);
  CHECK(store.outgoing(id)->refused == std::vector<std::string>{"Ann@customer.example"});
  CHECK(store.lease_outbox(at(1000), 10).empty());
}

TEST_CASE("what a result tells stands where the conversation is now") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_new(store, 1, "a@customer").outbox_ids.at(0);
  file_new(store, 2, "b@customer");
  REQUIRE(store.lease_outbox(at(1), 1).size() == 1);
  Decision merge;
  merge.ticket = make_ticket(2);
  merge.absorbed = make_ticket(1);
  merge.absorbed->merged_into = TicketId{2};
  file(store, merge);
  SendResult result;
  result.id = id;
  result.state = OutboxState::failed;
  result.refused = {"Ann@customer.example"};
  result.follows = ann_is_unknown(id, 2);
  store.mark_results({&result, 1}, at(2));
  CHECK(store.events(TicketId{2}).back().kind == "mail_refused");
}

TEST_CASE("an address is taken off the list before the same decision's mail is queued") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  auto decision = answer_to({"Ann@customer.example"}, OutboxKind::acknowledgement);
  decision.deliverable = {"ann@customer.example"};
  file(store, decision, {}, nullptr, 5);
  CHECK(store.undeliverable().empty());
  CHECK(store.lease_outbox(at(5), 10).size() == 1);
}

TEST_CASE("a mail that is not sent is no automatic answer") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  auto query = make_query("b@customer");
  query.acknowledgements_since = query.all_acknowledgements_since = at(4);
  file(store, answer_to({"Ann@customer.example"}, OutboxKind::answer), {}, nullptr, 5);
  CHECK(store.load_context(query).automatic_answers_to_sender == 0);
  CHECK(store.load_context(query).automatic_answers_in_all == 0);
}

TEST_CASE("what a bounce returns is found by its id, with all who got it") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.outgoing[0].recipients = {"Ann@Customer.example", "bob@customer.example"};
  const auto known = make_query("a@customer");
  const auto id = file(store, decision, "raw", &known).outbox_ids.at(0);
  auto query = make_query("bounce@mx");
  query.returned_ids = {"unknown@desk", "a@customer", "ack-1@desk", "ack-1@desk"};
  const auto context = store.load_context(query);
  REQUIRE(context.returned.size() == 1);
  CHECK(context.returned[0].outbox == id);
  CHECK(context.returned[0].kind == OutboxKind::acknowledgement);
  CHECK(context.returned[0].ticket == TicketId{1});
  CHECK(context.returned[0].recipients == std::vector<std::string>{"ann@customer.example", "bob@customer.example"});
}

TEST_CASE("what a bounce returns comes with those who have written in its ticket since it was sent") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  file_new(store, 2, "b@customer");
  const auto file_mail = [&](int ticket, int minutes, const std::string& from, Direction direction) {
    Decision decision;
    decision.ticket = make_ticket(ticket);
    decision.messages = {make_message(from + std::to_string(minutes))};
    decision.messages[0].from.addr_spec = from;
    decision.messages[0].at = at(minutes);
    decision.messages[0].direction = direction;
    file(store, decision, "raw", nullptr, minutes);
  };
  file_mail(1, -5, "early@customer.example", Direction::in);
  file_mail(1, 5, "Bob@customer.example", Direction::in);
  file_mail(1, 6, "bob@customer.example", Direction::in);
  file_mail(1, 7, "desk@example.com", Direction::out);
  file_mail(2, 8, "other@customer.example", Direction::in);
  auto query = make_query("bounce@mx");
  query.returned_ids = {"ack-1@desk"};
  CHECK(store.load_context(query).returned.at(0).heard_from == std::vector<std::string>{"bob@customer.example"});
}

TEST_CASE("the context says that mail to the sender came back") {
  StoreFolder folder;
  Store store(folder.path());
  file_bounced(store);
  CHECK(store.load_context(make_query("b@customer")).undeliverable->reason == "550 gone");
  auto other = make_query("c@customer");
  other.sender = "bob@customer.example";
  CHECK_FALSE(store.load_context(other).undeliverable);
}

TEST_CASE("automatic answers are counted for all spellings of a sender, per ticket and in all") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer", 0);
  file_new(store, 2, "b@customer", 30);
  auto query = make_query("c@customer");
  query.sender = "Ann+7@customer.example";
  query.references = {"ack-1@desk"};
  query.ticket_answers_since = {at(-60), at(1)};
  query.all_acknowledgements_since = at(-60);
  const auto context = store.load_context(query);
  CHECK(context.automatic_answers_to_sender == 2);
  CHECK(context.tickets_of_sender == 2);
  CHECK(context.automatic_answers_in_all == 2);
  CHECK(context.candidates.at(0).automatic_answers == std::vector<std::uint32_t>{1, 0});
  query.all_acknowledgements_since = at(29);
  CHECK(store.load_context(query).automatic_answers_in_all == 1);
}

TEST_CASE("answers that a storm kept back are counted") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK(store.withheld_answers(at(-60), at(5)) == 0);
  Decision decision;
  decision.withheld_in_storm = true;
  file(store, decision, {}, nullptr, 0);
  file(store, decision, {}, nullptr, 0);
  CHECK(store.withheld_answers(at(-60), at(5)) == 2);
  CHECK(store.withheld_answers(at(1), at(5)) == 0);
}

TEST_CASE("blocked senders can be listed") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  Decision spam;
  spam.ticket = make_ticket(1);
  spam.sender_standing = SenderStanding{"pest@bad.example", true};
  file(store, spam, {}, nullptr, 7);
  const auto blocked = store.blocked_senders();
  REQUIRE(blocked.size() == 1);
  CHECK(blocked[0].address == "pest@bad.example");
  CHECK(blocked[0].since == at(7));
  CHECK(blocked[0].ticket == TicketId{1});
}

}  // namespace
}  // namespace ticketd
