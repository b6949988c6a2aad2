#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

constexpr UidValidity kValidity{100};

ArrivedMail unreadable_mail() {
  ArrivedMail arrived;
  arrived.mailbox = "support";
  arrived.mailbox_channel = Channel::direct;
  arrived.internal_date = at(3);
  arrived.first_contact = at(-10);
  arrived.backlog = true;
  arrived.silent = true;
  arrived.oversize = true;
  arrived.original_size = 99;
  arrived.octets = std::string("\0\x01garbage", 9);
  return arrived;
}

/// UID 4 of the mailbox; its id in the quarantine.
std::int64_t quarantine_one(Store& store) {
  store.open_mailbox("support", kValidity, Uid{0}, at(0));
  const auto id = store.quarantine(unreadable_mail(), "No header could be read.", at(5));
  LedgerEntry entry{"support", kValidity, Uid{4}, Outcome::quarantined, {}, at(5), "No header could be read."};
  entry.action = ServerAction::pending;
  entry.quarantine = id;
  REQUIRE(store.record(entry));
  return id;
}

using Counts = std::vector<std::pair<Outcome, std::uint64_t>>;

TEST_CASE("a quarantined mail is kept as it arrived") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = quarantine_one(store);
  const auto mails = store.quarantined();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].id == id);
  CHECK(mails[0].mailbox == "support");
  CHECK(mails[0].uid == Uid{4});
  CHECK(mails[0].at == at(5));
  CHECK(mails[0].reason == "No header could be read.");
  CHECK(mails[0].size == 9);
  CHECK(store.counts(at(9)).quarantined == 1);
  const auto expected = unreadable_mail();
  const auto mail = store.quarantined_mail(id);
  REQUIRE(mail);
  CHECK(mail->mailbox == expected.mailbox);
  CHECK(mail->mailbox_channel == expected.mailbox_channel);
  CHECK(mail->internal_date == expected.internal_date);
  CHECK(mail->first_contact == expected.first_contact);
  CHECK(mail->backlog);
  CHECK(mail->silent);
  CHECK(mail->oversize);
  CHECK(mail->original_size == 99);
  CHECK(mail->octets == expected.octets);
  CHECK_FALSE(store.quarantined_mail(id + 1));
}

TEST_CASE("one from the pipe has no UID") {
  StoreFolder folder;
  Store store(folder.path());
  auto arrived = unreadable_mail();
  arrived.mailbox = "pipe";
  arrived.first_contact.reset();
  const auto id = store.quarantine(arrived, "Why.", at(5));
  CHECK_FALSE(store.quarantined().at(0).uid);
  store.settle_quarantined(id, Outcome::quarantined, {}, "Dropped.");
  CHECK(store.quarantined().empty());
}

TEST_CASE("what is taken out of quarantine has another outcome in the ledger, which still adds up") {
  StoreFolder folder;
  Store store(folder.path());
  const auto id = quarantine_one(store);
  file_new(store, 1, "a@customer");
  {
    Store::Transaction transaction(store);
    store.settle_quarantined(id, Outcome::new_ticket, TicketId{1}, "A new ticket.");
    transaction.commit();
  }
  const auto entries = store.ledger("support");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].outcome == Outcome::new_ticket);
  CHECK(entries[0].ticket == TicketId{1});
  CHECK(entries[0].reason == "A new ticket.");
  CHECK(entries[0].action == ServerAction::pending);
  CHECK_FALSE(entries[0].quarantine);
  CHECK(store.mailbox_health().at(0).counts == Counts{{Outcome::new_ticket, 1}});
  CHECK(store.counts(at(9)).quarantined == 0);
}

TEST_CASE("what is dropped keeps its ledger row") {
  StoreFolder folder;
  Store store(folder.path());
  store.settle_quarantined(quarantine_one(store), Outcome::quarantined, {}, "Dropped.");
  CHECK(store.quarantined().empty());
  CHECK(store.ledger("support").at(0).reason == "Dropped.");
  CHECK(store.mailbox_health().at(0).counts == Counts{{Outcome::quarantined, 1}});
}

}  // namespace
}  // namespace ticketd
