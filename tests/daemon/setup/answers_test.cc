#include "daemon/ctl/setup/answers.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "daemon/config/draft.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/answers_file.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/file_set.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

SetupAnswers usual_answers() {
  SetupAnswers answers;
  answers.address = "support@example.com";
  answers.name = "Example Support";
  answers.time_zone = "Europe/Berlin";
  answers.admins = {"ops@example.com", "ann@example.com"};
  answers.mailbox.name = "support";
  answers.mailbox.server.url = "imaps://imap.example.com";
  answers.mailbox.server.user = "support@example.com";
  answers.mailbox.server.password_file = kImapPassword;
  answers.smtp.url = "smtp://mail.example.com:587";
  answers.smtp.user = "support@example.com";
  answers.smtp.password_file = kSmtpPassword;
  answers.member.name = "Ann Engineer";
  answers.member.email = "ann@example.com";
  answers.member.login = "ann";
  answers.member.roles = {"engineer"};
  answers.imap_password.value = "hunter2";
  answers.smtp_password.value = "hunter3";
  return answers;
}

LoadedSettings load(const std::string& text, const ScratchFolder& folder) {
  auto loaded = load_draft(text, folder.path() / "ticketd.toml");
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  return loaded;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("setup writes a configuration that says what was answered, and no secret") {
  const ScratchFolder folder;
  const auto answers = usual_answers();
  const auto text = render_configuration(answers);
  CHECK(text.find("hunter") == std::string::npos);
  const auto loaded = load(text, folder);
  REQUIRE(loaded.settings);
  CHECK(loaded.problems.empty());
  const auto& settings = *loaded.settings;
  CHECK(settings.ruleset.support.address == answers.address);
  CHECK(settings.ruleset.support.name == answers.name);
  CHECK(settings.ruleset.support.admins == answers.admins);
  REQUIRE(settings.mailboxes.size() == 1);
  CHECK(settings.mailboxes[0].server.password_file == "imap-password");
  CHECK(settings.mailboxes[0].backlog == MailboxSettings::Backlog::ignore);
  CHECK(settings.smtp.servers.at(0).password_file == "smtp-password");
  CHECK(settings.ruleset.staff.at(0).roles == answers.member.roles);
  CHECK(settings.store_path == "/var/lib/ticketd/tickets.db");
}

TEST_CASE("setup: nothing that is typed leaves its quotes") {
  const ScratchFolder folder;
  const std::string hostile[] = {"\"]\n[smtp]\nurl = \"smtp://evil.example\"",
                                 "a\\",
                                 "\\u0041",
                                 "tab\there",
                                 "''' \"\"\"",
                                 "\x7f\x01",
                                 "Jörg → Süd"};
  for (const auto& value : hostile) {
    INFO(value);
    auto answers = usual_answers();
    answers.mailbox.folder = value;
    answers.store_path = "/tmp/" + value;
    answers.mailbox.server.password_file = "/a folder/\"quoted\"/imap-password";
    const auto text = render_configuration(answers);
    Problems problems;
    static_cast<void>(problems.add_file("x"));
    const auto root = parse_toml(text, 0, problems);
    CHECK_FALSE(problems.any_error());
    CHECK(root["mailbox"].items.at(0)["folder"].text == value);
    CHECK(root["store"]["path"].text == "/tmp/" + value);
    CHECK(root["mailbox"].items.at(0)["password_file"].text == "/a folder/\"quoted\"/imap-password");
  }
}

TEST_CASE("setup: every choice reaches the configuration") {
  const ScratchFolder folder;
  auto answers = usual_answers();
  answers.mailbox.backlog = MailboxSettings::Backlog::silent;
  answers.mailbox.folder = "Support";
  answers.mailbox.server.url = "imap://localhost:143";
  answers.mailbox.server.tls_required = false;
  answers.mailbox.server.password_file.clear();
  answers.mailbox.server.oauth2 =
      OAuth2Settings{"https://t.example/token", "id", "oauth2-secret", "refresh_token", "/srv/desk/token", "mail"};
  answers.smtp.user.clear();
  answers.smtp.password_file.clear();
  answers.store_path = "/srv/desk/tickets.db";
  const auto loaded = load(render_configuration(answers), folder);
  REQUIRE(loaded.settings);
  const auto& mailbox = loaded.settings->mailboxes.at(0);
  CHECK(mailbox.backlog == MailboxSettings::Backlog::silent);
  CHECK(mailbox.folder == "Support");
  CHECK_FALSE(mailbox.server.tls_required);
  REQUIRE(mailbox.server.oauth2);
  CHECK(mailbox.server.oauth2->refresh_token_file == "/srv/desk/token");
  CHECK(mailbox.server.oauth2->scope == "mail");
  CHECK(loaded.settings->smtp.servers.at(0).user.empty());
  CHECK(loaded.settings->store_path == "/srv/desk/tickets.db");
}

TEST_CASE("a draft counts with the conf.d beside it") {
  const ScratchFolder folder;
  folder.write("ticketd.toml", "nonsense");  // what it replaces does not matter
  folder.write("conf.d/10.toml", "[support]\nphone = \"1\"\n");
  const auto loaded = load(render_configuration(usual_answers()), folder);
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->ruleset.support.phone == "1");
  folder.write("conf.d/20.toml", "[support]\nphoen = 1\n");
  const auto broken = load_draft(render_configuration(usual_answers()), folder.path() / "ticketd.toml");
  CHECK_FALSE(broken.settings);
  REQUIRE(broken.problems.size() == 1);
  CHECK(broken.problems[0].file.ends_with("20.toml"));
}

std::string failure_of(const std::string& text, const Question& question) {
  const ScratchFolder folder;
  folder.write("answers.toml", text);
  const auto file = (folder.path() / "answers.toml").string();
  ::chmod(file.c_str(), 0600);
  try {
    AnswersFile answers(file, setup_keys(), stderr);
    return "answer: " + answers.ask(question);
  } catch (const CommandFailure& failure) {
    CHECK(failure.code() == kExitDataError);
    const std::string what = failure.what();
    return what.substr(what.starts_with(file) ? file.size() : 0);
  }
}

TEST_CASE("an answers file: what is missing, wrong or unknown is named") {
  const Question name{.key = "name", .words = "Name that customers see", .fallback = "Desk"};
  const Question server{
      .key = "imap_server", .words = "IMAP server", .fallback = "imaps://imap.x.example", .is_guess = true};
  const Question address{.key = "address", .words = "Support address", .check = [](std::string& text) {
                           return text.find('@') == std::string::npos ? "it must be an address" : "";
                         }};
  const Question admins{.key = "admins", .words = "Admins", .takes = Question::Takes::list};
  const Question preview{.key = "preview", .words = "Show", .takes = Question::Takes::yes_or_no};
  struct Case {
    const char* what;
    const char* text;
    const Question& question;
    const char* result;
  };
  const Case cases[] = {
      {"given", "name = \" Example \"", name, "answer: Example"},
      {"left out, with a default", "", name, "answer: Desk"},
      {"left out, with a guess", "", server,
       ": 'imap_server' is missing: IMAP server (it could be \"imaps://imap.x.example\")"},
      {"left out", "", address, ": 'address' is missing: Support address"},
      {"wrong", "\naddress = \"x\"", address, ":2:11: address: it must be an address"},
      {"a list", "admins = [\"a@x.example\", \"b@x.example\"]", admins, "answer: a@x.example, b@x.example"},
      {"an empty list", "admins = []", admins, "answer: none"},
      {"empty, with a default", "name = \"\"", name, "answer: Desk"},
      {"empty, with a guess", "imap_server = \"\"", server, ":1:15: imap_server: it can't be empty"},
      {"yes", "preview = true", preview, "answer: yes"},
      {"yes, where text is asked for", "name = true", name, ":1:8: name: it must be text in quotes"},
      {"a number", "name = 7", name, ":1:8: name: it must be text in quotes"},
      {"a number of mails", "preview = 7", preview, ":1:11: preview: it must be true or false"},
      {"a list, where one text is asked for", "name = [\"a\"]", name, ":1:8: name: it must be text in quotes"},
      {"a list of numbers", "admins = [1]", admins,
       ":1:10: admins: it must be text in quotes, or a list of such texts"},
      {"a table", "admins = { a = 1 }", admins, ":1:10: admins: it must be text in quotes, or a list of such texts"},
      {"unknown", "adress = \"x\"", address, ":1:1: 'adress' is no question of setup; do you mean 'address'?"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(failure_of(c.text, c.question) == c.result);
  }
  const Question password{.key = "imap_password", .words = "Password", .is_secret = true};
  CHECK(failure_of("imap_password = \"a b \"", password) == "answer: a b ");
  CHECK(failure_of("imap_password = \"\"", password) == ":1:17: imap_password: it can't be empty");
  CHECK(failure_of("imap_password = \"secret\\n\"", password) ==
        ":1:17: imap_password: it holds a line end or a control character");
  CHECK(failure_of("[support", name) == ":1:9: this is not TOML; an answer is KEY = \"TEXT\"");
}

TEST_CASE("an answers file: a secret is text in quotes, and no error repeats it") {
  const Question password{.key = "imap_password", .words = "Password", .is_secret = true};
  for (const char* value : {"0x1F", "1_000", "true", "[\"a\", \"b\"]", "1.5", "2026-01-01"}) {
    INFO(value);
    CHECK(failure_of(fmt::format("imap_password = {}", value), password) ==
          ":1:17: imap_password: it must be text in quotes");
  }
  for (const char* value : {"hunter2", "\"hunter2", "\"a\" hunter2", "0xhunter2", "\"\\hunter2\""}) {
    INFO(value);
    const auto failure = failure_of(fmt::format("imap_password = {}", value), password);
    CHECK(failure.find("this is not TOML") != std::string::npos);
    CHECK(failure.find("hunter") == std::string::npos);
  }
}

TEST_CASE("an answers file that others can read is refused") {
  const ScratchFolder folder;
  folder.write("answers.toml", "");
  const auto file = (folder.path() / "answers.toml").string();
  ::chmod(file.c_str(), 0644);
  CHECK_THROWS_WITH(AnswersFile(file, setup_keys(), stderr), Catch::Contains("others can get at it"));
}

TEST_CASE("files that are written together: all of them, with the old ones kept") {
  const ScratchFolder folder;
  folder.write("a.toml", "old a");
  folder.write("a.toml.bak", "older a");
  folder.write("same", "same");
  ::chmod((folder.path() / "a.toml").c_str(), 0666);
  FileSet files;
  files.add_folder((folder.path() / "new" / "secret").string(), 0700);
  files.add((folder.path() / "new" / "secret" / "s").string(), "hush", 0600);
  files.add((folder.path() / "same").string(), "same", 0644);
  files.add((folder.path() / "a.toml").string(), "new a", 0644);
  const auto written = files.write();
  REQUIRE(written.size() == 3);
  CHECK(written[1].backup == (folder.path() / "a.toml.bak2").string());
  CHECK(content(folder.path() / "a.toml") == "new a");
  CHECK(content(folder.path() / "a.toml.bak") == "older a");
  CHECK(content(folder.path() / "a.toml.bak2") == "old a");
  CHECK(content(folder.path() / "new" / "secret" / "s") == "hush");
  CHECK(written[2].is_unchanged);
  const auto mode = [&](const char* name) {
    return static_cast<unsigned>(std::filesystem::status(folder.path() / name).permissions());
  };
  CHECK(mode("new") == 0755);
  CHECK(mode("new/secret") == 0700);
  CHECK(mode("new/secret/s") == 0600);
  CHECK(mode("a.toml") == 0644);
}

TEST_CASE("files that are written together: a new one replaces nothing") {
  const ScratchFolder folder;
  folder.write("secret", "of somebody else");
  FileSet files;
  files.add((folder.path() / "a").string(), "a", 0644);
  files.add_new((folder.path() / "secret").string(), "mine", 0600);
  CHECK_THROWS_WITH(static_cast<void>(files.write()), Catch::EndsWith("secret: can't be created: File exists"));
  CHECK(content(folder.path() / "secret") == "of somebody else");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("files that are written together: one that can't be takes all back") {
  const ScratchFolder folder;
  folder.write("a", "old a");
  std::filesystem::create_directory(folder.path() / "folder");
  FileSet files;
  files.add_folder((folder.path() / "made").string(), 0755);
  files.add((folder.path() / "made" / "x").string(), "x", 0644);
  files.add((folder.path() / "a").string(), "new a", 0644);
  files.add((folder.path() / "folder").string(), "is in the way", 0644);
  CHECK_THROWS_AS(static_cast<void>(files.write()), CommandFailure);
  CHECK(content(folder.path() / "a") == "old a");
  std::size_t left = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    UNSCOPED_INFO(entry.path());
    ++left;
  }
  CHECK(left == 2);
}

}  // namespace
}  // namespace ticketd
