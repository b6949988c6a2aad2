#include "daemon/smtp/send_mark.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/store/store_fixture.h"

namespace ticketd {

namespace {

OutboxRow row_of(const std::string& message_id, std::uint32_t attempts = 1) {
  OutboxRow row;
  row.mail.message_id = message_id;
  row.mail.recipients = {"a@x.example", "b@x.example"};
  row.attempts = attempts;
  return row;
}

Delivery delivery(DeliveryState a, DeliveryState b) {
  Delivery result;
  result.recipients = {{"a@x.example", a, "so it is", {}}, {"b@x.example", b, "so it is", {}}};
  return result;
}

std::vector<DeliveryState> states(const std::optional<Delivery>& known) {
  std::vector<DeliveryState> result;
  for (const auto& recipient : known.value().recipients) result.push_back(recipient.state);
  return result;
}

using States = std::vector<DeliveryState>;

/// Each use of it is another process.
struct Mark {
  StoreFolder folder;
  SendMark operator()() const { return SendMark(path()); }
  [[nodiscard]] std::filesystem::path path() const { return folder.path().string() + ".sending"; }
};

}  // namespace

TEST_CASE("how far a mail has come is known to the next process") {
  const Mark mark;
  const auto waits = row_of("waits@desk"), tried = row_of("tried@desk"), sent = row_of("sent@desk"),
             half = row_of("half@desk"), lost = row_of("lost@desk"), stale = row_of("stale@desk");
  {
    auto process = mark();
    for (const auto& row : {waits, tried, sent, half, lost, stale}) process.note_leased(row);
    for (const auto& row : {tried, sent, half, lost, stale}) process.note_tried(row);
    process.note_answered(sent, delivery(DeliveryState::sent, DeliveryState::sent));
    process.note_answered(half, delivery(DeliveryState::permanent, DeliveryState::sent));
    process.note_answered(lost, delivery(DeliveryState::sent, DeliveryState::uncertain));
    Delivery nothing = delivery(DeliveryState::transient, DeliveryState::transient);
    nothing.stale_connection = true;
    process.note_answered(stale, nothing);
  }
  const auto process = mark();
  CHECK(states(process.find(waits)).empty());
  CHECK_FALSE(process.find(tried));
  CHECK(states(process.find(sent)) == States{DeliveryState::sent, DeliveryState::sent});
  CHECK(states(process.find(half)) == States{DeliveryState::transient, DeliveryState::sent});
  CHECK_FALSE(process.find(lost));
  CHECK(states(process.find(stale)).empty());
  CHECK_FALSE(process.find(row_of("sent@desk", 2)));  // a later attempt
  CHECK_FALSE(process.find(row_of("other@desk")));
}

TEST_CASE("what the store knows, and what an earlier start of the machine left, says nothing") {
  const Mark mark;
  const auto row = row_of("waits@desk");
  mark().note_leased(row);
  REQUIRE(mark().find(row));
  SECTION("the store knows it") { mark().forget("waits@desk"); }
  SECTION("the store knows all") { mark().forget_all(); }
  SECTION("another start of the machine") {
    std::fstream file(mark.path(), std::ios::in | std::ios::out | std::ios::binary);
    file << "00000000-0000-0000-0000-000000000000";
  }
  CHECK_FALSE(mark().find(row));
}

TEST_CASE("more rows than there is room for are merely not known") {
  const Mark mark;
  auto process = mark();
  for (int i = 0; i < 10'000; ++i) process.note_leased(row_of(std::to_string(i) + "@desk"));
  int known = 0;
  for (int i = 0; i < 10'000; ++i) known += process.find(row_of(std::to_string(i) + "@desk")) ? 1 : 0;
  CHECK(known > 1500);
  CHECK(known <= 2048);
}

TEST_CASE("without its file there is no memory, and nothing breaks") {
  SendMark process("/nowhere/at/all");
  const auto row = row_of("waits@desk");
  process.note_leased(row);
  process.note_tried(row);
  process.note_answered(row, delivery(DeliveryState::sent, DeliveryState::sent));
  process.forget("waits@desk");
  CHECK_FALSE(process.find(row));
}

}  // namespace ticketd
