// Mail servers that take a mail and say nothing.
#include <catch2/catch.hpp>
#include <utility>

#include "tests/daemon/smtp/outbox_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

/// As many as wait for a server at the most, and the one more that is for pages.
std::vector<SmtpScript> one_behind_four_that_hang() {
  std::vector<SmtpScript> scripts(4, hanging_after(0));
  scripts.push_back(taking_one_and_waiting());
  return scripts;
}

}  // namespace

TEST_CASE("a mail for which the server gives no answer holds up no other") {
  ScriptedSmtpServer server({hanging_after(0), taking(2)});
  OutboxRig rig(mails(3));
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(500ms, 200));
  run_until(rig, sender, [&] { return count(rig.rows(), OutboxState::sent) == 2; });
  CHECK(server.join() == "");
  const auto rows = rig.rows();
  CHECK(rows[0].state == OutboxState::uncertain);
  for (const auto& row : rows) CHECK(row.attempts == 1);
}

TEST_CASE("a mail that an idle connection takes holds up no other either") {
  ScriptedSmtpServer server({hanging_after(1), taking(1)});
  OutboxRig rig(mails(1));
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(300ms, 200));
  bool filed = false;
  run_until(rig, sender, [&] {
    const auto sent = count(rig.rows(), OutboxState::sent);
    if (sent == 1 && !std::exchange(filed, true)) {
      file_two_mails(rig.path());
      sender.nudge();
    }
    return sent == 2;
  });
  CHECK(server.join() == "");
}

TEST_CASE("mails that wait for an earlier one of their ticket keep no others away") {
  ScriptedSmtpServer server({hanging_after(0), taking(1)});
  auto waiting = mails(40);
  for (auto& mail : waiting) mail.ticket = TicketId{1};
  OutboxRig rig(waiting);
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(200ms, 10));
  bool filed = false;
  run_until(rig, sender, [&] {
    if (sender.connections() == 1 && !std::exchange(filed, true)) {
      file_second_mail(rig.path());
      sender.nudge();
    }
    return count(rig.rows(), OutboxState::sent) == 1;
  });
  CHECK(server.join() == "");
  CHECK(rig.rows().back().state == OutboxState::sent);
}

TEST_CASE("a page leaves while other mails wait in memory, and all connections for the server") {
  ScriptedSmtpServer server(one_behind_four_that_hang());
  OutboxRig rig(mails(9));
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(200ms, 4));
  bool filed = false;
  run_until(rig, sender, [&] {
    if (sender.connections() == 4 && !std::exchange(filed, true)) {
      file_second_mail(rig.path(), OutboxKind::page);
      sender.nudge();
    }
    return rig.rows().back().state == OutboxState::sent;
  });
  CHECK(server.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 1);
}

TEST_CASE("what a customer gets goes ahead of news for staff that wait in memory") {
  const SmtpScript hanging = hanging_after(0);
  ScriptedSmtpServer server({hanging, taking_one_and_waiting()});
  auto news = mails(9);
  for (auto& mail : news) mail.kind = OutboxKind::notification;
  OutboxRig rig(news);
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(200ms, 4));
  bool filed = false;
  run_until(rig, sender, [&] {
    if (sender.connections() == 1 && !std::exchange(filed, true)) {
      file_second_mail(rig.path());
      sender.nudge();
    }
    return count(rig.rows(), OutboxState::sent) == 1;
  });
  CHECK(server.join() == "");
  CHECK(rig.rows().back().state == OutboxState::sent);
}

TEST_CASE("a page leaves although what customers get has filled the queue, and all connections wait") {
  ScriptedSmtpServer server(one_behind_four_that_hang());
  auto news = mails(9);
  for (auto& mail : news) mail.kind = OutboxKind::notification;
  OutboxRig rig(news);
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(200ms, 4));
  bool filed = false, paged = false;
  const auto give_up = std::chrono::steady_clock::now() + 8s;
  run_until(rig, sender, [&] {
    if (sender.connections() == 1 && !std::exchange(filed, true)) {
      Store store(rig.path());
      Decision decision = make_decision(2, "third@customer");
      decision.outgoing = mails(12);
      for (auto& mail : decision.outgoing) {
        mail.ticket.reset();
        mail.kind = OutboxKind::acknowledgement;
        mail.message_id = "ack-" + mail.message_id;
      }
      file(store, decision);
      sender.nudge();
    }
    if (sender.connections() == 4 && !std::exchange(paged, true)) {
      Store store(rig.path());
      Decision decision = make_decision(3, "fourth@customer");
      decision.outgoing = mails(1);
      decision.outgoing[0].kind = OutboxKind::page;
      decision.outgoing[0].message_id = "the-page@desk.example";
      file(store, decision);
      sender.nudge();
    }
    return rig.rows().back().state == OutboxState::sent || std::chrono::steady_clock::now() > give_up;
  });
  CHECK(paged);
  CHECK(rig.rows().back().mail.message_id == "the-page@desk.example");
  CHECK(rig.rows().back().attempts == 1);
  CHECK(rig.rows().back().state == OutboxState::sent);
}

TEST_CASE("a page that nobody tells of is found behind a full queue") {
  ScriptedSmtpServer server(one_behind_four_that_hang());
  OutboxRig rig(mails(9));
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(200ms, 4));
  bool filed = false;
  run_until(rig, sender, [&] {
    if (sender.connections() == 4 && !std::exchange(filed, true)) file_second_mail(rig.path(), OutboxKind::page);
    return rig.rows().back().state == OutboxState::sent;
  });
  CHECK(server.join() == "");
  CHECK(rig.rows().back().mail.kind == OutboxKind::page);
}

TEST_CASE("a full queue lets the store rest") {
  ScriptedSmtpServer server({hanging_after(0)});
  OutboxRig rig(mails(9));
  OutboxSender& sender = rig.sender_to({server.url()}, hurried(1min, 4));
  std::optional<std::uint64_t> before;
  const auto began = std::chrono::steady_clock::now();
  run_until(rig, sender, [&] {
    if (sender.connections() == 1 && !before) before = rig.worker_jobs();
    return before && std::chrono::steady_clock::now() > began + 1s;
  });
  CHECK(server.join() == "");
  REQUIRE(before);
  CHECK(rig.worker_jobs() - *before <= 10);  // hundreds, where it asks again and again
}

}  // namespace ticketd
