#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "daemon/desk/health.h"
#include "tests/daemon/test_desk.h"

namespace ticketd {
namespace {

struct IncidentDesk : TestDesk {
  IncidentNumber open() {
    return std::get<IncidentNumber>(desk->open_incident({"Phones down", IncidentMatch::all, "", "We look."}, ann));
  }
  void report(int count) {
    for (int i = 0; i < count; ++i)
      desk->command(std::nullopt,
                    NewCommand{{"Jane", fmt::format("jane@c{}.example", ++reports)}, "Phone", "", Channel::phone}, ann);
  }
  Ticket ticket(int number) { return store().ticket(TicketId{number}).value().ticket; }
  std::size_t mails(OutboxKind kind) {
    const auto rows = store().outbox();
    return static_cast<std::size_t>(std::ranges::count(rows, kind, [](const OutboxRow& row) { return row.mail.kind; }));
  }
  [[nodiscard]] std::filesystem::path page_folder() const { return folder.path().parent_path() / "status"; }
  std::string page(const char* file) {
    std::ostringstream text;
    text << std::ifstream(page_folder() / file).rdbuf();
    return text.str();
  }
  void publish() {
    rules->status_page_directory = page_folder();
    rules->status_page_lock = folder.path().string() + ".status-page";
  }
  /// What is to become of ticket 1 can't be written.
  void jam_one(const char* when) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    const auto trigger = fmt::format(
        "CREATE TRIGGER jam BEFORE UPDATE ON tickets WHEN NEW.number = 1 AND {} BEGIN SELECT RAISE(ABORT, 'it is "
        "jammed'); END",
        when);
    CHECK(sqlite3_exec(database, trigger.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }
  void loosen() {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, "DROP TRIGGER jam", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }
  int reports = 0;
  std::vector<Problem> problems() {
    Settings settings;
    settings.status_page_directory = rules->status_page_directory;
    return find_problems(settings, {}, {}, store().counts(now), now);
  }
};

TEST_CASE("the tickets of an incident are resolved with it, some at a time, each once") {
  IncidentDesk test;
  const auto number = test.open();
  test.report(150);
  CHECK(test.ticket(1).waits_for_incident);
  CHECK_FALSE(test.desk->run_timers().next);
  test.desk->resolve_incident(number, "It is repaired.", test.ann);
  const auto first = test.desk->run_timers();
  CHECK(first.writes_mail);
  CHECK(first.next.value() <= test.now);
  CHECK(test.mails(OutboxKind::incident) == 100);
  CHECK(test.ticket(100).status == TicketStatus::resolved);
  CHECK(test.ticket(101).status == TicketStatus::new_);
  // Another process, for this one was killed.
  Desk other(
      Store(test.folder.path()), test.rules, [&] { return test.now; },
      [&] { return fmt::format("{:032x}", ++test.tokens); });
  CHECK(other.settle_incidents().is_through);
  CHECK(test.mails(OutboxKind::incident) == 150);
  test.desk->run_timers();
  CHECK(test.mails(OutboxKind::incident) == 150);
  CHECK_FALSE(test.store().unsettled_incident());
  CHECK(test.ticket(150).check_at == test.now + 72h);  // the period to test begins
}

TEST_CASE("only what is being worked on is resolved with an incident, and stays open when opened again") {
  IncidentDesk test;
  const auto number = test.open();
  test.report(3);
  test.desk->command(TicketId{1}, ResolveCommand{}, test.ann);
  test.desk->command(TicketId{2}, IncidentCommand{}, test.ann);
  const auto before = test.mails(OutboxKind::incident);
  test.desk->resolve_incident(number, "", test.ann);
  CHECK(test.desk->settle_incidents().is_through);
  CHECK(test.mails(OutboxKind::incident) == before + 1);
  CHECK_FALSE(test.ticket(1).waits_for_incident);
  CHECK(test.ticket(2).status == TicketStatus::new_);
  CHECK(test.ticket(2).response_due_at);
  test.desk->command(TicketId{3}, ReopenCommand{}, test.ann);
  test.desk->run_timers();
  CHECK(test.ticket(3).status == TicketStatus::open);
  CHECK(test.ticket(3).response_due_at);
}

TEST_CASE("one that can't be resolved waits no more, is owed an answer, and staff hear of it") {
  IncidentDesk test;
  const auto number = test.open();
  test.report(2);
  test.jam_one("NEW.status = 'resolved'");
  test.desk->resolve_incident(number, "", test.ann);
  CHECK(test.desk->settle_incidents().is_through);
  CHECK(test.mails(OutboxKind::incident) == 1);
  CHECK_FALSE(test.ticket(1).waits_for_incident);
  CHECK(test.ticket(1).response_due_at);
  const auto events = test.store().events(TicketId{1});
  CHECK(events.back().kind == "staff_told");
  for (const auto& event : events) CHECK(event.detail.find("jammed") == std::string::npos);
}

TEST_CASE("one that can't be written at all holds up no other, and is done once it can be") {
  IncidentDesk test;
  const auto number = test.open();
  test.report(120);
  test.jam_one("1");
  test.desk->resolve_incident(number, "", test.ann);
  const auto first = test.desk->settle_incidents();
  CHECK(first.stuck == std::vector{TicketId{1}});
  CHECK_FALSE(first.is_through);
  CHECK(test.desk->settle_incidents().is_through);
  CHECK(test.mails(OutboxKind::incident) == 119);
  CHECK(test.store().unsettled_incident());
  REQUIRE(test.store().counts(test.now).stuck.size() == 1);
  CHECK(test.store().counts(test.now).stuck[0].reason.find("it is jammed") != std::string::npos);
  const auto later = std::get<IncidentNumber>(test.desk->open_incident({"Fax", IncidentMatch::all, "", ""}, test.ann));
  test.report(1);
  test.desk->resolve_incident(later, "", test.ann);
  test.desk->run_timers();
  CHECK(test.desk->run_timers().next <= test.now + 1min);
  CHECK(test.ticket(121).status == TicketStatus::resolved);
  test.loosen();
  test.desk->run_timers();
  CHECK(test.ticket(1).status == TicketStatus::resolved);
  CHECK_FALSE(test.store().unsettled_incident());
  CHECK(test.store().counts(test.now).stuck.empty());
}

TEST_CASE("no more than the limit of automatic answers goes to one customer at the end of an incident") {
  IncidentDesk test;
  test.rules->ruleset.acknowledgements_per_sender.count = 5;
  const auto number = test.open();
  for (int i = 0; i < 4; ++i)
    test.desk->command(std::nullopt, NewCommand{{"Jane", "jane@acme.example"}, "Phone", "", Channel::phone}, test.ann);
  test.now += 2h;  // the acknowledgements count no more
  test.desk->resolve_incident(number, "", test.ann);
  test.rules->ruleset.acknowledgements_per_sender.count = 2;
  test.desk->run_timers();
  CHECK(test.mails(OutboxKind::incident) == 2);
  CHECK(test.ticket(2).status == TicketStatus::resolved);
  for (const int released : {3, 4}) {
    CHECK(test.ticket(released).status == TicketStatus::new_);
    CHECK(test.ticket(released).response_due_at);
    CHECK(test.store().events(TicketId{released}).back().kind == "staff_told");
  }
}

TEST_CASE("what was done before another process held the store is told") {
  IncidentDesk test;
  const auto number = test.open();
  test.report(1);
  test.desk->resolve_incident(number, "", test.ann);
  Store::Options options;
  options.busy_timeout = std::chrono::milliseconds{1};
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(test.folder.path().c_str(), &other) == SQLITE_OK);
  int calls = 0;
  Desk desk(
      Store(test.folder.path(), options), test.rules,
      [&] {
        // The clock is asked last when the settling is committed: then somebody takes the lock.
        if (test.store().unsettled_incident() == std::nullopt && ++calls == 1)
          CHECK(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
        return test.now;
      },
      [&] { return fmt::format("{:032x}", ++test.tokens); });
  const auto run = desk.run_timers();
  sqlite3_close(other);
  CHECK(run.is_busy);
  CHECK(run.writes_mail);
}

TEST_CASE("orders about incidents that are not there or over") {
  IncidentDesk test;
  CHECK(std::holds_alternative<Refusal>(test.desk->update_incident(IncidentNumber{1}, "x", test.ann)));
  const auto number = test.open();
  test.desk->resolve_incident(number, "", test.ann);
  CHECK(std::holds_alternative<Refusal>(test.desk->resolve_incident(number, "", test.ann)));
  CHECK(std::holds_alternative<Refusal>(test.desk->update_incident(number, "x", test.ann)));
  CHECK(test.loose_events().find("incident_resolved") != std::string::npos);
}

TEST_CASE("the status page is written at the start and at every change, for everybody to read") {
  IncidentDesk test;
  test.publish();
  const auto before = ::umask(0077);
  test.desk->run_timers();
  CHECK(test.page("status.json").find("\"status\":\"ok\"") != std::string::npos);
  const auto number = test.open();
  test.desk->run_timers();
  ::umask(before);
  CHECK(test.page("status.json").find("Phones down") != std::string::npos);
  CHECK(test.page("index.html").find("We look.") != std::string::npos);
  for (const auto* file : {"", "index.html", "status.json"}) {
    struct stat status {};
    REQUIRE(::stat((test.page_folder() / file).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == (*file == '\0' ? 0755U : 0644U));
  }
  const auto entries = std::filesystem::directory_iterator(test.page_folder());
  CHECK(std::distance(begin(entries), end(entries)) == 2);
  test.desk->resolve_incident(number, "It is repaired.", test.ann);
  const auto run = test.desk->run_timers();
  CHECK(test.page("index.html").find("It is repaired.") != std::string::npos);
  test.now = run.next.value();
  CHECK(test.now > tuesday_ten() + 24h * 90);
  test.desk->run_timers();
  CHECK(test.page("index.html").find("It is repaired.") == std::string::npos);
}

TEST_CASE("a status page that can't be written is a problem, and is written once it can be") {
  IncidentDesk test;
  test.publish();
  auto where = test.page_folder();
  SECTION("the folder is a file") {
    std::ofstream(test.page_folder()) << "x";
    CHECK(test.desk->run_timers().next == test.now + 1min);
    std::filesystem::remove(test.page_folder());
  }
  SECTION("somebody has stopped in the middle of writing") {
    where = test.rules->status_page_lock;
    const int other = ::open(test.rules->status_page_lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::flock(other, LOCK_EX) == 0);
    CHECK(test.desk->run_timers().next == test.now + 1min);
    ::close(other);
  }
  REQUIRE(test.problems().size() == 1);
  CHECK(test.problems()[0].name == "status page");
  CHECK(test.problems()[0].text.find(where.string()) != std::string::npos);
  test.open();
  CHECK(test.store().incident(IncidentNumber{1}));
  test.now += 1min;
  test.desk->run_timers();
  CHECK(test.problems().empty());
  CHECK(test.page("index.html").find("Phones down") != std::string::npos);
}

TEST_CASE("whoever may read the status page can't hold up its writing") {
  IncidentDesk test;
  test.publish();
  test.desk->run_timers();
  const int other = ::open(test.page_folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  test.open();
  CHECK(test.desk->write_status_page().empty());
  ::close(other);
  struct stat status {};
  REQUIRE(::stat(test.rules->status_page_lock.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("a status page that somebody deletes is written again, and drafts of the dead go") {
  IncidentDesk test;
  test.publish();
  test.desk->run_timers();
  SECTION("the folder") { std::filesystem::remove_all(test.page_folder()); }
  SECTION("a file") { std::filesystem::remove(test.page_folder() / "status.json"); }
  if (std::filesystem::exists(test.page_folder()))
    for (const auto* file : {".index.html-a1B2c3", ".htaccess", ".index.html-older"})
      std::ofstream(test.page_folder() / file) << "x";
  test.desk->run_timers();
  CHECK(test.page("status.json").find("\"status\":\"ok\"") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(test.page_folder() / ".index.html-a1B2c3"));
}

TEST_CASE("a change that no daemon has shown is a problem") {
  IncidentDesk test;
  test.publish();
  test.desk->run_timers();
  test.open();
  CHECK(test.problems().empty());
  test.now += 6min;
  REQUIRE(test.problems().size() == 1);
  CHECK(test.problems()[0].text.find("is the daemon running?") != std::string::npos);
  CHECK(test.desk->write_status_page().empty());
  CHECK(test.problems().empty());
}

}  // namespace
}  // namespace ticketd
