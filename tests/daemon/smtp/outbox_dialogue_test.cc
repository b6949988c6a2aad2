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

}  // namespace ticketd
