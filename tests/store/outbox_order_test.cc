// In which order mails leave.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("the oldest due mails are leased first, up to the limit") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 4; ++i) file_new(store, i, "m" + std::to_string(i) + "@customer", 5 - i);
  const auto first = store.lease_outbox(at(10), 3);
  REQUIRE(first.size() == 3);
  CHECK(first[0].mail.message_id == "ack-4@desk");
  CHECK(first[1].mail.message_id == "ack-3@desk");
  CHECK(first[2].mail.message_id == "ack-2@desk");
  CHECK(store.lease_outbox(at(10), 3).size() == 1);
}

TEST_CASE("pages are leased before all other mails, and by themselves where those have to wait") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 3; ++i) file_new(store, i, "m" + std::to_string(i) + "@customer");
  for (int i = 4; i <= 5; ++i) {
    auto decision = make_decision(i, "m" + std::to_string(i) + "@customer");
    decision.outgoing = {make_outgoing(i, "page-" + std::to_string(i) + "@desk", OutboxKind::page)};
    file(store, decision, {}, nullptr, i);
  }
  const auto pages = store.lease_outbox(at(4), 10, Urgency::page);
  REQUIRE(pages.size() == 1);
  CHECK(pages[0].mail.message_id == "page-4@desk");
  CHECK(pages[0].state == OutboxState::sending);
  const auto others = store.lease_outbox(at(5), 2);
  REQUIRE(others.size() == 2);
  CHECK(others[0].mail.message_id == "page-5@desk");
  CHECK(others[1].mail.message_id == "ack-1@desk");
  CHECK(store.counts(at(6)).sending == 3);
  CHECK(store.counts(at(6)).oldest_sending_at == at(4));
}

TEST_CASE("what customers get leaves before what staff get, of that first what they must not miss") {
  StoreFolder folder;
  Store store(folder.path());
  const std::map<OutboxKind, Urgency> urgencies{
      {OutboxKind::page, Urgency::page},       {OutboxKind::acknowledgement, Urgency::customer},
      {OutboxKind::answer, Urgency::customer}, {OutboxKind::reply, Urgency::customer},
      {OutboxKind::update, Urgency::customer}, {OutboxKind::resolution, Urgency::customer},
      {OutboxKind::closed, Urgency::customer}, {OutboxKind::incident, Urgency::customer},
      {OutboxKind::warning, Urgency::warning}, {OutboxKind::breach, Urgency::customer},
      {OutboxKind::admin, Urgency::warning},   {OutboxKind::notification, Urgency::news},
      {OutboxKind::digest, Urgency::news},     {OutboxKind::webhook, Urgency::webhook}};
  auto decision = make_decision(1, "a@customer");
  decision.outgoing.clear();
  for (const auto& [kind, urgency] : urgencies) {  // the least urgent first
    decision.outgoing.insert(decision.outgoing.begin(), make_outgoing(1, std::string(name_of(kind)) + "@desk", kind));
    decision.outgoing.front().recipients = {std::string(name_of(kind)) + "@x.example"};
  }
  std::ranges::stable_sort(decision.outgoing, std::greater(),
                           [&](const auto& mail) { return urgencies.at(mail.kind); });
  file(store, decision);

  CHECK(store.next_outbox_due() == at(0));
  const auto some = store.lease_outbox(at(1), 100, Urgency::customer);
  CHECK(some.size() == 9);
  auto leased = store.lease_outbox(at(1), 100);
  CHECK(leased.size() == 4);
  leased.insert(leased.begin(), some.begin(), some.end());
  for (const auto& row : leased) CHECK(row.urgency == urgencies.at(row.mail.kind));
  CHECK(std::ranges::is_sorted(leased, {}, &OutboxRow::urgency));
  CHECK_FALSE(store.next_outbox_due());
  CHECK(store.next_webhook_due() == at(0));
  REQUIRE(store.lease_webhooks(at(1), 100).size() == 1);
  CHECK(store.sending().size() == urgencies.size());
}

TEST_CASE("a customer's mails about one ticket leave in the order in which they were written") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.outgoing = {make_outgoing(1, "breach-notice@desk", OutboxKind::breach),
                       make_outgoing(1, "reply@desk", OutboxKind::reply)};
  file(store, decision);
  const auto leased = store.lease_outbox(at(1), 1);
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].mail.message_id == "breach-notice@desk");
}

TEST_CASE("a mail waits for an earlier one of its ticket to the same person that could not be sent, for a while") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  REQUIRE(store.lease_outbox(at(0), 1).size() == 1);
  mark(store, make_result(1, OutboxState::deferred, at(60)));
  Decision more;
  for (const char* name : {"reply@desk", "note@desk", "page@desk"}) more.outgoing.push_back(make_outgoing(1, name));
  more.outgoing[1].recipients = {"ann@staff.example"};
  more.outgoing[2].kind = OutboxKind::page;
  file(store, more);
  const auto names_at = [&](int minutes) {
    Strings names;
    for (const auto& row : store.lease_outbox(at(minutes), 10)) names.push_back(row.mail.message_id);
    return names;
  };
  CHECK(names_at(14) == Strings{"page@desk", "note@desk"});
  SECTION("until that is tried again") {
    REQUIRE(store.retry_outbox(1, at(2)));
    CHECK(names_at(3) == Strings{"reply@desk", "ack-1@desk"});  // the sender puts them into their order
  }
  SECTION("or dropped") {
    REQUIRE(store.drop_outbox(1));
    CHECK(names_at(14) == Strings{"reply@desk"});
  }
  SECTION("or for long enough") { CHECK(names_at(15) == Strings{"reply@desk"}); }
}

TEST_CASE("what staff get leaves in the end, however much customers get") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.outgoing.clear();
  for (int i = 1; i <= 60; ++i)
    decision.outgoing.push_back(make_outgoing(1, std::to_string(i) + "@desk", OutboxKind::acknowledgement));
  for (const char* name : {"one@desk", "two@desk", "three@desk"})
    decision.outgoing.push_back(make_outgoing(1, name, OutboxKind::notification));
  decision.outgoing.push_back(make_outgoing(1, "warning@desk", OutboxKind::warning));
  file(store, decision);
  const auto staff_among = [](const std::vector<OutboxRow>& leased) {
    Strings names;
    for (const auto& row : leased) {
      CHECK(row.urgency == Urgency::customer);
      if (row.mail.kind != OutboxKind::acknowledgement) names.push_back(row.mail.message_id);
    }
    return names;
  };
  CHECK(staff_among(store.lease_outbox(at(9), 20)).empty());
  const auto leased = store.lease_outbox(at(10), 20);
  CHECK(leased.size() == 20);
  CHECK(staff_among(leased) == Strings{"warning@desk", "one@desk"});
  CHECK(staff_among(store.lease_outbox(at(10), 9)).empty());
  CHECK(staff_among(store.lease_outbox(at(10), 10, Urgency::customer)) == Strings{"two@desk"});
  CHECK(store.lease_outbox(at(10), 10, Urgency::page).empty());
}

TEST_CASE("what staff must not miss waits for no news") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.outgoing = {make_outgoing(1, "news@desk", OutboxKind::notification)};
  file(store, decision);
  REQUIRE(store.lease_outbox(at(0), 1).size() == 1);
  mark(store, make_result(1, OutboxState::deferred, at(60)));
  Decision more;
  more.outgoing = {make_outgoing(1, "warning@desk", OutboxKind::warning),
                   make_outgoing(1, "digest@desk", OutboxKind::digest)};
  file(store, more);
  const auto leased = store.lease_outbox(at(2), 10);
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].mail.message_id == "warning@desk");
}

}  // namespace
}  // namespace ticketd
