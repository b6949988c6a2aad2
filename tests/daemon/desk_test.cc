#include "daemon/desk/desk.h"

#include <sqlite3.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "rules/mail_rules.h"
#include "tests/rules/desk_samples.h"
#include "tests/store/store_fixture.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

/// A desk on a store of its own, with a clock that the test sets.
struct TestDesk {
  StoreFolder folder;
  Time now = tuesday_ten();
  std::shared_ptr<DeskRules> rules = std::make_shared<DeskRules>();
  int tokens = 0;
  std::unique_ptr<Desk> desk;
  Actor ann{"ann", nullptr};

  TestDesk() {
    rules->ruleset = sample_ruleset();
    desk = std::make_unique<Desk>(
        Store(folder.path()), rules, [this] { return now; }, [this] { return fmt::format("{:032x}", ++tokens); });
  }
  Store& store() { return desk->store(); }

  std::int64_t quarantine(const std::string& octets, const std::string& mailbox = "support") {
    ArrivedMail arrived;
    arrived.mailbox = mailbox;
    arrived.internal_date = now;
    arrived.octets = octets;
    return store().quarantine(arrived, "It could not be read.", now);
  }
  /// Ticket 1, resolved now.
  void resolve_one() {
    const NewCommand report{{"Jane", "jane@acme.example"}, "Fax", "It prints blank pages.", Channel::phone};
    desk->command(std::nullopt, report, ann);
    desk->command(TicketId{1}, ResolveCommand{}, ann);
  }
  /// Tickets from 1 on, resolved now.
  void resolve_many(int count) {
    for (int i = 1; i <= count; ++i) {
      auto decision = make_decision(i, std::to_string(i) + "@customer");
      decision.ticket->status = TicketStatus::resolved;
      decision.ticket->resolved_at = now;
      file(store(), decision);
    }
  }
  /// Those up to `number` can't be closed.
  void jam(int number) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    const auto trigger = fmt::format(
        "CREATE TRIGGER jam BEFORE UPDATE ON tickets WHEN NEW.number <= {} AND NEW.status = 'closed' "
        "BEGIN SELECT RAISE(ABORT, 'it is jammed'); END",
        number);
    CHECK(sqlite3_exec(database, trigger.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }
  /// "kind: detail" of the events that belong to no ticket.
  std::string loose_events() {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    std::string told;
    const auto tell = [](void* text, int, char** columns, char**) {
      *static_cast<std::string*>(text) += fmt::format("{} {}: {}\n", columns[0], columns[1], columns[2]);
      return 0;
    };
    const char* query = "SELECT actor, kind, detail FROM events WHERE ticket IS NULL ORDER BY id";
    CHECK(sqlite3_exec(database, query, tell, &told, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    return told;
  }
  TicketStatus status() { return store().ticket(TicketId{1}).value().ticket.status; }
};

const std::string kMail =
    "From: jane@acme.example\r\nTo: support@example.com\r\nSubject: Urgent: fax\r\nMessage-ID: <q@acme.example>\r\n\r\n"
    "It is down.\r\n";

}  // namespace

TEST_CASE("a quarantined mail that can be read now becomes a ticket") {
  TestDesk test;
  const auto id = test.quarantine(kMail);
  const auto decision = test.desk->retry_quarantined(id, test.ann);
  REQUIRE(decision);
  CHECK(decision->outcome == Outcome::new_ticket);
  CHECK(test.store().quarantined().empty());
  const auto messages = test.store().messages(TicketId{1});
  REQUIRE(messages.size() == 1);
  CHECK(test.store().raw(TicketId{1}, messages[0].id) == kMail);
  CHECK(test.store().outbox().size() == 1);
  CHECK_FALSE(test.desk->retry_quarantined(id, test.ann));
}

TEST_CASE("one that still can't be read stays as it is") {
  TestDesk test;
  const auto id = test.quarantine(std::string("\0\0\0", 3));
  const auto decision = test.desk->retry_quarantined(id, test.ann);
  REQUIRE(decision);
  CHECK(decision->outcome == Outcome::quarantined);
  REQUIRE(test.store().quarantined().size() == 1);
  CHECK(test.store().quarantined()[0].id == id);
  CHECK(test.store().list({}).empty());
}

TEST_CASE("what can't be worked on as a whole becomes a ticket of its header and its beginning") {
  TestDesk test;
  int calls = 0;
  test.desk = nullptr;
  test.desk = std::make_unique<Desk>(
      Store(test.folder.path()), test.rules, [&] { return test.now; },
      [&]() -> std::string {
        if (++calls == 1) throw std::runtime_error("no token");
        return std::string(32, 'c');
      });
  ArrivedMail arrived;
  arrived.mailbox = "pipe";
  arrived.internal_date = test.now;
  arrived.octets = kMail;
  const auto decision = test.desk->ingest(arrived);
  CHECK(decision.outcome == Outcome::new_ticket);
  const auto messages = test.store().messages(TicketId{1});
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].text == "It is down.");
  CHECK(test.store().raw(TicketId{1}, messages[0].id) == kMail);
  CHECK(test.store().ticket(TicketId{1})->ticket.priority == Priority::urgent);
  bool is_told = false;
  for (const auto& event : test.store().events(TicketId{1}))
    is_told = is_told || event.detail.find("no token") != std::string::npos;
  CHECK(is_told);
  CHECK(test.store().quarantined().empty());
}

TEST_CASE("explain tells of a mail on which deciding fails what ingest would do, and writes nothing") {
  TestDesk test;
  int calls = 0, failures = 0;
  test.desk = nullptr;
  test.desk = std::make_unique<Desk>(
      Store(test.folder.path()), test.rules, [&] { return test.now; },
      [&]() -> std::string {
        if (++calls <= failures) throw std::runtime_error("no token");
        return std::string(32, 'c');
      });
  ArrivedMail arrived;
  arrived.mailbox = "pipe";
  arrived.internal_date = test.now;
  arrived.octets = kMail;
  SECTION("its header and its beginning make a ticket") {
    failures = 1;
    const auto decision = test.desk->explain(arrived);
    CHECK(decision.outcome == Outcome::new_ticket);
    CHECK(std::ranges::any_of(decision.reasons, [](const auto& r) { return r.find("no token") != std::string::npos; }));
  }
  SECTION("nothing of it can be used") {
    failures = 2;
    const auto decision = test.desk->explain(arrived);
    CHECK(decision.outcome == Outcome::quarantined);
    CHECK(decision.reason.find("no token") != std::string::npos);
  }
  SECTION("no header can be read") {
    arrived.octets = std::string(3, '\0');
    CHECK(test.desk->explain(arrived).outcome == Outcome::quarantined);
  }
  CHECK(test.store().list({}).empty());
  CHECK(test.store().quarantined().empty());
  CHECK(test.store().outbox().empty());
}

TEST_CASE("a mail over which the program ends again and again keeps the others back no longer") {
  StoreFolder folder;
  auto rules = std::make_shared<DeskRules>();
  rules->ruleset = sample_ruleset();
  rules->ruleset.support.address = "desk@example.com";
  const auto open = [&](TokenSource tokens) {
    auto desk = std::make_unique<Desk>(
        Store(folder.path()), rules, [] { return tuesday_ten(); }, std::move(tokens));
    desk->mark_deaths_in(folder.path().string() + ".reading");
    return desk;
  };
  std::vector<FetchedMail> mails(3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    mails[i].uid = Uid{i + 1};
    mails[i].arrived.mailbox = "support";
    mails[i].arrived.internal_date = tuesday_ten();
    mails[i].arrived.octets =
        fmt::format("From: c{0}@acme.example\r\nSubject: Case {0}\r\nMessage-ID: <{0}@acme>\r\n\r\nx\r\n", i);
  }
  const MailboxState mailbox = open({})->store().open_mailbox("support", UidValidity{7}, Uid{4}, tuesday_ten());
  // The second mail's acknowledgement kills; so does that of the ticket made of its header.
  const auto file_in_a_process = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      int calls = 0;
      const auto desk = open([&]() -> std::string {
        if (++calls == 2) ::_exit(9);
        return fmt::format("{:032x}", calls);
      });
      desk->file(mailbox, {}, mails, Uid{3});
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  for (int death = 1; death <= 6; ++death) CHECK(file_in_a_process() == 9);
  int calls = 0;
  const auto desk = open([&] { return fmt::format("{:032x}", ++calls); });
  const auto filed = desk->file(mailbox, {}, mails, Uid{3});
  REQUIRE(filed.size() == 3);
  CHECK(filed[0].outcome == Outcome::new_ticket);
  CHECK(filed[1].outcome == Outcome::quarantined);
  CHECK(filed[1].reason.find("ended 6 times") != std::string::npos);
  CHECK(filed[2].outcome == Outcome::new_ticket);
  REQUIRE(desk->store().quarantined().size() == 1);
  CHECK(desk->store().quarantined_mail(1)->octets == mails[1].arrived.octets);
}

TEST_CASE("a mail on which everything fails is quarantined, and the next one is taken") {
  TestDesk test;
  bool fails = true;
  test.desk = nullptr;
  test.desk = std::make_unique<Desk>(
      Store(test.folder.path()), test.rules, [&] { return test.now; },
      [&]() -> std::string {
        if (fails) throw std::runtime_error("no token");
        return std::string(32, 'd');
      });
  ArrivedMail arrived;
  arrived.mailbox = "pipe";
  arrived.internal_date = test.now;
  arrived.octets = kMail;
  CHECK(test.desk->ingest(arrived).outcome == Outcome::quarantined);
  REQUIRE(test.store().quarantined().size() == 1);
  fails = false;
  const auto retried = test.desk->retry_quarantined(test.store().quarantined()[0].id, test.ann);
  REQUIRE(retried);
  CHECK(retried->outcome == Outcome::new_ticket);
  CHECK(test.store().events(TicketId{1}).back().kind == "taken_out_of_quarantine");
}

TEST_CASE("a quarantined mail is dropped by hand only") {
  TestDesk test;
  const auto id = test.quarantine(std::string("\0\0\0", 3));
  CHECK_FALSE(test.desk->drop_quarantined(id + 1, test.ann));
  CHECK(test.desk->drop_quarantined(id, test.ann));
  CHECK(test.store().quarantined().empty());
  CHECK_FALSE(test.desk->drop_quarantined(id, test.ann));
}

TEST_CASE("of a mail from the pipe, which has no ledger row, an event tells who dropped it") {
  TestDesk test;
  const auto id = test.quarantine(std::string("\0\0\0", 3), "pipe");
  CHECK(test.loose_events() == "");
  REQUIRE(test.desk->drop_quarantined(id, test.ann));
  CHECK(test.loose_events() ==
        "ann dropped_from_quarantine: Mail 1 of pipe, 3 octets: It could not be read. Dropped by ann.\n");
}

TEST_CASE("a resolved ticket closes when its time has come, once") {
  TestDesk test;
  CHECK_FALSE(test.desk->run_timers().next);
  test.resolve_one();
  const Time due = test.now + 72h;  // Tuesday to Friday
  auto run = test.desk->run_timers();
  CHECK(run.closed.empty());
  CHECK(run.next == due);
  test.now = due - 1us;
  CHECK(test.desk->run_timers().closed.empty());
  test.now = due;
  run = test.desk->run_timers();
  CHECK(run.closed == std::vector{TicketId{1}});
  CHECK_FALSE(run.next);
  CHECK(test.status() == TicketStatus::closed);
  const auto events = test.store().events(TicketId{1}).size();
  CHECK(test.desk->run_timers().closed.empty());
  CHECK(test.store().events(TicketId{1}).size() == events);
}

TEST_CASE("whoever slept over it closes it on the next office day") {
  TestDesk test;
  test.resolve_one();
  SECTION("woken on a Saturday") {
    test.now = tuesday_ten() + 96h;
    const auto run = test.desk->run_timers();
    CHECK(run.closed.empty());
    CHECK(run.next == tuesday_ten() + 144h - 10h);
  }
  SECTION("a year later") {
    test.now = tuesday_ten() + 24h * 365;
    CHECK(test.desk->run_timers().closed.size() == 1);
  }
  SECTION("the clock goes back, and nothing closes too early") {
    test.now = tuesday_ten() - 24h * 365;
    CHECK(test.desk->run_timers().closed.empty());
  }
}

TEST_CASE("many at once close in several runs") {
  TestDesk test;
  test.resolve_many(150);
  test.now += 24h * 10;
  const auto first = test.desk->run_timers();
  CHECK(first.closed.size() == 100);
  CHECK(first.next.value() <= test.now);
  CHECK(test.desk->run_timers().closed.size() == 50);
}

TEST_CASE("tickets that can't be closed hold up no other, and are named with the reason") {
  TestDesk test;
  test.resolve_many(150);
  test.jam(120);
  test.now += 24h * 10;
  const auto run = test.desk->run_timers();
  CHECK(run.closed.size() == 30);
  CHECK(run.stuck.size() == 120);
  CHECK(run.next.value() > test.now);
  const auto stuck = test.store().counts(test.now).stuck;
  REQUIRE(stuck.size() == 120);
  CHECK(stuck.back().ticket == TicketId{120});
  CHECK(stuck.back().reason.find("it is jammed") != std::string::npos);
  CHECK(test.desk->run_timers().stuck.size() == 120);
  CHECK(test.store().counts(test.now).stuck.size() == 120);
}

TEST_CASE("more of them than one run tries are passed by in the next one") {
  TestDesk test;
  test.resolve_many(1050);
  test.jam(1040);
  test.now += 24h * 10;
  const auto first = test.desk->run_timers();
  CHECK(first.closed.empty());
  CHECK(first.next.value() <= test.now);
  CHECK(test.desk->run_timers().closed.size() == 10);
  CHECK(test.desk->run_timers().stuck.front() == TicketId{1});
}

TEST_CASE("alarms outlive the daemon") {
  TestDesk test;
  test.rules->ruleset.support.admins = {"ops@example.com"};
  const std::vector<Problem> problems{{"quarantine", "1 mail in quarantine", {}}};
  CHECK(test.desk->note_problems(problems).raised.size() == 1);
  CHECK(test.store().outbox().size() == 1);
  test.desk = nullptr;
  test.desk = std::make_unique<Desk>(
      Store(test.folder.path()), test.rules, [&] { return test.now; }, [] { return std::string(32, 'b'); });
  CHECK(test.desk->note_problems(problems).raised.empty());
  CHECK(test.desk->note_problems({}).over.size() == 1);
  CHECK(test.store().outbox().size() == 2);
}

}  // namespace ticketd
