#include "daemon/desk/lease_health.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/desk/health.h"

namespace ticketd {
namespace {

using std::chrono::minutes;

const Time kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

Settings one_mailbox(std::string lease_folder = "ticketd") {
  Settings settings;
  settings.mailboxes.emplace_back();
  settings.mailboxes.back().name = "support";
  settings.mailboxes.back().lease_folder = std::move(lease_folder);
  return settings;
}

LeaseRecord record(Tenure tenure, std::string rival = "") {
  LeaseRecord lease;
  lease.mailbox = "support";
  lease.tenure = tenure;
  lease.rival = std::move(rival);
  lease.rival_since = kNow - minutes{3};
  lease.looked_at = kNow - minutes{1};
  return lease;
}

std::vector<Problem> problems(const LeaseRecord& lease, const Settings& settings = one_mailbox(),
                              std::string mailbox_error = "") {
  std::vector<Problem> found{{silence_of(settings.mailboxes[0]), "silent", {}, 0}};
  const std::vector<LeaseRecord> all{lease};
  std::vector<MailboxHealth> mailboxes(1);
  mailboxes[0].name = "support";
  mailboxes[0].error = std::move(mailbox_error);
  add_lease_problems(found, settings, mailboxes, all, kNow);
  return found;
}

TEST_CASE("a lease that is ours alone is no problem") {
  CHECK(problems(record(Tenure::held)).size() == 1);
  CHECK(problems(record(Tenure::unknown, "other.example")).size() == 1);
}

TEST_CASE("who stands by says for whom, since when, and nothing of the silence") {
  const auto found = problems(record(Tenure::stand_by, "other.example"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "mailbox support lease");
  CHECK(found[0].text ==
        "mailbox support: another ticketd, on other.example, works on it, since 3 minutes ago; this one stands by: it "
        "takes in, answers and reminds of nothing until the other is silent; stop one of them");
}

TEST_CASE("who stands by and can't look says why") {
  auto lease = record(Tenure::stand_by, "other.example");
  lease.detail = "SELECT ticketd: try again";
  CHECK(problems(lease)[0].text.ends_with(
      "and start this one anew if it is left: the leases can't be looked at: SELECT ticketd: try again"));
}

TEST_CASE("a copy of the store is named") {
  auto lease = record(Tenure::stand_by, "other.example");
  lease.is_copy = true;
  CHECK(problems(lease)[0].text.find("works on a copy of this store") != std::string::npos);
}

TEST_CASE("who works hears of one that waits") {
  const auto found = problems(record(Tenure::held, "other.example"));
  REQUIRE(found.size() == 2);
  CHECK(found[1].text ==
        "mailbox support: another ticketd, on other.example, was started for it, since 3 minutes ago, and stands by; "
        "stop one of them");
}

TEST_CASE("what can't be told is a problem when it lasts") {
  auto lease = record(Tenure::unguarded);
  lease.detail = "APPEND: over quota";
  const auto found = problems(lease);
  REQUIRE(found.size() == 2);
  CHECK(found[1].text.find("can't be told: APPEND: over quota") != std::string::npos);
  CHECK(found[1].patience == minutes{15});
}

TEST_CASE("where the mailbox itself refuses the login, that is the problem, and not the lease") {
  auto lease = record(Tenure::unguarded);
  lease.detail = "imap://mail.example: the login was refused";
  CHECK(problems(lease).size() == 2);
  CHECK(problems(lease, one_mailbox(), "imap://mail.example: the login was refused").size() == 1);
  // Who waits for another one waits whether or not the server answers.
  CHECK(problems(record(Tenure::stand_by, "other.example"), one_mailbox(), "no answer")[0].name ==
        "mailbox support lease");
}

TEST_CASE("an alarm that was told stands while the mailbox can't be had, and no mail says that it is over") {
  auto lease = record(Tenure::unguarded);
  lease.detail = "APPEND: over quota";
  const Settings settings = one_mailbox();
  std::vector<MailboxHealth> mailboxes(1);
  mailboxes[0].name = "support";
  const auto hidden = [&] { return hidden_lease_problems(settings, mailboxes, std::vector{lease}); };
  CHECK(hidden().empty());
  mailboxes[0].error = "imap://mail.example: no answer";
  REQUIRE(hidden() == std::vector<std::string>{"mailbox support lease"});

  Alarm told, over, other;
  told.name = over.name = "mailbox support lease";
  told.text = "mailbox support: whether a second ticketd works on it can't be told: APPEND: over quota";
  over.is_over = true;
  other.name = "quarantine";
  std::vector<Problem> standing;
  add_standing_problems(standing, hidden(), std::vector{over, other});
  CHECK(standing.empty());
  add_standing_problems(standing, hidden(), std::vector{told, other});
  REQUIRE(standing.size() == 1);
  CHECK(standing[0].text == told.text);
  const auto decided =
      decide_alarms(standing, std::vector{told}, settings.ruleset, Templates{}, kNow, [] { return std::string("t"); });
  CHECK_FALSE(decided.is_changed);
  CHECK(decided.over.empty());

  lease.tenure = Tenure::held;  // a good look before the mailbox went away
  CHECK(hidden().empty());
}

TEST_CASE("an old record, and one of a mailbox without a lease folder, say nothing") {
  auto lease = record(Tenure::stand_by, "other.example");
  CHECK(problems(lease, one_mailbox("")).size() == 1);
  lease.looked_at = kNow - minutes{30};
  CHECK(problems(lease)[0].text == "silent");
}

TEST_CASE("what the leases say is among all problems") {
  const Settings settings = one_mailbox();
  const std::vector<LeaseRecord> leases{record(Tenure::stand_by, "other.example")};
  const auto found = find_problems(settings, {}, leases, {}, kNow);
  CHECK(std::ranges::count(found, "mailbox support lease", &Problem::name) == 1);
  CHECK(std::ranges::count(found, silence_of(settings.mailboxes[0]), &Problem::name) == 0);
}

}  // namespace
}  // namespace ticketd
