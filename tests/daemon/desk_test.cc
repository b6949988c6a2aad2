#include <sys/wait.h>

#include "rules/mail_rules.h"
#include "tests/daemon/test_desk.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

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
  CHECK(std::ranges::count(test.store().outbox(), OutboxKind::acknowledgement,
                           [](const OutboxRow& row) { return row.mail.kind; }) == 1);
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
  rules->ruleset.staff.clear();
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

TEST_CASE("two mails over which the program ends don't reset each other's count") {
  StoreFolder folder;
  const auto file = folder.path().string() + ".reading";
  /// A process works on both, and ends over the first that has ended fewer than six.
  const auto die_once = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      DeathMark mark(file);
      for (const auto* mail : {"support/7/1", "sales/9/4"}) {
        const DeathMark::Work work(&mark, mail);
        if (mark.deaths(mail) < 6) ::_exit(9);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  for (int death = 1; death <= 12; ++death) CHECK(die_once() == 9);
  CHECK(die_once() == 0);
  const DeathMark mark(file);
  CHECK(mark.deaths("support/7/1") == 6);
  CHECK(mark.deaths("sales/9/4") == 6);
  CHECK(mark.deaths("support/7/2") == 0);
}

TEST_CASE("in idle moments what no limit counts any more is forgotten, and nothing else") {
  TestDesk test;
  const Time opened = test.now;
  auto query = make_query("next@customer");
  query.tickets_since = opened;
  {
    Store::Transaction transaction(test.store());
    test.store().apply(make_decision(1, "a@customer"), {}, nullptr, opened);
    transaction.commit();
  }
  test.now = query.now = opened + 24h;
  test.desk->tidy();
  CHECK(test.store().load_context(query).tickets_of_sender == 1);
  test.now = query.now = opened + 24h + 1s;
  test.desk->tidy();
  CHECK(test.store().load_context(query).tickets_of_sender == 0);
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
