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
