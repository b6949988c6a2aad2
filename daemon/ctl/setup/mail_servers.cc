#include "daemon/ctl/setup/mail_servers.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>

#include "daemon/net/http_call.h"
#include "daemon/smtp/smtp_session.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// A person waits.
constexpr std::chrono::seconds kPatience{20};

ImapTimeouts imap_timeouts() {
  ImapTimeouts timeouts;
  timeouts.connect = kPatience;
  timeouts.response = kPatience;
  return timeouts;
}

SmtpTimeouts smtp_timeouts() {
  SmtpTimeouts timeouts;
  timeouts.open = kPatience;
  timeouts.command = kPatience;
  return timeouts;
}

/// Runs a conversation to its end. Throws what it throws.
void converse(asio::io_context& io, asio::awaitable<void> conversation) {
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(conversation), [&failure](std::exception_ptr error) { failure = error; });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> ask_for_token(HttpCall& call, const OAuth2Secrets& secrets, TokenGrant& grant) {
  const HttpAnswer answer = co_await call.run();
  grant = read_token_answer(answer, secrets);
}

asio::awaitable<void> look_inside(ImapSession& session, const std::string& folder, MailboxLook& look) {
  co_await session.open();
  look.folders = co_await session.list_folders();
  const SelectedMailbox selected = co_await session.examine(folder);
  look.messages = selected.exists;
  co_await session.logout();
}

asio::awaitable<void> log_in(SmtpSession& session) {
  co_await session.open();
  co_await session.quit();
}

constexpr Uid kFirst{1};

struct Newest {
  const std::string& folder;
  std::size_t count;
  const std::function<void(ImapMail)>& take;
  std::size_t all = 0;
};

asio::awaitable<void> read_newest(ImapSession& session, Newest& newest) {
  co_await session.open();
  co_await session.examine(newest.folder);
  std::vector<Uid> uids = co_await session.list_uids(kFirst);
  newest.all = uids.size();
  if (uids.size() > newest.count) uids.erase(uids.begin(), uids.end() - static_cast<std::ptrdiff_t>(newest.count));
  session.start_fetch(std::move(uids));
  while (true) {
    auto mail = co_await session.next_mail();
    if (!mail) break;
    newest.take(std::move(*mail));
  }
  co_await session.logout();
}

}  // namespace

TokenTrial RealMailServers::fetch_token(const ServerSettings& server, const OAuth2Secrets& secrets) {
  TokenTrial trial;
  asio::io_context io{1};
  Network network(io);
  HttpCall call(network, token_request(server, secrets));
  try {
    converse(io, ask_for_token(call, secrets, trial.grant));
  } catch (const NetError& error) {
    trial.login = {error.what(), error.kind()};
    return trial;
  }
  if (!trial.grant.fault.empty())
    trial.login = {origin_of(server.oauth2->token_url) + ": " + trial.grant.fault, NetError::Kind::login};
  return trial;
}

MailboxLook RealMailServers::look(const Endpoint& endpoint, const std::string& folder) {
  MailboxLook look;
  asio::io_context io{1};
  Network network(io);
  ImapSession session(network, endpoint, ImapLimits{}, imap_timeouts());
  try {
    converse(io, look_inside(session, folder, look));
  } catch (const NetError& error) {
    look.login = {error.what(), error.kind()};
  } catch (const std::exception& error) {  // a command was refused
    look.folder_error = error.what();
  }
  return look;
}

LoginTrial RealMailServers::try_relay(const Endpoint& endpoint) {
  asio::io_context io{1};
  Network network(io);
  SmtpSession session(network, endpoint, smtp_timeouts());
  try {
    converse(io, log_in(session));
  } catch (const NetError& error) {
    return {error.what(), error.kind()};
  } catch (const std::exception& error) {
    return {error.what(), NetError::Kind::protocol};
  }
  return {};
}

std::size_t fetch_newest(const Endpoint& endpoint, const std::string& folder, std::size_t count,
                         const ImapLimits& limits, const std::function<void(ImapMail)>& take) {
  asio::io_context io{1};
  Network network(io);
  ImapSession session(network, endpoint, limits, imap_timeouts());
  Newest newest{folder, count, take};
  converse(io, read_newest(session, newest));
  return newest.all;
}

}  // namespace ticketd
