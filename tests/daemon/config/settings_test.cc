#include "daemon/config/settings.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kMinimal = R"(
[support]
address = "Support@Example.com"
[[mailbox]]
name = "support"
url = "imaps://imap.example.com"
user = "support@example.com"
password_file = "imap-password"
[smtp]
url = "smtp://mail.example.com:587"
)";

Settings load(const std::string& more) {
  const ScratchFolder folder;
  folder.write("ticketd.toml", kMinimal + more);
  LoadedSettings loaded = load_settings(folder.path() / "ticketd.toml");
  for (const ConfigProblem& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(loaded.settings);
  return std::move(*loaded.settings);
}

}  // namespace

TEST_CASE("defaults of servers", "[config]") {
  const Settings settings = load("");
  REQUIRE(settings.mailboxes.size() == 1);
  const MailboxSettings& mailbox = settings.mailboxes.front();
  CHECK(mailbox.name == "support");
  CHECK(mailbox.server.url == "imaps://imap.example.com");
  CHECK(mailbox.server.user == "support@example.com");
  CHECK(mailbox.server.password_file == "imap-password");
  CHECK(mailbox.server.tls_required);
  CHECK_FALSE(mailbox.server.oauth2);
  CHECK(mailbox.folder == "INBOX");
  CHECK(mailbox.channel == Channel::portal);
  CHECK(mailbox.processed.action == AfterwardsSettings::Action::move);
  CHECK(mailbox.processed.folder == "Processed");
  CHECK(mailbox.failed.folder == "Failed");
  CHECK(mailbox.poll_interval == seconds(60));
  CHECK(mailbox.backlog == MailboxSettings::Backlog::ignore);
  REQUIRE(settings.smtp.servers.size() == 1);
  CHECK(settings.smtp.servers.front().user.empty());
  CHECK(settings.smtp.retry_first == minutes(1));
  CHECK(settings.smtp.retry_max == hours(1));
  CHECK(settings.smtp.give_up == days(2));
  CHECK_FALSE(settings.ruleset.null_reverse_path);
}

TEST_CASE("defaults of the desk", "[config]") {
  const Ruleset rules = load("").ruleset;
  CHECK(rules.support.name == "Support@Example.com");
  CHECK(rules.support.time_zone == "UTC");
  CHECK(rules.support.subject_tag == "Ticket");
  CHECK(rules.support.copy_participants);
  CHECK(rules.office_hours.weekly.size() == 5);
  CHECK(rules.office_hours.weekly.front().start == hours(9));
  CHECK(rules.office_hours.weekly.front().end == hours(17));
  CHECK(rules.urgent.response == minutes(30));
  CHECK(rules.high.response == hours(2));
  CHECK(rules.normal.response == hours(4));
  CHECK(rules.high.clock == Clock::always);
  CHECK(rules.normal.clock == Clock::office_hours);
  CHECK(rules.language == "en");
  CHECK(rules.urgent.examples.size() == 3);
  CHECK(rules.urgent.examples.back() == "the portal cannot be reached although other sites can");
  CHECK(rules.high.examples.size() == 6);
  CHECK(rules.normal.examples.size() == 7);
  CHECK_FALSE(rules.normal.update);
  CHECK(std::ranges::count(rules.free_mail, "gmail.com") == 1);
}

TEST_CASE("defaults of limits and times", "[config]") {
  const Settings settings = load("");
  const Ruleset& rules = settings.ruleset;
  CHECK(settings.message_size == 35'000'000);
  CHECK(settings.mime_depth == 32);
  CHECK(settings.mime_parts == 1000);
  CHECK_FALSE(settings.raw_mail_retention);
  CHECK(rules.acknowledgements_per_sender.count == 10);
  CHECK(rules.acknowledgements_per_domain.count == 100);
  CHECK(rules.acknowledgements_per_domain.window == hours(1));
  CHECK(rules.tickets_per_sender.count == 50);
  CHECK(rules.acknowledgements.count == 1000);
  CHECK(rules.acknowledgements.window == hours(1));
  CHECK(rules.tickets_per_sender.window == hours(1));
  CHECK(rules.page_repeat == minutes(10));
  CHECK(rules.page_times == 3);
  CHECK(rules.page_warn_at == 0.75);
  CHECK(rules.page_limit.count == 20);
  CHECK(rules.abuse_strikes == 3);
  CHECK(rules.abuse_window == days(30));
  CHECK(rules.abuse_duration == days(90));
  CHECK(rules.close_after == days(3));
  CHECK(rules.reopen_within == days(14));
}

TEST_CASE("values arrive where they belong", "[config]") {
  const Settings settings = load(R"(
user = "relay"
password_file = "smtp-password"
fallback = [ { url = "smtps://spare.example.com" } ]
null_reverse_path = true
[priority.high]
response = "90m"
clock = "office_hours"
labels = ["hoch"]
update = "1h"
[limits]
message_size = "2MiB"
[channel]
sms = ["@SMS.example.net"]
[retention]
raw_mails = "400d"
)");
  REQUIRE(settings.smtp.servers.size() == 2);
  CHECK(settings.smtp.servers[0].user == "relay");
  CHECK(settings.smtp.servers[1].url == "smtps://spare.example.com");
  CHECK(settings.ruleset.null_reverse_path);
  CHECK(settings.ruleset.high.response == minutes(90));
  CHECK(settings.ruleset.high.clock == Clock::office_hours);
  CHECK(settings.ruleset.high.labels == std::vector<std::string>{"hoch"});
  CHECK(settings.ruleset.high.update == Duration(hours(1)));
  CHECK(settings.message_size == 2u << 20);
  CHECK(settings.ruleset.sms_senders == std::vector<std::string>{"@sms.example.net"});
  CHECK(settings.raw_mail_retention == Duration(days(400)));
}

TEST_CASE("staff, organizations and rules arrive", "[config]") {
  const Ruleset rules = load(R"(
[[staff]]
name = "Ann"
email = "ann@example.com"
away = ["2026-12-24..2027-01-02", 2026-11-11]
[[organization]]
name = "Acme"
domains = ["ACME.example"]
addresses = ["Boss@Example.org"]
[[rule]]
match = { from = "x", header.X-Spam = "yes" }
set = { priority = "high", channel = "sms", ignore = true }
)")
                            .ruleset;
  REQUIRE(rules.staff.size() == 1);
  CHECK(rules.staff[0].available.size() == 7);
  REQUIRE(rules.staff[0].away.size() == 2);
  CHECK(rules.staff[0].away[1].first == rules.staff[0].away[1].second);
  REQUIRE(rules.organizations.size() == 1);
  CHECK(rules.organizations[0].domains[0] == "acme.example");
  CHECK(rules.organizations[0].addresses[0] == "boss@example.org");
  REQUIRE(rules.mail_rules.size() == 1);
  CHECK(rules.mail_rules[0].name == "rule 1");
  CHECK(rules.mail_rules[0].header == std::vector<std::pair<std::string, std::string>>{{"X-Spam", "yes"}});
  CHECK(rules.mail_rules[0].priority == Priority::high);
  CHECK(rules.mail_rules[0].channel == Channel::sms);
  CHECK(rules.mail_rules[0].ignore);
  CHECK_FALSE(rules.mail_rules[0].spam);
}

TEST_CASE("later files replace keys and append tables", "[config]") {
  const ScratchFolder folder;
  folder.write("ticketd.toml", kMinimal);
  folder.write("conf.d/20-last.toml", "[support]\nname = \"Last\"\n");
  folder.write(
      "conf.d/10-first.toml",
      "[support]\nname = \"First\"\nphone = \"1\"\n[[mailbox]]\nname = \"sales\"\nurl = \"imaps://b.example\"\n"
      "user = \"b\"\npassword_file = \"b\"\n");
  folder.write("conf.d/30-ignored.toml.bak", "nonsense");
  const LoadedSettings loaded = load_settings(folder.path() / "ticketd.toml");
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->ruleset.support.name == "Last");
  CHECK(loaded.settings->ruleset.support.phone == "1");
  REQUIRE(loaded.settings->mailboxes.size() == 2);
  CHECK(loaded.settings->mailboxes[0].name == "support");
  CHECK(loaded.settings->mailboxes[1].name == "sales");
}

TEST_CASE("the store lies in the state directory", "[config]") {
  CHECK(load("").store_path == "/var/lib/ticketd/tickets.db");
  ::setenv("STATE_DIRECTORY", "/srv/desk:/srv/other", 1);
  CHECK(load("").store_path == "/srv/desk/tickets.db");
  CHECK(load("[store]\npath = \"/elsewhere/t.db\"\n").store_path == "/elsewhere/t.db");
  ::unsetenv("STATE_DIRECTORY");
}

TEST_CASE("relative paths start at the configuration's folder", "[config]") {
  const ScratchFolder folder;
  folder.write("ticketd.toml", std::string(kMinimal) + "[store]\npath = \"state/t.db\"\n");
  const LoadedSettings loaded = load_settings(folder.path() / "ticketd.toml");
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->store_path == folder.path() / "state/t.db");
}

TEST_CASE("a file that is not there, a folder, a file that is too large", "[config]") {
  const ScratchFolder folder;
  const auto only_message = [](const LoadedSettings& loaded) {
    REQUIRE(loaded.problems.size() == 1);
    CHECK_FALSE(loaded.settings);
    return loaded.problems.front().message;
  };
  CHECK(only_message(load_settings(folder.path() / "none.toml")) ==
        "the file does not exist; \"ticketctl setup\" asks, and writes one");
  CHECK(only_message(load_settings(folder.path())) == "the file is a directory, where a file is expected");
  folder.write("large.toml", std::string((1 << 20) + 1, '#'));
  CHECK(only_message(load_settings(folder.path() / "large.toml")) ==
        "the file is larger than 1 MiB, the most that a configuration file may be");
}

}  // namespace ticketd
