#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

constexpr UidValidity kFirst{100};
constexpr UidValidity kSecond{200};

LedgerEntry make_entry(Uid uid, Outcome outcome = Outcome::ignored, ServerAction action = ServerAction::none) {
  LedgerEntry entry;
  entry.mailbox = "support";
  entry.uid_validity = kFirst;
  entry.uid = uid;
  entry.outcome = outcome;
  entry.at = at(1);
  entry.reason = "Because.";
  entry.action = action;
  return entry;
}

TEST_CASE("first contact sets the watermark, a new UIDVALIDITY restarts the cursor") {
  StoreFolder folder;
  Store store(folder.path());
  auto state = store.open_mailbox("support", kFirst, Uid{40}, at(0));
  CHECK(state.name == "support");
  CHECK(state.last_uid == Uid{0});
  CHECK(state.watermark == Uid{40});
  CHECK(state.first_contact_at == at(0));

  store.advance_cursor("support", kFirst, Uid{50});
  store.advance_cursor("support", kFirst, Uid{45});
  store.advance_cursor("support", kSecond, Uid{60});
  state = store.open_mailbox("support", kFirst, Uid{70}, at(5));
  CHECK(state.last_uid == Uid{50});
  CHECK(state.watermark == Uid{40});
  CHECK(state.first_contact_at == at(0));

  state = store.open_mailbox("support", kSecond, Uid{70}, at(9));
  CHECK(state.uid_validity == kSecond);
  CHECK(state.last_uid == Uid{0});
  CHECK(state.watermark == Uid{70});
  CHECK(state.renumbered);
  CHECK(state.first_contact_at == at(0));
}

TEST_CASE("a mailbox that never answered is in the health, and its first contact is still to come") {
  StoreFolder folder;
  Store store(folder.path());
  store.note_poll("support", at(0), "connection refused", {});
  auto health = store.mailbox_health();
  REQUIRE(health.size() == 1);
  CHECK(health[0].error == "connection refused");
  CHECK_FALSE(health[0].last_success_at);
  const auto state = store.open_mailbox("support", kFirst, Uid{7}, at(3));
  CHECK(state.watermark == Uid{7});
  CHECK(state.first_contact_at == at(3));
}

TEST_CASE("the latest comparison is kept until the numbers begin anew") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  CHECK_FALSE(store.mailbox_health().at(0).comparison);
  store.note_comparison("support", {at(1), 9, 9, 9});
  store.note_comparison("support", {at(2), 5, 4, 3});
  const auto comparison = store.mailbox_health().at(0).comparison;
  REQUIRE(comparison);
  CHECK(comparison->at == at(2));
  CHECK(comparison->server_count == 5);
  CHECK(comparison->listed == 4);
  CHECK(comparison->on_record == 3);
  store.open_mailbox("support", kSecond, Uid{0}, at(3));
  CHECK_FALSE(store.mailbox_health().at(0).comparison);
}

TEST_CASE("a UID has one outcome") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  CHECK(store.record(make_entry(Uid{1}, Outcome::new_ticket)));
  CHECK_FALSE(store.record(make_entry(Uid{1}, Outcome::ignored)));
  const auto entries = store.ledger("support");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].outcome == Outcome::new_ticket);
  CHECK(entries[0].reason == "Because.");
  CHECK(entries[0].at == at(1));
  CHECK_FALSE(entries[0].ticket);
  const auto counts = store.mailbox_health().at(0).counts;
  CHECK(counts == decltype(counts){{Outcome::new_ticket, 1}});
}

TEST_CASE("an entry of a mailbox that was never opened is refused") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK_THROWS_AS(store.record(make_entry(Uid{1})), ValueRefused);
}

TEST_CASE("unrecorded keeps the order and knows UIDVALIDITYs apart") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  store.record(make_entry(Uid{2}));
  const std::vector<Uid> uids{Uid{3}, Uid{2}, Uid{1}};
  CHECK(store.unrecorded("support", kFirst, uids) == std::vector<Uid>{Uid{3}, Uid{1}});
  CHECK(store.unrecorded("support", kSecond, uids) == uids);
  CHECK(store.unrecorded("other", kFirst, uids) == uids);
}

TEST_CASE("pending actions stay until they are done") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  store.record(make_entry(Uid{3}, Outcome::new_ticket, ServerAction::pending));
  store.record(make_entry(Uid{1}, Outcome::duplicate, ServerAction::pending));
  store.record(make_entry(Uid{2}));
  const auto pending = store.pending_actions("support", kFirst);
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].uid == Uid{1});
  CHECK(pending[0].outcome == Outcome::duplicate);
  CHECK(pending[1].uid == Uid{3});
  CHECK(pending[1].mailbox == "support");
  CHECK(store.pending_actions("support", kSecond).empty());

  CHECK(store.mailbox_health().at(0).oldest_pending_at == at(1));

  const std::vector<Uid> done{Uid{1}, Uid{2}};
  store.mark_actions_done("support", kFirst, done);
  REQUIRE(store.pending_actions("support", kFirst).size() == 1);
  const auto entries = store.ledger("support");
  CHECK(entries[0].action == ServerAction::done);
  CHECK(entries[1].action == ServerAction::none);
  CHECK(entries[2].action == ServerAction::pending);
  store.mark_actions_done("support", kFirst, std::vector<Uid>{Uid{3}});
  CHECK_FALSE(store.mailbox_health().at(0).oldest_pending_at);
}

TEST_CASE("health tells of polls, lag, counts and missing UIDs") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  store.note_poll("support", at(1), {}, std::chrono::seconds{3});
  store.note_poll("support", at(2), {}, {});
  store.note_poll("support", at(3), "token expired", {});
  store.record(make_entry(Uid{1}, Outcome::ignored));
  store.record(make_entry(Uid{2}, Outcome::ignored));
  const std::vector<Uid> missing{Uid{9}, Uid{4}};
  store.note_missing("support", missing);
  store.record(make_entry(Uid{9}, Outcome::vanished));

  const auto health = store.mailbox_health();
  REQUIRE(health.size() == 1);
  CHECK(health[0].name == "support");
  CHECK(health[0].uid_validity == kFirst);
  CHECK(health[0].last_success_at == at(2));
  CHECK(health[0].lag == Duration{std::chrono::seconds{3}});
  CHECK(health[0].error == "token expired");
  CHECK(health[0].missing == std::vector<Uid>{Uid{4}});
  CHECK(health[0].counts == decltype(health[0].counts){{Outcome::ignored, 2}, {Outcome::vanished, 1}});
  store.note_poll("support", at(4), {}, {});
  store.note_missing("support", {});
  CHECK(store.mailbox_health().at(0).error.empty());
  CHECK(store.mailbox_health().at(0).missing.empty());
}

TEST_CASE("the ledger of all mailboxes is complete, in order") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  store.open_mailbox("direct", kFirst, Uid{0}, at(0));
  store.record(make_entry(Uid{2}));
  store.record(make_entry(Uid{1}));
  auto direct = make_entry(Uid{5});
  direct.mailbox = "direct";
  store.record(direct);
  const auto all = store.ledger("");
  REQUIRE(all.size() == 3);
  CHECK(all[0].mailbox == "direct");
  CHECK(all[1].uid == Uid{1});
  CHECK(all[2].uid == Uid{2});
  CHECK(store.ledger("direct").size() == 1);
  CHECK(store.ledger("nowhere").empty());
}

TEST_CASE("another folder is a mailbox of its own, and the one before is taken up again") {
  StoreFolder folder;
  Store store(folder.path());
  store.use_folder("support", "INBOX");
  store.open_mailbox("support", kFirst, Uid{40}, at(0));
  store.record(make_entry(Uid{1}, Outcome::new_ticket));
  store.use_folder("support", "INBOX");
  store.use_folder("support", "Team");
  CHECK(store.unrecorded("support", kFirst, std::vector{Uid{1}}).size() == 1);
  const auto team = store.open_mailbox("support", kFirst, Uid{9}, at(5));
  CHECK(team.watermark == Uid{9});
  CHECK_FALSE(team.renumbered);
  CHECK(team.first_contact_at == at(5));
  CHECK(store.ledger("support (folder INBOX)").size() == 1);
  store.use_folder("support", "INBOX");
  const auto inbox = store.open_mailbox("support", kFirst, Uid{41}, at(9));
  CHECK(inbox.watermark == Uid{40});
  CHECK(inbox.first_contact_at == at(0));
  CHECK(store.ledger("support").size() == 1);
  CHECK(store.mailbox_health().size() == 2);
}

TEST_CASE("the highest UIDs that are listed and on record with a date, as far as they are asked for") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  const std::vector<Uid> listed{Uid{1}, Uid{2}, Uid{3}, Uid{5}, Uid{6}, Uid{7}, Uid{9}};
  CHECK(store.highest_recorded("support", kFirst) == Uid{0});
  CHECK(store.dated("support", kFirst, listed, 100, 100).empty());
  for (const std::uint32_t uid : {1, 2, 4, 5, 6, 7}) {
    auto entry = make_entry(Uid{uid}, Outcome::new_ticket);
    if (uid != 6) entry.internal_date = at(static_cast<int>(uid));
    if (uid == 5) entry.listed_size = 50;
    store.record(entry);
  }
  CHECK(store.highest_recorded("support", kFirst) == Uid{7});
  CHECK(store.highest_recorded("support", kSecond) == Uid{0});
  const auto uids = [&](std::size_t most, std::size_t looked_at) {
    std::vector<Uid> found;
    for (const auto& dated : store.dated("support", kFirst, listed, most, looked_at)) {
      CHECK(dated.internal_date == at(static_cast<int>(dated.uid)));
      CHECK(dated.size == (dated.uid == Uid{5} ? std::optional<std::uint64_t>(50) : std::nullopt));
      found.push_back(dated.uid);
    }
    return found;
  };
  CHECK(uids(100, 100) == std::vector{Uid{7}, Uid{5}, Uid{2}, Uid{1}});
  CHECK(uids(2, 100) == std::vector{Uid{7}, Uid{5}});
  CHECK(uids(100, 4) == std::vector{Uid{7}, Uid{5}});
  CHECK(store.dated("support", kSecond, listed, 100, 100).empty());
}

TEST_CASE("a mail that had vanished and is listed again has no outcome, and gets the one that it has then") {
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", kFirst, Uid{0}, at(0));
  const std::vector<Uid> missing{Uid{4}};
  store.note_missing("support", missing);
  CHECK(store.record(make_entry(Uid{4}, Outcome::vanished)));
  CHECK(store.mailbox_health().at(0).missing.empty());
  CHECK(store.highest_recorded("support", kFirst) == Uid{4});
  CHECK(store.unrecorded("support", kFirst, missing) == missing);
  store.note_missing("support", missing);
  CHECK(store.mailbox_health().at(0).missing == missing);
  CHECK_FALSE(store.record(make_entry(Uid{4}, Outcome::vanished)));
  auto entry = make_entry(Uid{4}, Outcome::new_ticket, ServerAction::pending);
  entry.internal_date = at(3);
  CHECK(store.record(entry));
  CHECK(store.unrecorded("support", kFirst, missing).empty());
  CHECK(store.mailbox_health().at(0).missing.empty());
  const auto entries = store.ledger("support");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].outcome == Outcome::new_ticket);
  CHECK(entries[0].action == ServerAction::pending);
  CHECK(entries[0].reason == "Because. It was on record as vanished, and came back.");
  CHECK(store.dated("support", kFirst, missing, 1, 1).size() == 1);
  const auto counts = store.mailbox_health().at(0).counts;
  CHECK(counts == decltype(counts){{Outcome::new_ticket, 1}});
  CHECK_FALSE(store.record(make_entry(Uid{4}, Outcome::vanished)));
  CHECK_FALSE(store.record(make_entry(Uid{4}, Outcome::duplicate)));
  CHECK(store.ledger("support").at(0).outcome == Outcome::new_ticket);
}

}  // namespace
}  // namespace ticketd
