#include "daemon/smtp/outbox_policy.h"

#include <catch2/catch.hpp>

namespace ticketd {

namespace {

using namespace std::chrono_literals;
using State = DeliveryState;

constexpr Time kNow{std::chrono::hours{500'000}};

SmtpSettings minutely() {
  SmtpSettings settings;
  settings.retry_first = 1min;
  settings.retry_max = 1h;
  settings.give_up = 48h;
  return settings;
}

OutboxRow row_after(std::uint32_t attempts, Duration age = 5min) {
  OutboxRow row;
  row.mail.id = 7;
  row.attempts = attempts;
  row.waiting_since = kNow - age;
  return row;
}

struct Case {
  const char* name;
  std::vector<RecipientOutcome> recipients;
  OutboxState state;
  std::vector<std::string> accepted, refused;
  const char* error;
};

const RecipientOutcome kSent{"sent@x", State::sent, "250 ok"};
const RecipientOutcome kLater{"later@x", State::transient, "451 later"};
const RecipientOutcome kNever{"never@x", State::permanent, "550 never"};
const RecipientOutcome kMaybe{"maybe@x", State::uncertain, "no answer"};

}  // namespace

TEST_CASE("a mail of whose recipients nothing is known is not sent") {
  auto row = row_after(1);
  CHECK(settle(row, {}, minutely(), kNow, 0).state == OutboxState::deferred);
  row.mail.recipients = {"sent@x", "other@x"};
  Delivery delivery;
  delivery.recipients = {kSent};
  const auto result = settle(row, delivery, minutely(), kNow, 0);
  CHECK(result.state == OutboxState::deferred);
  CHECK(result.accepted == std::vector<std::string>{"sent@x"});
  CHECK(result.next_attempt_at == kNow + 1min);
}

TEST_CASE("a mail follows earlier ones of its ticket to the same person that are no less urgent") {
  OutboxRow earlier, row;
  earlier.mail.id = 1;
  row.mail.id = 2;
  for (auto* each : {&earlier, &row}) {
    each->mail.ticket = TicketId{7};
    each->mail.recipients = {"ann@staff.example"};
    each->urgency = Urgency::warning;
  }
  CHECK(follows(row, earlier));
  CHECK_FALSE(follows(earlier, row));
  earlier.urgency = Urgency::news;
  CHECK_FALSE(follows(row, earlier));
  earlier.urgency = Urgency::customer;
  CHECK(follows(row, earlier));
  row.mail.recipients = {"bob@staff.example"};
  CHECK_FALSE(follows(row, earlier));
}

TEST_CASE("delay before the next attempt to send") {
  struct Row {
    const char* name;
    std::uint32_t attempts;
    double random;
    Duration delay;
  };
  const std::vector<Row> rows{{"first", 1, 0.0, 1min},
                              {"first, with the most of jitter", 1, 1.0, 45s},
                              {"second", 2, 0.0, 2min},
                              {"second, half of the jitter", 2, 0.5, 105s},
                              {"sixth", 6, 0.0, 32min},
                              {"seventh reaches the longest", 7, 0.0, 1h},
                              {"jitter shortens the longest, too", 7, 1.0, 45min},
                              {"never again longer", 4'000'000'000, 0.0, 1h},
                              {"before the first", 0, 0.0, 1min}};
  for (const auto& row : rows) {
    INFO(row.name);
    CHECK(retry_delay(row.attempts, minutely(), row.random) == row.delay);
  }
}

TEST_CASE("odd retry settings") {
  SmtpSettings settings = minutely();
  settings.retry_first = 2h;  // longer than retry_max
  CHECK(retry_delay(1, settings, 0.0) == Duration{1h});
  settings.retry_first = 1us;
  settings.retry_max = Duration::max();
  CHECK(retry_delay(200, settings, 0.0) == Duration::max());
}

TEST_CASE("what an attempt means for a mail in the outbox") {
  const std::vector<Case> cases{
      {"all sent", {kSent}, OutboxState::sent, {"sent@x"}, {}, ""},
      {"all for later", {kLater}, OutboxState::deferred, {}, {}, "later@x: 451 later"},
      {"all refused", {kNever}, OutboxState::failed, {}, {"never@x"}, "never@x: 550 never"},
      {"all uncertain",
       {kMaybe},
       OutboxState::uncertain,
       {},
       {},
       "handed over, but no answer came, so it may have arrived: maybe@x: no answer"},
      {"sent and later", {kSent, kLater}, OutboxState::deferred, {"sent@x"}, {}, "later@x: 451 later"},
      {"sent and refused", {kSent, kNever}, OutboxState::failed, {"sent@x"}, {"never@x"}, "never@x: 550 never"},
      {"later and refused",
       {kLater, kNever},
       OutboxState::deferred,
       {},
       {"never@x"},
       "later@x: 451 later; refused for good: never@x: 550 never"},
      {"uncertain and refused",
       {kNever, kMaybe},
       OutboxState::uncertain,
       {},
       {"never@x"},
       "handed over, but no answer came, so it may have arrived: maybe@x: no answer; refused for good: never@x: 550 "
       "never"},
      {"the same text twice is said once",
       {kLater, {"b@x", State::transient, "451 later"}},
       OutboxState::deferred,
       {},
       {},
       "later@x: 451 later"}};
  for (const auto& row : cases) {
    INFO(row.name);
    Delivery delivery;
    delivery.recipients = row.recipients;
    const SendResult result = settle(row_after(2), delivery, minutely(), kNow, 0.0);
    CHECK(result.id == 7);
    CHECK(result.state == row.state);
    CHECK(result.accepted == row.accepted);
    CHECK(result.refused == row.refused);
    CHECK(result.error == row.error);
    const bool again = row.state == OutboxState::deferred || row.state == OutboxState::uncertain;
    CHECK(result.next_attempt_at == (again ? std::optional<Time>(kNow + 2min) : std::nullopt));
  }
}

TEST_CASE("who puts a mail off is told apart from a server that serves nobody") {
  auto put_off = kLater;
  put_off.put_off = true;
  const auto result_of = [](std::vector<RecipientOutcome> recipients) {
    Delivery delivery;
    delivery.recipients = std::move(recipients);
    return settle(row_after(1), delivery, minutely(), kNow, 0);
  };
  CHECK(result_of({put_off}).put_off);
  CHECK(result_of({kSent, put_off, kLater}).put_off);
  CHECK_FALSE(result_of({kLater}).put_off);
  CHECK_FALSE(result_of({put_off, kMaybe}).put_off);  // uncertain
  CHECK_FALSE(postpone(row_after(1), "connection refused", minutely(), kNow, 0).put_off);
}

TEST_CASE("a mail is given up when its time is over, and tried once more right then") {
  Delivery later, sent;
  later.recipients = {kLater};
  sent.recipients = {kSent};
  const SmtpSettings settings = minutely();
  const auto before = settle(row_after(20, 47h + 30min), later, settings, kNow, 0.0);
  CHECK(before.state == OutboxState::deferred);
  CHECK(before.next_attempt_at == kNow + 30min);
  const auto over = settle(row_after(20, 48h), later, settings, kNow, 0.0);
  CHECK(over.state == OutboxState::failed);
  CHECK(over.error == "given up after 2 days: later@x: 451 later");
  CHECK(settle(row_after(20, 60h), sent, settings, kNow, 0.0).state == OutboxState::sent);
  CHECK(postpone(row_after(20, 48h), "refused", settings, kNow, 0.0).error == "given up after 2 days: refused");
}

TEST_CASE("an answer to a recipient's own RCPT that knows no such address has consequences, and no other") {
  Delivery delivery;
  delivery.recipients = {kSent, {"Gone@x.example", State::permanent, "550 5.1.1 gone"}};
  auto row = row_after(1);
  row.mail.ticket = TicketId{3};
  CHECK_FALSE(settle(row, delivery, minutely(), kNow, 0.0).follows);  // it was said of the whole mail
  auto& refusal = delivery.recipients[1].refusal;
  refusal = DeliveryStatus{"Gone@x.example", "", "failed", "5.7.1", "550 5.7.1 spam"};
  CHECK_FALSE(settle(row, delivery, minutely(), kNow, 0.0).follows);
  refusal = DeliveryStatus{"Gone@x.example", "", "failed", "5.1.1", "550 5.1.1 gone"};
  const auto result = settle(row, delivery, minutely(), kNow, 0.0);
  REQUIRE(result.follows);
  REQUIRE(result.follows->undeliverable.size() == 1);
  const auto& found = result.follows->undeliverable[0];
  CHECK(found.address == "gone@x.example");
  CHECK(found.since == kNow);
  CHECK(found.outbox == 7);
  CHECK(found.ticket == TicketId{3});
}

TEST_CASE("an uncertain mail is tried three times in all") {
  Delivery maybe;
  maybe.recipients = {kMaybe};
  OutboxRow row = row_after(30);
  row.uncertain_attempts = 1;
  CHECK(settle(row, maybe, minutely(), kNow, 0.0).state == OutboxState::uncertain);
  row.uncertain_attempts = 2;
  const auto last = settle(row, maybe, minutely(), kNow, 0.0);
  CHECK(last.state == OutboxState::failed);
  CHECK(last.error ==
        "3 attempts went without an answer after the mail was handed over, so it may have arrived: "
        "maybe@x: no answer");
}

TEST_CASE("what earlier attempts brought is not forgotten") {
  Delivery later, sent;
  later.recipients = {kLater};
  sent.recipients = {kSent};
  OutboxRow row = row_after(3);
  row.uncertain_attempts = 1;
  CHECK(settle(row, later, minutely(), kNow, 0.0).error ==
        "later@x: 451 later; an earlier attempt went without an answer, so it may have arrived");
  CHECK(hand_back(row, "ticketd was stopped", kNow).error ==
        "not tried: ticketd was stopped; an earlier attempt went without an answer, so it may have arrived");
  row.uncertain_attempts = 0;
  row.refused = {"never@x"};
  row.last_error = "later@x: 451 later; refused for good: never@x: 550 never";
  const auto partly = settle(row, sent, minutely(), kNow, 0.0);
  CHECK(partly.state == OutboxState::failed);  // somebody never got it: a person must see that
  CHECK(partly.error == row.last_error + "; refused for good before: never@x");
}

TEST_CASE("what a dead process had on its way is tried again, at growing distances, until its time is over") {
  for (std::uint32_t attempts = 1; attempts <= 5; ++attempts) {
    auto row = row_after(attempts);
    row.interrupted_attempts = attempts - 1;
    const auto result = recover(row, {}, minutely(), kNow, 0.0);
    CHECK(result.state == OutboxState::uncertain);
    CHECK(result.interrupted);
    CHECK(result.next_attempt_at == kNow + retry_delay(attempts, minutely(), 0.0));
    CHECK(result.error.find("it may have arrived") != std::string::npos);
  }
  CHECK(recover(row_after(3, 48h), {}, minutely(), kNow, 0.0).state == OutboxState::failed);
}

TEST_CASE("deaths of the process use up none of the attempts that a lost answer allows, and stay in the words") {
  Delivery maybe, later;
  maybe.recipients = {kMaybe};
  later.recipients = {kLater};
  auto row = row_after(5);
  row.interrupted_attempts = 4;
  const auto result = settle(row, maybe, minutely(), kNow, 0.0);
  CHECK(result.state == OutboxState::uncertain);
  CHECK_FALSE(result.interrupted);
  CHECK(settle(row, later, minutely(), kNow, 0.0).error ==
        "later@x: 451 later; an earlier attempt went without an answer, so it may have arrived");
}

TEST_CASE("a mail that was not tried is due again at once") {
  const auto result = hand_back(row_after(1), "ticketd was stopped", kNow);
  CHECK(result.state == OutboxState::queued);
  CHECK(result.next_attempt_at == kNow);
}

TEST_CASE("what is known of a mail that a dead process had on its way counts as if it had been written down") {
  Delivery sent, later;
  sent.recipients = {kSent};
  later.recipients = {kLater};
  CHECK(recover(row_after(1), sent, minutely(), kNow, 0.0).state == OutboxState::sent);
  const auto deferred = recover(row_after(1), later, minutely(), kNow, 0.0);
  CHECK(deferred.state == OutboxState::deferred);
  CHECK_FALSE(deferred.interrupted);
  CHECK(recover(row_after(1), Delivery(), minutely(), kNow, 0.0).state == OutboxState::queued);
}

}  // namespace ticketd
