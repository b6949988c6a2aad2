#include "daemon/smtp/smtp_servers.h"

#include <stdexcept>

#include "daemon/net/connect_error.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::minutes kAvoidFor{1};

}  // namespace

SmtpServers::SmtpServers(Network& network, std::vector<ServerSettings> servers, EndpointSource endpoints,
                         SmtpTimeouts timeouts)
    : network_(network), endpoints_(std::move(endpoints)), timeouts_(timeouts) {
  use(std::move(servers));
}

void SmtpServers::use(std::vector<ServerSettings> servers) {
  servers_.clear();
  for (auto& settings : servers) servers_.push_back({std::move(settings), {}});
}

std::string SmtpServers::name() const { return servers_.empty() ? "smtp" : public_url(servers_.front().settings.url); }

/// Those to be avoided come last: better one of them than none.
std::vector<ServerSettings> SmtpServers::in_order() const {
  std::vector<ServerSettings> first, last;
  const auto now = SteadyClock::now();
  for (const auto& server : servers_) (server.avoid_until > now ? last : first).push_back(server.settings);
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

void SmtpServers::avoid(const std::string& url) {
  for (auto& server : servers_)
    if (server.settings.url == url) server.avoid_until = SteadyClock::now() + kAvoidFor;
}

bool SmtpServers::pass_over(const std::string& server_name) {
  const auto now = SteadyClock::now();
  bool is_other_left = false;
  for (auto& server : servers_) {
    if (public_url(server.settings.url) == server_name) server.avoid_until = now + kAvoidFor;
    is_other_left = is_other_left || server.avoid_until <= now;
  }
  return is_other_left;
}

asio::awaitable<std::string> SmtpServers::try_open(const ServerSettings& settings,
                                                   std::unique_ptr<SmtpSession>& session) {
  std::string error;
  try {
    Endpoint endpoint = co_await endpoints_(settings);
    session = std::make_unique<SmtpSession>(network_, std::move(endpoint), timeouts_);
    co_await session->open();
  } catch (const std::runtime_error& failure) {
    error = failure.what();
  }
  if (!error.empty()) {
    session.reset();
    avoid(settings.url);
  }
  co_return error;
}

asio::awaitable<std::string> SmtpServers::open(std::unique_ptr<SmtpSession>& session, const bool& give_up) {
  const std::vector<ServerSettings> servers = in_order();
  std::string errors = servers.empty() ? "no mail server is configured" : "";
  for (const auto& settings : servers) {
    const std::string error = co_await try_open(settings, session);
    if (error.empty()) co_return error;
    errors += (errors.empty() ? "" : "; ") + error;
    if (give_up) break;
  }
  co_return errors;
}

}  // namespace ticketd
