#include "tests/daemon/test_desk.h"

namespace ticketd {

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

TEST_CASE("a target is warned of and missed once, over restarts and a change of the rules") {
  TestDesk test;
  const NewCommand report{{"Jane", "jane@acme.example"}, "Fax", "It prints blank pages.", Channel::phone};
  test.desk->command(std::nullopt, report, test.ann);
  const auto due = test.store().ticket(TicketId{1}).value().ticket.response_due_at.value();
  const auto count = [&](OutboxKind kind) {
    return std::ranges::count(test.store().outbox(), kind, [](const OutboxRow& row) { return row.mail.kind; });
  };
  CHECK(test.desk->run_timers().next == due - 1h);
  test.now = due - 1h;
  test.desk->run_timers();
  CHECK(count(OutboxKind::warning) == 1);
  test.desk->use(test.rules);
  test.desk->run_timers();
  CHECK(count(OutboxKind::warning) == 1);
  test.now = due;
  CHECK(test.desk->run_timers().writes_mail);
  CHECK(count(OutboxKind::breach) == 1);
  test.now = due + 24h * 30;
  test.desk->run_timers();
  CHECK(count(OutboxKind::breach) == 1);
}

TEST_CASE("a downgrade ends when its time has come, once, and what was claimed before goes on counting") {
  TestDesk test;
  const auto log = [&] {
    std::string kinds;
    for (const auto& event : test.store().organization_events("acme.example"))
      kinds += fmt::format("{} {};", event.actor, event.kind);
    return kinds;
  };
  test.desk->change_standing("acme.example", OrganizationCommand::downgrade, test.ann);
  Decision strike;
  strike.strike = Strike{"acme.example", test.now, {}, "Lowered.", false};
  file(test.store(), strike);
  const Time end = test.now + test.rules->ruleset.abuse_duration;
  auto run = test.desk->run_timers();
  CHECK(run.next == end);
  CHECK_FALSE(run.writes_mail);
  CHECK(log() == "ann organization_downgraded;");
  const auto mails = test.store().outbox().size();
  test.now = end;
  run = test.desk->run_timers();
  CHECK(run.writes_mail);
  CHECK_FALSE(run.next);
  CHECK(log() == "ann organization_downgraded;ticketd downgrade_over;");
  CHECK(test.store().outbox().size() == mails + 1);
  CHECK(test.store().organization_record("acme.example", Time::min(), test.now).strikes == 1);
  CHECK_FALSE(test.desk->run_timers().writes_mail);
  CHECK(log() == "ann organization_downgraded;ticketd downgrade_over;");
}

TEST_CASE("a digest written while the clock was ahead goes out at the next opening after it was set back") {
  TestDesk test;
  const auto night = tuesday_ten() + 12h;  // closed since 17:00
  test.now = night + 24h * 30;
  const NewCommand report{{"Jane", "jane@acme.example"}, "Fax", "It prints blank pages.", Channel::phone};
  test.desk->command(std::nullopt, report, test.ann);
  const auto digests = [&] {
    return std::ranges::count(test.store().outbox(), OutboxKind::digest,
                              [](const OutboxRow& row) { return row.mail.kind; });
  };
  test.now = night;
  test.desk->bring_forward(30min);
  CHECK(test.desk->run_timers().next <= night + 12h);
  CHECK(digests() == 0);
  test.now = night + 12h;
  test.desk->run_timers();
  CHECK(digests() == 1);
}

TEST_CASE("a page sent while the clock was ahead is repeated in time after it was set back") {
  TestDesk test;
  auto decision = make_decision(1, "1@customer");
  decision.ticket->priority = Priority::urgent;
  decision.ticket->response_due_at.reset();
  decision.ticket->notices.paged_at = test.now + 1h;
  schedule_checks(decision, test.rules->ruleset);
  REQUIRE(decision.ticket->check_at == test.now + 1h + 10min);
  file(test.store(), decision);
  test.desk->bring_forward(30min);
  CHECK(test.store().next_check(test.now) == test.now + 10min);
  test.now += 10min;
  CHECK(test.desk->run_timers().writes_mail);
}

TEST_CASE("other office hours move what the clock has to do") {
  TestDesk test;
  test.resolve_one();
  const auto before = test.desk->run_timers().next;
  test.rules->ruleset.close_after = 24h;
  test.desk->use(test.rules);
  CHECK(test.desk->run_timers().next < before);
}

}  // namespace ticketd
