#include "daemon/desk/health.h"

#include <catch2/catch.hpp>

#include "daemon/oauth2/token_names.h"

namespace ticketd {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

Settings one_mailbox() {
  Settings settings;
  settings.mailboxes.emplace_back();
  settings.mailboxes.back().name = "support";
  settings.mailboxes.back().poll_interval = seconds{60};
  return settings;
}

MailboxHealth polled(Duration ago) {
  MailboxHealth health;
  health.name = "support";
  health.last_success_at = kNow - ago;
  return health;
}

std::vector<std::string> texts_of(const std::vector<Problem>& found) {
  std::vector<std::string> texts;
  for (const auto& problem : found) texts.push_back(problem.text);
  return texts;
}

std::vector<std::string> problems(const MailboxHealth& health, const DeskCounts& counts = {}) {
  const std::vector<MailboxHealth> all{health};
  return texts_of(find_problems(one_mailbox(), all, {}, counts, kNow));
}

TEST_CASE("a mailbox polled within three intervals is well") { CHECK(problems(polled(seconds{180})).empty()); }

TEST_CASE("a mailbox silent for longer needs a person, with the error that it gave") {
  auto health = polled(minutes{4});
  health.error = "login refused";
  CHECK(problems(health) == std::vector<std::string>{"mailbox support had no good poll for 4 minutes: login refused"});
}

TEST_CASE("short silences are told in seconds, and one that a clock set back hides is told too") {
  CHECK(problems(polled(seconds{190})).front() ==
        "mailbox support had no good poll for 3 minutes: is the daemon running?");
  CHECK(problems(polled(-minutes{60})).front() ==
        "mailbox support had no good poll since the clock was set back: is the daemon running?");
  auto settings = one_mailbox();
  settings.mailboxes[0].poll_interval = seconds{5};
  const std::vector<MailboxHealth> all{polled(seconds{20})};
  CHECK(texts_of(find_problems(settings, all, {}, {}, kNow)).front() ==
        "mailbox support had no good poll for 20 seconds: is the daemon running?");
}

TEST_CASE("an access token that can't be had needs a person, while the configuration asks for it", "[oauth2]") {
  auto settings = one_mailbox();
  auto& server = settings.mailboxes[0].server;
  server.user = "support@example.com";
  server.oauth2.emplace();
  server.oauth2->client_id = "ticketd";
  DeskCounts counts;
  counts.token_failures = {{token_login(server), "no access token for support@example.com: invalid_client", kNow},
                           {"of a login that is gone", "invalid_grant", kNow}};
  const std::vector<MailboxHealth> all{polled(seconds{60})};
  settings.smtp.servers = {server};  // the same token
  const auto found = find_problems(settings, all, {}, counts, kNow);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "no access token for support@example.com: invalid_client");
  CHECK(found[0].patience == minutes{2});
  CHECK(found[0].name == "access token support@example.com " + token_login(server).substr(0, 8));
}

TEST_CASE("a storm of mail needs a person, as long as it keeps answers back") {
  DeskCounts counts;
  CHECK(problems(polled(seconds{1}), counts).empty());
  counts.withheld_answers = 1;
  CHECK(problems(polled(seconds{1}), counts) ==
        std::vector<std::string>{"a storm of mail: 1 mail got no automatic answer, for the desk sends 1000 in 1 hour "
                                 "at most (limits.acknowledgements); their tickets are there as always"});
}

TEST_CASE("staff whom no mail reaches need a person, each of them") {
  DeskCounts counts;
  counts.unreachable_staff = {{"ann@desk.example", kNow, "550 gone", 1, {}}, {"ben@desk.example", kNow, "550", 2, {}}};
  const auto found = problems(polled(seconds{1}), counts);
  REQUIRE(found.size() == 2);
  CHECK(found[0] ==
        "mail to ann@desk.example, who is staff, came back, and none is sent there any more: 550 gone; once it works "
        "again: ticketctl undeliverable clear ann@desk.example");
}

TEST_CASE("a mailbox that was never polled needs a person") {
  CHECK(texts_of(find_problems(one_mailbox(), {}, {}, {}, kNow)) ==
        std::vector<std::string>{"mailbox support was never polled successfully yet"});
}

TEST_CASE("mails that the ledger misses need a person") {
  auto health = polled(seconds{1});
  health.missing = {Uid{7}, Uid{9}};
  CHECK(problems(health).size() == 1);
}

TEST_CASE("mails that can't be moved on the server need a person, after a while") {
  auto health = polled(seconds{1});
  health.oldest_pending_at = kNow - minutes{15};
  CHECK(problems(health).empty());
  health.oldest_pending_at = kNow - minutes{20};
  CHECK(problems(health) ==
        std::vector<std::string>{"mailbox support: mails that were filed 20 minutes ago could not be moved or marked "
                                 "on the server; see the log"});
}

TEST_CASE("a mailbox whose server contradicts itself is told as that") {
  auto health = polled(minutes{4});
  health.error = "the server lists 1 of 2 mails (SEARCH, EXISTS)";
  health.comparison = {kNow - seconds{10}, 2, 1, 1};
  CHECK(problems(health) ==
        std::vector<std::string>{"mailbox support had no good poll for 4 minutes, and its list and its own count "
                                 "disagree again and again (SEARCH: 1, EXISTS: 2): the server lists 1 of 2 mails "
                                 "(SEARCH, EXISTS)"});
  health.last_success_at = kNow - seconds{60};
  CHECK(problems(health).empty());
  health.last_success_at.reset();
  CHECK(problems(health).front().find("(SEARCH: 1, EXISTS: 2)") != std::string::npos);
  health = polled(minutes{4});
  health.error = "login refused";
  health.comparison = {kNow - minutes{9}, 2, 1, 1};
  CHECK(problems(health).front().find("SEARCH") == std::string::npos);
}

TEST_CASE("tickets that can't be closed in time need a person, with the reasons of the first") {
  DeskCounts counts;
  counts.stuck = {{TicketId{3}, "no token"}, {TicketId{5}, "too large"}};
  const auto found = problems(polled(seconds{1}), counts);
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        "2 tickets can't be closed in time: #3 (no token), #5 (too large); close by hand: ticketctl close 3");
  for (int number = 6; number < 100; ++number) counts.stuck.push_back({TicketId{number}, "no token"});
  CHECK(problems(polled(seconds{1}), counts)[0].find(" and 86 more;") != std::string::npos);
}

TEST_CASE("mails in quarantine need a person") {
  DeskCounts counts;
  counts.quarantined = 1;
  CHECK(problems(polled(seconds{1}), counts).size() == 1);
}

TEST_CASE("failed, uncertain and aging mails each need a person") {
  DeskCounts counts;
  counts.failed = 2;
  counts.uncertain = 1;
  counts.oldest_unsent_at = kNow - minutes{16};
  CHECK(problems(polled(seconds{1}), counts).size() == 3);
  counts = {};
  counts.oldest_unsent_at = kNow - minutes{15};
  CHECK(problems(polled(seconds{1}), counts).empty());
}

TEST_CASE("mails that the mail server puts off are told apart, with their number") {
  DeskCounts counts;
  counts.deferred = counts.put_off = 1;
  CHECK(problems(polled(seconds{1}), counts) ==
        std::vector<std::string>{"the mail server puts off 1 mail for more than 15 minutes, by answers about its "
                                 "recipients or its content; see: ticketctl outbox"});
  counts.put_off = 3;
  counts.oldest_unsent_at = kNow - minutes{16};
  CHECK(problems(polled(seconds{1}), counts).size() == 2);
}

TEST_CASE("mails that were kept back on purpose need nobody") {
  DeskCounts counts;
  counts.failed = counts.kept_back = 2;
  CHECK(problems(polled(seconds{1}), counts).empty());
  counts.failed = 3;
  CHECK(problems(polled(seconds{1}), counts) ==
        std::vector<std::string>{"1 mail could not be sent; see: ticketctl outbox"});
}

TEST_CASE("mails for which the mail server gives no answer need a person") {
  DeskCounts counts;
  counts.sending = 2;
  counts.oldest_sending_at = kNow - minutes{5};
  CHECK(problems(polled(seconds{1}), counts).empty());
  counts.oldest_sending_at = kNow - minutes{6};
  CHECK(problems(polled(seconds{1}), counts) ==
        std::vector<std::string>{"the mail server gives no answer for 2 mails, on the way for 6 minutes by now"});
}

}  // namespace
}  // namespace ticketd
