#include "daemon/desk/status_line.h"

#include <catch2/catch.hpp>

#include "daemon/desk/health.h"

namespace ticketd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + hours{9} + minutes{5};  // 10:05 in Berlin

Settings two_mailboxes() {
  Settings settings;
  settings.ruleset.support.time_zone = "Europe/Berlin";
  for (const char* name : {"support", "sales"}) settings.mailboxes.emplace_back().name = name;
  return settings;
}

const Settings kSettings = two_mailboxes();

MailboxHealth health(std::string name, std::string error) {
  MailboxHealth health;
  health.name = std::move(name);
  health.error = std::move(error);
  return health;
}

/// With whatever fails since three minutes ago.
std::string line(const std::vector<Problem>& problems, const std::vector<MailboxHealth>& mailboxes = {},
                 const DeskCounts& counts = {}) {
  auto hindrances = find_hindrances(kSettings, mailboxes, counts);
  for (auto& each : hindrances) each.since = kNow - minutes{3};
  return status_line(problems, hindrances, kSettings, kNow);
}

TEST_CASE("the status line of a desk without a fault") {
  CHECK(line({}) == "working; nothing needs a person");
  CHECK(line({}, {health("support", ""), health("sales", "")}) == "working; nothing needs a person");
}

TEST_CASE("the status line tells at once of a mailbox that fails, in the desk's time zone") {
  const std::vector<MailboxHealth> mailboxes{health("support", "imap://h: the login was refused"),
                                             health("former", "of no mailbox that is configured")};
  const std::string text = "mailbox support fails since 10:02 today, trying again: imap://h: the login was refused";
  CHECK(line({}, mailboxes) == text);
  const auto name = silence_of(kSettings.mailboxes[0]);
  CHECK(line({{name, "was never polled", minutes{5}, 0}}, mailboxes) == text);
  CHECK(line({{name, "had no good poll", {}, 0}}, mailboxes) == "had no good poll");
  CHECK(line({{"quarantine", "1 mail in quarantine", {}, 0}}, mailboxes) ==
        text + " (and 1 more: see ticketctl status)");
}

TEST_CASE("the status line tells since when a mailbox had no good poll") {
  auto support = health("support", "imap://h: no answer");
  support.last_success_at = kNow - minutes{40};
  auto hindrances = find_hindrances(kSettings, std::vector{support}, {});
  CHECK(status_line({}, hindrances, kSettings, kNow) ==
        "mailbox support had no good poll since 09:25 today, trying again: imap://h: no answer");
}

TEST_CASE("what fails now is told in lines of its own, but for what a lasting problem tells") {
  DeskCounts counts;
  counts.deferred = 2;
  auto support = health("support", "imap://h: no answer");
  support.last_success_at = kNow - minutes{40};
  const auto hindrances = find_hindrances(kSettings, std::vector{support}, counts);
  const std::string mail = "2 mails are not sent, trying again: see ticketctl outbox";
  CHECK(hindrance_texts({}, hindrances, kSettings, kNow) ==
        std::vector<std::string>{
            "mailbox support had no good poll since 09:25 today, trying again: imap://h: no answer", mail});
  const Problem silent{silence_of(kSettings.mailboxes[0]), "had no good poll", {}, 0};
  CHECK(hindrance_texts(std::span(&silent, 1), hindrances, kSettings, kNow) == std::vector{mail});
}

const std::string kAllIsWell = "working; nothing needs a person";

TEST_CASE("the status says nothing of an error that an earlier process has left in the store") {
  const std::vector<MailboxHealth> mailboxes{health("support", "imap://h: no answer")};
  const auto found = find_hindrances(kSettings, mailboxes, {});
  DeskStatus status;
  status.waits(found, kSettings, kNow);
  CHECK(status.text() == "working");
  status.works({}, found, kSettings, kNow);
  CHECK(status.text() == kAllIsWell);
  status.note_failure("support");
  status.works({}, found, kSettings, kNow);
  CHECK(status.text() == "mailbox support fails since 10:05 today, trying again: imap://h: no answer");
  status.works({}, found, kSettings, kNow + minutes{5});
  CHECK(status.text() == "mailbox support fails since 10:05 today, trying again: imap://h: no answer");
}

TEST_CASE("after the clock was set back, the status names no time to come") {
  auto support = health("support", "imap://h: no answer");
  support.last_success_at = kNow + hours{3};
  DeskStatus status;
  status.note_failure("support");
  status.works({}, find_hindrances(kSettings, std::vector{support}, {}), kSettings, kNow);
  CHECK(status.text().find("since 10:05 today") != std::string::npos);
}

TEST_CASE("a desk that waits says when its mailbox is well again, and still knows since when mails wait") {
  DeskCounts counts;
  counts.deferred = 1;
  const std::vector<MailboxHealth> bad{health("support", "imap://h: no answer")}, good{health("support", "")};
  DeskStatus status;
  status.note_failure("support");
  status.works({}, find_hindrances(kSettings, bad, counts), kSettings, kNow);
  status.waits(find_hindrances(kSettings, bad, {}), kSettings, kNow + minutes{1});
  CHECK(status.text() == "mailbox support fails since 10:05 today, trying again: imap://h: no answer");
  status.waits(find_hindrances(kSettings, good, {}), kSettings, kNow + minutes{2});
  CHECK(status.text() == "waiting: nobody knows yet whether another ticketd works on a mailbox");
  status.stands_by({}, kSettings, kNow + minutes{3});
  CHECK(status.text() == "standing by: another ticketd works on a mailbox");
  status.stands_by(std::vector<Problem>{{"mailbox support lease", "this one stands by", {}, 0}}, kSettings,
                   kNow + minutes{4});
  CHECK(status.text() == "this one stands by");
  status.waits({}, kSettings, kNow + minutes{4});
  CHECK(status.text() == "waiting: nobody knows yet whether another ticketd works on a mailbox");
  status.works({}, find_hindrances(kSettings, good, counts), kSettings, kNow + minutes{5});
  CHECK(status.text() == "1 mail is not sent since 10:05 today, trying again: see ticketctl outbox");
}

TEST_CASE("the status line tells of mails that are not sent yet") {
  DeskCounts counts;
  counts.deferred = 1;
  CHECK(line({}, {}, counts) == "1 mail is not sent since 10:02 today, trying again: see ticketctl outbox");
  counts.deferred = 3;
  CHECK(line({}, {}, counts) == "3 mails are not sent since 10:02 today, trying again: see ticketctl outbox");
}

TEST_CASE("the status line tells of what may pass, but not that a mailbox was not asked yet") {
  CHECK(line({{silence_of(kSettings.mailboxes[1]), "was never polled yet", minutes{5}, 0}}) ==
        "working; nothing needs a person");
  CHECK(line({{"outbox uncertain", "1 mail may or may not have been sent", minutes{5}, 0}}) ==
        "1 mail may or may not have been sent");
  CHECK(line({{"token", "no token", minutes{2}, 0}, {"quarantine", "1 mail in quarantine", {}, 0}}) ==
        "1 mail in quarantine (and 1 more: see ticketctl status)");
}

}  // namespace
}  // namespace ticketd
