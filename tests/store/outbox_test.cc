#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

using Strings = std::vector<std::string>;

/// A store with ticket 1 and one mail to three recipients in the outbox.
std::int64_t file_three(Store& store) {
  auto decision = make_decision(1, "a@customer");
  decision.outgoing[0].recipients = {"a@x.example", "b@x.example", "c@x.example"};
  decision.outgoing[0].octets = "Subject: x\r\n\r\n" + std::string(5000, 'x');
  return file(store, decision).outbox_ids.at(0);
}

TEST_CASE("a new mail is due at once, and leased once") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  CHECK(store.next_outbox_due() == at(0));
  CHECK(store.lease_outbox(at(-1), 10).empty());
  const auto leased = store.lease_outbox(at(0), 10);
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].mail.id == id);
  CHECK(leased[0].mail.ticket == TicketId{1});
  CHECK(leased[0].mail.kind == OutboxKind::acknowledgement);
  CHECK(leased[0].mail.reverse_path == "support@example.com");
  CHECK(leased[0].mail.message_id == "ack-1@desk");
  CHECK(leased[0].mail.octets == "Subject: x\r\n\r\n" + std::string(5000, 'x'));
  CHECK(leased[0].mail.recipients == Strings{"a@x.example", "b@x.example", "c@x.example"});
  CHECK(leased[0].state == OutboxState::sending);
  CHECK(leased[0].attempts == 1);
  CHECK(store.lease_outbox(at(100), 10).empty());
  CHECK_FALSE(store.next_outbox_due());
  CHECK(store.outbox().at(0).state == OutboxState::sending);
  CHECK(store.outbox().at(0).mail.octets.empty());
}

TEST_CASE("a result ends a lease") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  REQUIRE(store.lease_outbox(at(0), 1).size() == 1);
  SECTION("sent") {
    mark(store, make_result(id, OutboxState::sent));
    CHECK(store.outbox().at(0).state == OutboxState::sent);
    CHECK_FALSE(store.next_outbox_due());
    CHECK_FALSE(store.retry_outbox(id, at(2)));
    CHECK_FALSE(store.drop_outbox(id));
  }
  SECTION("deferred comes again when it is due") {
    mark(store, make_result(id, OutboxState::deferred, at(9)));
    const auto row = store.outbox().at(0);
    CHECK(row.state == OutboxState::deferred);
    CHECK(row.last_error == "451 later");
    CHECK(row.next_attempt_at == at(9));
    CHECK(store.next_outbox_due() == at(9));
    CHECK(store.lease_outbox(at(8), 1).empty());
    CHECK(store.lease_outbox(at(9), 1).at(0).attempts == 2);
  }
  SECTION("what was not tried is queued again") {
    mark(store, make_result(id, OutboxState::queued, at(1)));
    CHECK(store.outbox().at(0).state == OutboxState::queued);
    CHECK(store.lease_outbox(at(1), 1).at(0).mail.recipients.size() == 3);
  }
  SECTION("failed stays and comes again only by hand") {
    mark(store, make_result(id, OutboxState::failed, at(9)));
    CHECK(store.outbox().at(0).state == OutboxState::failed);
    CHECK(store.outbox().at(0).refused.size() == 3);
    CHECK(store.lease_outbox(at(99), 1).empty());
    CHECK(store.retry_outbox(id, at(50)));
    CHECK(store.next_outbox_due() == at(50));
    CHECK(store.outgoing(id)->waiting_since == at(50));  // patience begins anew
    CHECK(store.lease_outbox(at(50), 1).at(0).mail.recipients.size() == 3);
  }
  SECTION("uncertain without a further attempt stays visible") {
    mark(store, make_result(id, OutboxState::uncertain));
    CHECK(store.outbox().at(0).state == OutboxState::uncertain);
    CHECK(store.lease_outbox(at(99), 1).empty());
    CHECK(store.counts(at(0)).uncertain == 1);
    CHECK(store.outbox().at(0).uncertain_attempts == 1);
    CHECK(store.retry_outbox(id, at(100)));
    CHECK(store.lease_outbox(at(100), 1).at(0).uncertain_attempts == 0);  // a person begins the count anew
  }
}

TEST_CASE("recipients that took a mail are not offered it again") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  REQUIRE(store.lease_outbox(at(0), 1).size() == 1);
  auto result = make_result(id, OutboxState::deferred, at(5));
  result.accepted = {"a@x.example"};
  result.refused = {"c@x.example"};
  SECTION("one is left") {
    mark(store, result);
    const auto again = store.lease_outbox(at(5), 1);
    REQUIRE(again.size() == 1);
    CHECK(again[0].mail.recipients == Strings{"b@x.example"});
    CHECK(again[0].refused == Strings{"c@x.example"});
    CHECK(store.outbox().at(0).mail.recipients.size() == 3);
  }
  SECTION("nobody is left: it is sent") {
    result.accepted.push_back("b@x.example");
    mark(store, result);
    CHECK(store.outbox().at(0).state == OutboxState::sent);
    CHECK_FALSE(store.next_outbox_due());
  }
  SECTION("all have refused: it has failed") {
    result.accepted.clear();
    result.refused = {"a@x.example", "b@x.example", "c@x.example"};
    mark(store, result);
    CHECK(store.outbox().at(0).state == OutboxState::failed);
  }
}

TEST_CASE("a result without a lease changes nothing") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  mark(store, make_result(id, OutboxState::sent));
  mark(store, make_result(99, OutboxState::sent));
  CHECK(store.outbox().at(0).state == OutboxState::queued);
}

TEST_CASE("what a dead process was sending can be told, and the rest is as it was") {
  StoreFolder folder;
  {
    Store store(folder.path());
    for (int i = 1; i <= 4; ++i) file_new(store, i, "m" + std::to_string(i) + "@customer");
    const auto leased = store.lease_outbox(at(0), 3);
    mark(store, make_result(leased[0].mail.id, OutboxState::sent));
    mark(store, make_result(leased[1].mail.id, OutboxState::failed));
  }
  Store store(folder.path());
  const auto sending = store.sending();
  REQUIRE(sending.size() == 1);
  CHECK(sending[0].mail.message_id == "ack-3@desk");
  CHECK(sending[0].attempts == 1);
  auto result = make_result(sending[0].mail.id, OutboxState::uncertain);
  result.interrupted = true;
  result.next_attempt_at = at(7);
  mark(store, result);
  CHECK(store.sending().empty());
  const auto rows = store.outbox();
  CHECK(rows.at(0).state == OutboxState::sent);
  CHECK(rows.at(1).state == OutboxState::failed);
  CHECK(rows.at(2).state == OutboxState::uncertain);
  CHECK(rows.at(2).next_attempt_at == at(7));
  CHECK(rows.at(2).uncertain_attempts == 0);  // no answer of the server was lost
  CHECK(rows.at(2).interrupted_attempts == 1);
  CHECK(rows.at(3).state == OutboxState::queued);
}

TEST_CASE("how long no server has answered for a mail, and how many mails a server puts off") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  const auto attempt = [&](int second, bool put_off) {
    REQUIRE(store.lease_outbox(at(second), 10).size() == 1);
    auto result = make_result(id, OutboxState::deferred, at(second + 1));
    result.put_off = put_off;
    store.mark_results({&result, 1}, at(second));
  };
  attempt(10, false);
  CHECK(store.counts(at(11)).oldest_unsent_at == at(0));
  CHECK(store.put_off_mails(at(11)) == 0);
  attempt(20, true);
  CHECK_FALSE(store.counts(at(21)).oldest_unsent_at);
  CHECK(store.counts(at(21)).deferred == 1);
  CHECK(store.put_off_mails(at(1)) == 1);
  CHECK(store.put_off_mails(at(0)) == 0);  // it waits since then, not before
  attempt(30, false);
  attempt(40, false);
  CHECK(store.counts(at(41)).oldest_unsent_at == at(30));
  CHECK(store.put_off_mails(at(1)) == 0);
  attempt(50, true);
  CHECK(store.lease_outbox(at(60), 10).size() == 1);
  CHECK_FALSE(store.counts(at(61)).oldest_unsent_at);  // while it is tried
  const auto lost = make_result(id, OutboxState::uncertain, at(62));
  store.mark_results({&lost, 1}, at(61));
  CHECK(store.counts(at(62)).oldest_unsent_at == at(61));
  CHECK(store.retry_outbox(id, at(70)));
  CHECK(store.counts(at(71)).oldest_unsent_at == at(70));
}

TEST_CASE("a dropped mail is gone from the outbox, but a reply to it still finds its ticket") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  CHECK_FALSE(store.drop_outbox(99));
  CHECK_FALSE(store.retry_outbox(id, at(0)));
  CHECK(store.outgoing(id)->mail.recipients.size() == 3);
  CHECK(store.drop_outbox(id));
  CHECK_FALSE(store.outgoing(id));
  CHECK_FALSE(store.drop_outbox(id));
  CHECK_FALSE(store.retry_outbox(id, at(0)));
  CHECK(store.outbox().empty());
  CHECK_FALSE(store.next_outbox_due());
  CHECK(store.lease_outbox(at(99), 10).empty());
  CHECK_FALSE(store.counts(at(0)).oldest_unsent_at);
  auto query = make_query("b@customer");
  query.references = {"ack-1@desk"};
  CHECK(store.load_context(query).candidates.size() == 1);
}

TEST_CASE("what is not sent is listed, and the latest of what is") {
  StoreFolder folder;
  Store store(folder.path());
  REQUIRE(file_three(store) == 1);
  for (int i = 2; i <= 6; ++i) file_new(store, i, "m" + std::to_string(i) + "@customer");
  for (const auto& row : store.lease_outbox(at(0), 5)) {
    if (row.mail.id == 3) mark(store, make_result(row.mail.id, OutboxState::failed));
    if (row.mail.id != 3 && row.mail.id != 5) mark(store, make_result(row.mail.id, OutboxState::sent));
  }
  std::vector<std::int64_t> ids;
  const auto rows = store.latest_outbox(2);
  for (const auto& row : rows) ids.push_back(row.mail.id);
  CHECK(ids == std::vector<std::int64_t>{2, 3, 4, 5, 6});
  CHECK(rows[1].refused == Strings{"Ann@customer.example"});
  REQUIRE(store.outbox().size() == 6);
  CHECK(store.outbox()[0].mail.recipients == Strings{"a@x.example", "b@x.example", "c@x.example"});
}

TEST_CASE("a mail that is being sent can't be dropped or retried") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = file_three(store);
  REQUIRE(store.lease_outbox(at(0), 1).size() == 1);
  CHECK_FALSE(store.drop_outbox(id));
  CHECK_FALSE(store.retry_outbox(id, at(0)));
}

TEST_CASE("a clock that is set back makes no mail wait for it") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer", 100);
  file_new(store, 2, "b@customer", 100);
  const auto leased = store.lease_outbox(at(100), 1);
  REQUIRE(leased.size() == 1);
  SendResult deferred;
  deferred.id = leased[0].mail.id;
  deferred.state = OutboxState::deferred;
  deferred.next_attempt_at = at(101);
  store.mark_results(std::vector{deferred}, at(100));
  CHECK(store.lease_outbox(at(0), 10).empty());
  store.bring_forward(at(0), at(60), at(3600));
  CHECK(store.lease_outbox(at(0), 10).size() == 1);
  CHECK(store.next_outbox_due() == at(60));
}

TEST_CASE("a webhook's call is for whoever calls, a mail for whoever mails") {
  StoreFolder folder;
  Store store(folder.path());
  Decision decision;
  decision.outgoing = {make_outgoing(1, "mail@desk"), make_outgoing(1, "call@desk", OutboxKind::webhook)};
  for (auto& mail : decision.outgoing) mail.ticket.reset();
  decision.outgoing[1].recipients = {"webhook:Ann Engineer"};
  file(store, decision);
  CHECK(store.next_webhook_due() == at(0));
  const auto calls = store.lease_webhooks(at(0), 10);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].mail.message_id == "call@desk");
  CHECK(calls[0].mail.recipients == std::vector<std::string>{"webhook:Ann Engineer"});
  CHECK_FALSE(store.next_webhook_due());
  const auto mails = store.lease_outbox(at(0), 10);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].mail.message_id == "mail@desk");
}

}  // namespace
}  // namespace ticketd
