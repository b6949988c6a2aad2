// Mails that answer mails: two desks that write to each other, and floods under a forged sender.
#include <catch2/catch.hpp>

#include "daemon/desk/desk.h"
#include "tests/rules/desk_samples.h"
#include "tests/store/store_fixture.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

struct LoopDesk {
  StoreFolder folder;
  Time now = tuesday_ten();
  std::shared_ptr<DeskRules> rules = std::make_shared<DeskRules>();
  int tokens = 0;
  std::unique_ptr<Desk> desk;

  explicit LoopDesk(const std::string& address) {
    rules->ruleset = sample_ruleset();
    rules->ruleset.support.address = address;
    rules->ruleset.support.aliases.clear();
    rules->ruleset.staff.clear();
    desk = std::make_unique<Desk>(
        Store(folder.path()), rules, [this] { return now; },
        [this, address] { return fmt::format("{:031x}{}", ++tokens, address[0]); });
  }

  Decision take(const std::string& octets) {
    now += 1s;
    ArrivedMail arrived;
    arrived.mailbox = "support";
    arrived.internal_date = now;
    arrived.octets = octets;
    return desk->ingest(arrived);
  }
  std::size_t written() { return desk->store().outbox().size(); }
};

std::string from_to(const std::string& from, const std::string& to, const std::string& fields = "") {
  return "From: " + from + "\r\nTo: " + to + "\r\nSubject: Fax\r\nMessage-ID: <1@x>\r\n" + fields + "\r\nx\r\n";
}

}  // namespace

TEST_CASE("two desks that answer each other stop at once") {
  LoopDesk a("support@a.example"), b("support@b.example");
  // A mail to one desk under the other's address.
  auto decision = a.take(from_to("support@b.example", "support@a.example"));
  REQUIRE(decision.outgoing.size() == 1);
  decision = b.take(decision.outgoing[0].octets);
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.outgoing.empty());
  CHECK_FALSE(decision.acknowledgement_reason.empty());
  CHECK(a.written() == 1);
  CHECK(b.written() == 0);
}

TEST_CASE("our own acknowledgement that somebody forwards back is answered by nobody") {
  LoopDesk a("support@a.example");
  const auto acknowledgement = a.take(from_to("jane@acme.example", "support@a.example")).outgoing.at(0).octets;
  CHECK(a.take(acknowledgement).outcome == Outcome::ignored);
  CHECK(a.take("Resent-From: jane@acme.example\r\n" + acknowledgement).outgoing.empty());
  CHECK(a.written() == 1);
}

TEST_CASE("a machine without Auto-Submitted that answers each mail is answered a bounded number of times") {
  LoopDesk a("support@a.example");
  for (int i = 0; i < 100; ++i)
    a.take("From: robot@acme.example\r\nTo: support@a.example\r\nSubject: I am away " + std::to_string(i) +
           "\r\nMessage-ID: <" + std::to_string(i) + "@acme>\r\n\r\nx\r\n");
  CHECK(a.written() == a.rules->ruleset.acknowledgements_per_sender.count);
}

TEST_CASE("a bounce of an acknowledgement ends there") {
  LoopDesk a("support@a.example");
  const auto first = a.take(from_to("jane@acme.example", "support@a.example"));
  const auto id = first.outgoing.at(0).message_id;
  const auto bounce =
      "From: MAILER-DAEMON@mx.example\r\nTo: support@a.example\r\nSubject: Undeliverable: Fax\r\nMessage-ID: <b@mx>\r\n"
      "In-Reply-To: <" +
      id + ">\r\nReturn-Path: <>\r\n\r\nNo such user.\r\n";
  const auto decision = a.take(bounce);
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->number == first.ticket->number);
  CHECK(a.written() == 1);
}

TEST_CASE("a different mail never vanishes behind an id that was used before") {
  LoopDesk a("support@a.example");
  const auto mail = [&](const std::string& subject, const std::string& text) {
    return "From: jane@acme.example\r\nTo: support@a.example\r\nSubject: " + subject +
           "\r\nMessage-ID: <same@acme>\r\n\r\n" + text + "\r\n";
  };
  CHECK(a.take(mail("Fax", "one")).outcome == Outcome::new_ticket);
  CHECK(a.take(mail("Fax", "one")).outcome == Outcome::duplicate);
  CHECK(a.take(mail("Fax", "two")).outcome == Outcome::new_ticket);
  CHECK(a.take(mail("Phone", "one")).outcome == Outcome::new_ticket);
  CHECK(a.desk->store().list({}).size() == 3);
}

}  // namespace ticketd
