// A connection that breaks while the end of a mail's content leaves, with what announces the next mail behind it.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/smtp/smtp_session.h"
#include "tests/daemon/smtp/outbox_samples.h"

namespace {

constexpr int kWhole = 1000;
/// So much of such a piece leaves, counted from the end of the lone dot, and nothing after it.
std::atomic<int> leaves = kWhole;
std::atomic<int> broken = -1;

}  // namespace

/// In front of the C library's, for libcurl.
extern "C" ssize_t send(int socket, const void* octets, size_t count, int flags) {
  constexpr std::string_view kEnd = "\r\n.\r\n";
  const std::string_view text(static_cast<const char*>(octets), count);
  if (socket == broken) {
    errno = EPIPE;
    return -1;
  }
  const auto end = text.find("\r\n.\r\nMAIL FROM:");
  if (leaves != kWhole && end != text.npos) {
    broken = socket;
    count = end + kEnd.size() + static_cast<std::size_t>(leaves);
  }
  return ::syscall(SYS_sendto, socket, octets, count, flags, nullptr, 0);
}

namespace ticketd {
namespace {

/// What becomes of the first of two mails.
boost::asio::awaitable<void> send_first(Network& network, std::string url, Delivery& delivery) {
  Endpoint endpoint;
  endpoint.url = std::move(url);
  endpoint.tls_required = false;
  SmtpSession session(network, std::move(endpoint), SmtpTimeouts{});
  co_await session.open();
  const auto both = mails(2);
  delivery = co_await session.send(both[0], [&both] { return &both[1]; });
  CHECK_FALSE(session.usable());
}

SmtpScript until_content(std::vector<std::string> then) {
  SmtpScript script = taking(1);
  script.resize(script.size() - 2);
  script.insert(script.end(), then.begin(), then.end());
  return script;
}

TEST_CASE("SMTP sessions: a write that fails behind the lone dot leaves a mail uncertain, unless it is answered") {
  struct Case {
    const char* what;
    int leaves;
    SmtpScript script;
    DeliveryState state;
  };
  const Case cases[] = {
      {"one octet before its end", -1, until_content({"HANG"}), DeliveryState::transient},
      {"at its end, and no answer", 0, until_content({"BODY", "CLOSE"}), DeliveryState::uncertain},
      {"behind it, and no answer", 4, until_content({"BODY", "CLOSE"}), DeliveryState::uncertain},
      {"at its end, but answered", 0, until_content({"BODY", "S: 250 taken", "HANG"}), DeliveryState::sent},
      {"behind it, but refused", 4, until_content({"BODY", "S: 554 no", "HANG"}), DeliveryState::permanent},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    ScriptedSmtpServer server({c.script});
    boost::asio::io_context io;
    Network network(io);
    Delivery delivery;
    std::exception_ptr error;
    leaves = c.leaves;
    boost::asio::co_spawn(io, send_first(network, server.url(), delivery), [&](std::exception_ptr e) { error = e; });
    io.run();
    leaves = kWhole;
    CHECK(broken.exchange(-1) >= 0);
    CHECK(error == nullptr);
    CHECK(server.join() == "");
    REQUIRE(delivery.recipients.size() == 1);
    CHECK(delivery.recipients[0].state == c.state);
    CHECK_FALSE(delivery.stale_connection);
  }
}

}  // namespace
}  // namespace ticketd
