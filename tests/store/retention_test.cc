#include <catch2/catch.hpp>

#include "store/soundness.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// A ticket whose mail came then.
Store::Applied file_at(Store& store, int number, int minutes) {
  const auto id = std::to_string(number) + "@customer";
  auto decision = make_decision(number, id, minutes);
  decision.messages[0].at = at(minutes);
  const auto known = make_query(id);
  return file(store, decision, "raw of " + id, &known, minutes);
}

TEST_CASE("originals go by their age, the oldest first, in bounded portions") {
  StoreFolder folder;
  Store store(folder.path());
  // The third one is dated far ahead: it keeps no other from going.
  const std::vector<int> ages{10, 20, 5'000'000, 30, 40};
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < ages.size(); ++i)
    ids.push_back(file_at(store, static_cast<int>(i) + 1, ages[i]).message_ids.at(0));
  const auto kept = [&] {
    std::vector<int> numbers;
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (store.raw(TicketId{static_cast<std::int64_t>(i) + 1}, ids[i])) numbers.push_back(static_cast<int>(i) + 1);
    return numbers;
  };
  CHECK_FALSE(store.drop_originals(at(10), 2, at(100)));
  CHECK(kept() == std::vector{1, 2, 3, 4, 5});
  CHECK(store.drop_originals(at(40), 2, at(100)));
  CHECK(kept() == std::vector{3, 4, 5});
  CHECK_FALSE(store.drop_originals(at(40), 2, at(101)));
  CHECK(kept() == std::vector{3, 5});
  CHECK_FALSE(store.drop_originals(at(40), 2, at(102)));

  REQUIRE(store.removed_original(ids[3]));
  CHECK(store.removed_original(ids[3])->at == at(101));
  CHECK_FALSE(store.removed_original(ids[3])->is_erased);
  CHECK_FALSE(store.removed_original(ids[4]));
  CHECK(store.messages(TicketId{4}).at(0).text == "It does not work.");
  CHECK_FALSE(store.messages(TicketId{4}).at(0).has_raw);
  CHECK(find_damage(folder.path()).empty());
}

TEST_CASE("quarantined mails stay, whatever their age") {
  StoreFolder folder;
  Store store(folder.path());
  ArrivedMail arrived;
  arrived.octets = "garbage";
  const auto id = store.quarantine(arrived, "Unreadable.", at(0));
  file_at(store, 1, 0);
  CHECK_FALSE(store.drop_originals(at(1'000'000), 10, at(1'000'000)));
  CHECK(store.quarantined_mail(id)->octets == "garbage");
}

TEST_CASE("who drops originals waits for no other writer") {
  StoreFolder folder;
  Store store(folder.path());
  file_at(store, 1, 0);
  auto other = open_plainly(folder.path());
  other.execute("BEGIN IMMEDIATE");
  CHECK_THROWS_AS(store.drop_originals(at(1), 10, at(2)), StoreBusy);
  other.execute("ROLLBACK");
  CHECK_FALSE(store.drop_originals(at(1), 10, at(2)));
}

TEST_CASE("tickets are exported by number, those reported since then") {
  StoreFolder folder;
  Store store(folder.path());
  for (int number = 1; number <= 5; ++number) file_at(store, number, number == 2 ? 900 : number);
  const auto numbers = [&](int after, int since, std::size_t limit) {
    std::vector<int> result;
    for (const auto number : store.tickets_after(TicketId{after}, at(since), limit))
      result.push_back(static_cast<int>(number));
    return result;
  };
  CHECK(numbers(0, 0, 3) == std::vector{1, 2, 3});
  CHECK(numbers(3, 0, 3) == std::vector{4, 5});
  CHECK(numbers(0, 4, 9) == std::vector{2, 4, 5});
  CHECK(numbers(5, 0, 3).empty());
}

}  // namespace
}  // namespace ticketd
