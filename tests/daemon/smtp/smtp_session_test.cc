#include "daemon/smtp/smtp_session.h"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "tests/daemon/smtp/smtp_dialogue.h"

namespace ticketd {

namespace {

std::string_view word_for(DeliveryState state) {
  switch (state) {
    case DeliveryState::sent:
      return "sent";
    case DeliveryState::transient:
      return "transient";
    case DeliveryState::permanent:
      return "permanent";
    case DeliveryState::uncertain:
      return "uncertain";
  }
  return {};
}

Endpoint endpoint_at(const std::string& url) {
  Endpoint endpoint;
  endpoint.url = url;
  endpoint.tls_required = false;
  return endpoint;
}

SmtpTimeouts timeouts_of(std::chrono::milliseconds timeout) {
  SmtpTimeouts timeouts;
  timeouts.command = timeouts.data = timeouts.block = timeouts.final_reply = timeout;
  return timeouts;
}

/// Sends all mails of a dialogue, over a new connection whenever one is used up. "1 to@x sent 250 OK", "2 stale".
boost::asio::awaitable<void> send_all(Network& network, const SmtpDialogue& dialogue, std::string url,
                                      std::vector<std::string>& outcomes) {
  std::unique_ptr<SmtpSession> session;
  for (std::size_t i = 0; i < dialogue.mails.size(); ++i) {
    if (!session || !session->usable()) {
      session = std::make_unique<SmtpSession>(network, endpoint_at(url), timeouts_of(dialogue.timeout));
      co_await session->open();
    }
    const SmtpSession::NextMail next = [&dialogue, i] {
      return i + 1 < dialogue.mails.size() ? &dialogue.mails[i + 1] : nullptr;
    };
    const Delivery delivery = co_await session->send(dialogue.mails[i], next);
    if (delivery.stale_connection) {
      outcomes.push_back(fmt::format("{} stale", i + 1));
      continue;
    }
    for (const auto& recipient : delivery.recipients)
      outcomes.push_back(
          fmt::format("{} {} {} {}", i + 1, recipient.recipient, word_for(recipient.state), recipient.text));
  }
  co_await session->quit();
}

}  // namespace

TEST_CASE("SMTP sessions: every dialogue ends as its file says") {
  const auto files = dialogue_files("smtp_session_");
  REQUIRE(files.size() >= 25);
  for (const auto& file : files) {
    INFO(file.filename().string());
    const SmtpDialogue dialogue = read_dialogue(file);
    ScriptedSmtpServer server(dialogue.scripts);
    boost::asio::io_context io;
    Network network(io);
    std::vector<std::string> outcomes;
    std::string failure;
    const std::string url = server.url();
    boost::asio::co_spawn(io, send_all(network, dialogue, url, outcomes), [&](std::exception_ptr error) {
      try {
        if (error) std::rethrow_exception(error);
      } catch (const NetError& net_error) {
        failure = net_error.what();
      }
    });
    io.run();
    CHECK(failure == "");
    CHECK(server.join() == "");
    CAPTURE(outcomes);
    REQUIRE(outcomes.size() == dialogue.results.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto at = outcomes[i].find(url);
      if (at != std::string::npos) outcomes[i].replace(at, url.size(), "SERVER");
      INFO(outcomes[i]);
      CHECK(fits(outcomes[i], dialogue.results[i]));
    }
  }
}

}  // namespace ticketd
