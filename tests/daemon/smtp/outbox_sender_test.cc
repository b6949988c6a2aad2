#include "daemon/smtp/outbox_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <future>

#include "daemon/smtp/outbox_policy.h"
#include "store/sqlite.h"
#include "tests/daemon/smtp/outbox_samples.h"

namespace ticketd {

TEST_CASE("a fallback takes the mails when the main server can't be reached") {
  ScriptedSmtpServer server({taking(3)});
  OutboxRig rig(mails(3));
  rig.sender_to({kDead, server.url()}, one_connection());
  CHECK(rig.pass());
  CHECK(server.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 3);
}

TEST_CASE("pages leave first, and the mails behind them stay whole while they wait") {
  auto waiting = mails(6);
  for (std::size_t i = 1; i < 5; ++i) {
    waiting[i].kind = OutboxKind::page;
    waiting[i].recipients = {fmt::format("pager{}@x.example", i)};
  }
  SmtpScript script{"HELLO PIPELINING"};
  for (const char* to : {"pager1", "pager2", "pager3", "pager4", "a", "a"})
    for (const auto& step : {std::string("C: MAIL FROM:<desk@x.example>"), fmt::format("C: RCPT TO:<{}@x.example>", to),
                             std::string("C: DATA"), std::string("S: 250 ok"), std::string("S: 250 ok"),
                             std::string("S: 354 go"), std::string("BODY"), std::string("S: 250 ok")})
      script.push_back(step);
  ScriptedSmtpServer server({script});
  OutboxRig rig(waiting);
  rig.sender_to({server.url()}, one_connection());
  CHECK(rig.pass());
  CHECK(server.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 6);
}

TEST_CASE("a refusal by the main server is not taken to the fallback") {
  SmtpScript refusing{"HELLO PIPELINING", "C: MAIL*", "C: RCPT*", "C: DATA", "S: 550 no", "S: 503 no", "S: 503 no"};
  ScriptedSmtpServer main_server({refusing}), fallback({});
  OutboxRig rig(mails(1));
  rig.sender_to({main_server.url(), fallback.url()}, one_connection());
  rig.pass();
  CHECK(main_server.join() == "");
  CHECK(count(rig.rows(), OutboxState::failed) == 1);
}

TEST_CASE("a greeting that refuses counts as a server that can't be reached") {
  const SmtpScript refusing{"S: 421 4.3.2 too busy", "CLOSE"};
  ScriptedSmtpServer busy({refusing}), fallback({taking(1)});
  OutboxRig rig(mails(1));
  rig.sender_to({busy.url(), fallback.url()}, one_connection());
  rig.pass();
  CHECK(busy.join() == "");
  CHECK(fallback.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 1);
}

TEST_CASE("a server that says 421 to the first mail is left: to the fallback, or for better times") {
  const SmtpScript closing{"HELLO PIPELINING", "C: MAIL*", "C: RCPT*", "C: DATA", "S: 421 4.7.0 slow down", "CLOSE"};
  OutboxRig rig(mails(5));
  SECTION("there is a fallback") {
    ScriptedSmtpServer main_server({closing}), fallback({taking(5)});
    rig.sender_to({main_server.url(), fallback.url()}, one_connection());
    CHECK(rig.pass());
    CHECK(main_server.join() == "");
    CHECK(fallback.join() == "");
    CHECK(count(rig.rows(), OutboxState::sent) == 5);
  }
  SECTION("there is none: one connection tells of all mails") {
    ScriptedSmtpServer server({closing});
    rig.sender_to({server.url()}, one_connection());
    CHECK_FALSE(rig.pass());
    CHECK(server.join() == "");
    CHECK(count(rig.rows(), OutboxState::deferred) == 5);
    CHECK(rig.rows()[0].last_error.ends_with("421 4.7.0 slow down"));
  }
}

TEST_CASE("without any server everything leased is deferred with the error, and tried again later") {
  OutboxRig rig(mails(5));
  rig.sender_to({kDead}, {});
  CHECK_FALSE(rig.pass());
  const auto rows = rig.rows();
  CHECK(count(rows, OutboxState::deferred) == 5);
  for (const auto& row : rows) {
    CHECK(row.attempts == 1);
    CHECK(row.last_error.find(kDead) != std::string::npos);
    CHECK(row.next_attempt_at == at(2));
  }
}

TEST_CASE("STARTTLS that is required but not offered: nothing is sent") {
  const SmtpScript without_starttls{"S: 220 localhost", "C: EHLO *", "S: 250 localhost", "HANG"};
  ScriptedSmtpServer server({without_starttls});
  OutboxRig rig(mails(1));
  const auto name = server.url();
  rig.sender_to({"smtp://localhost" + name.substr(name.rfind(':'))}, {});  // the rig demands TLS of names
  rig.pass();
  CHECK(server.join() == "");
  const auto rows = rig.rows();
  CHECK(rows[0].state == OutboxState::deferred);
  CHECK(rows[0].last_error.find("does not offer STARTTLS") != std::string::npos);
}

TEST_CASE("a backlog goes over several connections, each mail once") {
  const SmtpScript serving{"HELLO PIPELINING", "SERVE"};
  ScriptedSmtpServer server({serving, serving});
  OutboxRig rig(mails(500));
  OutboxSender::Options options = patient();  // none is closed in between on a busy machine
  options.max_connections = 2;
  rig.sender_to({server.url()}, options);
  rig.pass();
  CHECK(server.join() == "");
  const auto ids = server.message_ids();
  CHECK(ids.size() == 500);
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  const auto rows = rig.rows();
  CHECK(count(rows, OutboxState::sent) == 500);
  for (const auto& row : rows) CHECK(row.attempts == 1);
}

TEST_CASE("of one ticket nobody gets a mail before an earlier one, which is deferred") {
  auto three = mails(3);
  for (auto& mail : three) mail.ticket = TicketId{1};
  three[2].recipients = {"b@x.example"};
  SmtpScript script{"HELLO PIPELINING",        "C: MAIL*", "C: RCPT TO:<a@x.example>", "C: DATA", "S: 250 ok",
                    "S: 451 4.7.1 greylisted", "S: 503 no"};
  const SmtpScript other{
      "C: RSET", "C: MAIL*", "C: RCPT TO:<b@x.example>", "C: DATA", "S: 250 ok", "S: 250 ok", "S: 250 ok", "S: 354 go",
      "BODY",    "S: 250 ok"};
  script.insert(script.end(), other.begin(), other.end());
  ScriptedSmtpServer server({script, taking(2)});
  OutboxRig rig(three);
  rig.sender_to({server.url()}, one_connection());
  rig.pass();
  const auto rows = rig.rows();
  CHECK(rows[0].state == OutboxState::deferred);
  CHECK(rows[1].state == OutboxState::queued);
  CHECK(rows[2].state == OutboxState::sent);
  rig.pass();
  CHECK(server.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 3);
  CHECK(server.message_ids().size() == 3);
}

TEST_CASE("run sends at once, sleeps, is nudged, and stops") {
  ScriptedSmtpServer server({taking(2)});
  OutboxRig rig(mails(1));
  OutboxSender& sender = rig.sender_to({server.url()}, patient());
  send_two(rig, sender, [] {});
  CHECK(server.join() == "");
  CHECK(count(rig.rows(), OutboxState::sent) == 2);
}

TEST_CASE("other settings hold for the next mail, whatever connection is open") {
  ScriptedSmtpServer before({taking(1)}), after({taking(1)});
  OutboxRig rig(mails(1));
  OutboxSender& sender = rig.sender_to({before.url()}, patient());
  send_two(rig, sender, [&] {
    SmtpSettings settings;
    settings.servers.emplace_back().url = after.url();
    sender.use(std::move(settings));
  });
  CHECK(before.join() == "");
  CHECK(after.join() == "");
}

TEST_CASE("stop lets the mail on its way get its answer and hands the others back") {
  SmtpScript slow{"HELLO",   "C: MAIL*",  "S: 250 ok", "C: RCPT*", "S: 250 ok",
                  "C: DATA", "S: 354 go", "BODY",      "NOTE",     "S: 250 ok"};
  OutboxRig rig(mails(3));
  OutboxSender* sender = nullptr;
  std::promise<void> stopped;
  ScriptedSmtpServer server({slow}, [&] {
    boost::asio::post(rig.io(), [&] {
      sender->stop();
      stopped.set_value();
    });
    stopped.get_future().wait();  // the answer leaves only then
  });
  sender = &rig.sender_to({server.url()}, one_connection());
  rig.run(sender->run());
  const auto rows = rig.rows();
  CHECK(server.join() == "");
  CHECK(rows[0].state == OutboxState::sent);
  for (std::size_t i = 1; i < 3; ++i) {
    CHECK(rows[i].state == OutboxState::queued);
    CHECK(rows[i].next_attempt_at == rig.now());
  }
}

TEST_CASE("a server that never answers can't keep the sender from stopping") {
  OutboxSender::Options options = one_connection();
  options.stop_grace = 1ms;
  OutboxRig rig(mails(2));
  OutboxSender* sender = nullptr;
  SmtpScript mute{"HELLO",   "C: MAIL*",  "S: 250 ok", "C: RCPT*", "S: 250 ok",
                  "C: DATA", "S: 354 go", "BODY",      "NOTE",     "HANG"};
  ScriptedSmtpServer server({mute}, [&] { boost::asio::post(rig.io(), [&] { sender->stop(); }); });
  sender = &rig.sender_to({server.url()}, options);
  rig.run(sender->run());
  const auto rows = rig.rows();
  CHECK(server.join() == "");
  CHECK(rows[0].state == OutboxState::uncertain);
  CHECK(rows[1].state == OutboxState::queued);
}

TEST_CASE("nor can one that stops reading in the middle of a mail") {
  OutboxSender::Options options = one_connection();
  options.stop_grace = 1ms;
  auto large = mails(2);
  for (int line = 0; line < 300'000; ++line) large[0].octets += std::string(76, 'x') + "\r\n";
  OutboxRig rig(large);
  OutboxSender* sender = nullptr;
  std::promise<void> ended;
  SmtpScript deaf{"HELLO", "C: MAIL*", "S: 250 ok", "C: RCPT*", "S: 250 ok", "C: DATA", "S: 354 go", "NOTE", "CLOSE"};
  ScriptedSmtpServer server({deaf}, [&] {
    boost::asio::post(rig.io(), [&] { sender->stop(); });
    ended.get_future().wait();
  });
  sender = &rig.sender_to({server.url()}, options);
  rig.run(sender->run());
  ended.set_value();
  CHECK(server.join() == "");
  const auto rows = rig.rows();
  CHECK(rows[0].state == OutboxState::deferred);  // not a word of it counts before the final dot
  CHECK(rows[1].state == OutboxState::queued);
}

TEST_CASE("answers that the store can't take are known afterwards, and no mail is uncertain") {
  const SmtpScript serving{"HELLO", "SERVE"};
  ScriptedSmtpServer server({serving});
  OutboxRig rig(mails(40));
  const std::string is_jammed =
      "CREATE TRIGGER jam BEFORE UPDATE ON outbox WHEN NEW.state = 'sent' "
      "BEGIN SELECT RAISE(ABORT, 'it is jammed'); END";
  Database(rig.path().string(), {}).execute(is_jammed);
  OutboxSender& sender = rig.sender_to({server.url()}, patient());
  CHECK_THROWS(rig.run(sender.run()));
  CHECK(server.join() == "");
  std::size_t sent = 0, untried = 0;
  for (const auto& row : Store(rig.path()).sending()) {
    const auto result = recover(row, rig.mark().find(row), SmtpSettings(), rig.now(), 0.0);
    sent += result.state == OutboxState::sent ? 1 : 0;
    untried += result.state == OutboxState::queued ? 1 : 0;
  }
  CHECK(sent == server.message_ids().size());
  CHECK(sent > 0);
  CHECK(sent + untried == 40);
}

}  // namespace ticketd
