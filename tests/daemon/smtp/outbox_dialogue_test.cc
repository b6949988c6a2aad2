#include <fmt/format.h>
#include <fmt/ranges.h>
#include <catch2/catch.hpp>

#include "tests/daemon/smtp/outbox_rig.h"
#include "tests/daemon/smtp/smtp_dialogue.h"

namespace ticketd {

namespace {

/// "1 deferred after 1, refused [a@x]: error"
std::string words_for(std::size_t number, const OutboxRow& row, const std::string& url) {
  std::string words = fmt::format("{} {} after {}", number, name_of(row.state), row.attempts);
  if (!row.refused.empty()) words += fmt::format(", refused [{}]", fmt::join(row.refused, ", "));
  if (row.state != OutboxState::sent) words += ": " + row.last_error;
  for (auto at = words.find(url); at != std::string::npos; at = words.find(url))
    words.replace(at, url.size(), "SERVER");
  return words;
}

OutboxSender::Options options_for(const SmtpDialogue& dialogue) {
  OutboxSender::Options options;
  options.timeouts.command = options.timeouts.data = options.timeouts.block = options.timeouts.final_reply =
      dialogue.timeout;
  return options;
}

}  // namespace

TEST_CASE("the outbox: every dialogue ends as its file says") {
  const auto files = dialogue_files("smtp_outbox_");
  REQUIRE(files.size() >= 12);
  for (const auto& path : files) {
    INFO(path.filename().string());
    const SmtpDialogue dialogue = read_dialogue(path);
    ScriptedSmtpServer server(dialogue.scripts);
    OutboxRig rig(dialogue.mails);
    rig.sender_to({server.url()}, options_for(dialogue));
    for (int i = 0; i < dialogue.passes; ++i) rig.pass();
    CHECK(server.join() == "");
    const auto rows = rig.rows();
    REQUIRE(rows.size() == dialogue.results.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto words = words_for(i + 1, rows[i], server.url());
      INFO(words << "\nwanted: " << dialogue.results[i]);
      CHECK(fits(words, dialogue.results[i]));
    }
  }
}

namespace {

OutgoingMail mail_to(std::vector<std::string> recipients) {
  OutgoingMail mail;
  mail.reverse_path = "desk@x.example";
  mail.recipients = std::move(recipients);
  mail.message_id = "m@x.example";
  mail.octets = "Subject: x\r\n\r\nx\r\n";
  return mail;
}

/// What the list of addresses that get no mail holds after one connection.
std::vector<std::string> barred_after(const SmtpScript& script, OutboxRig& rig) {
  ScriptedSmtpServer server({script});
  rig.sender_to({server.url()}, {});
  rig.pass();
  CHECK(server.join() == "");
  std::vector<std::string> addresses;
  for (const auto& each : Store(rig.path()).undeliverable()) addresses.push_back(each.address);
  return addresses;
}

}  // namespace

TEST_CASE("of several recipients the one whom the server does not know is barred, and the other has the mail") {
  OutboxRig rig({mail_to({"Gone@x.example", "b@x.example"})});
  const SmtpScript script{"HELLO PIPELINING",
                          "C: MAIL FROM:<desk@x.example>",
                          "C: RCPT TO:<Gone@x.example>",
                          "C: RCPT TO:<b@x.example>",
                          "C: DATA",
                          "S: 250 ok",
                          "S: 550 5.1.1 no such user",
                          "S: 250 ok",
                          "S: 354 go",
                          "BODY",
                          "S: 250 queued"};
  CHECK(barred_after(script, rig) == std::vector<std::string>{"gone@x.example"});
  const auto row = rig.rows().at(0);
  CHECK(row.state == OutboxState::failed);
  CHECK(row.last_error == "Gone@x.example: 550 5.1.1 no such user");
  Store store(rig.path());
  CHECK(store.lease_outbox(rig.now() + std::chrono::hours{1000}, 10).empty());
  const auto events = store.events(TicketId{1});
  REQUIRE(events.size() >= 2);
  CHECK(events[events.size() - 2].kind == "mail_refused");
  CHECK(events.back().kind == "address_undeliverable");
  REQUIRE(store.retry_outbox(row.mail.id, rig.now()));
  CHECK(store.lease_outbox(rig.now(), 10).at(0).mail.recipients == std::vector<std::string>{"Gone@x.example"});
}

TEST_CASE("an answer that is not to a recipient's own RCPT bars nobody") {
  OutboxRig rig({mail_to({"a@x.example"})});
  SmtpScript script{"HELLO PIPELINING", "C: MAIL FROM:<desk@x.example>", "C: RCPT TO:<a@x.example>", "C: DATA"};
  SECTION("to MAIL") {
    for (const auto* step : {"S: 550 5.1.1 no such user", "S: 503 5.5.1 no", "S: 503 5.5.1 no"})
      script.emplace_back(step);
  }
  SECTION("to DATA") {
    for (const auto* step : {"S: 250 ok", "S: 250 ok", "S: 550 5.1.1 no such user"}) script.emplace_back(step);
  }
  SECTION("to the content") {
    for (const auto* step : {"S: 250 ok", "S: 250 ok", "S: 354 go", "BODY", "S: 550 5.1.1 no such user"})
      script.emplace_back(step);
  }
  CHECK(barred_after(script, rig).empty());
  CHECK(rig.rows().at(0).state == OutboxState::failed);
}

}  // namespace ticketd
