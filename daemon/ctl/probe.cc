#include "daemon/ctl/probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/app/endpoint.h"
#include "daemon/imap/imap_session.h"
#include "daemon/oauth2/stored_tokens.h"
#include "daemon/oauth2/token_calls.h"
#include "daemon/smtp/smtp_session.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// So long a locked store is waited for, so that it gets a new refresh token.
constexpr std::chrono::seconds kSaveLimit{60};

/// The daemon's health is nothing that a probe notes.
class ProbeTokens : public StoredTokens {
 public:
  ProbeTokens(asio::io_context& io, const std::filesystem::path& path, std::function<Store&()> store)
      : StoredTokens(io, path, [store = std::move(store)](Job job) { return visit(store, std::move(job)); }) {}
  asio::awaitable<void> note(std::string, std::string) override { co_return; }

 private:
  static asio::awaitable<void> visit(std::function<Store&()> store, Job job) {
    job(store());
    co_return;
  }
};

/// Where a person's call looks for it: systemd hands credentials to the daemon alone.
bool is_secret_denied(const std::string& setting) {
  const auto path = setting.starts_with('/') ? setting : "/etc/ticketd/credentials/" + setting;
  return ::access(path.c_str(), R_OK) != 0 && errno == EACCES;
}

/// What root alone may read is no fault of the configuration.
bool may_read_secrets(const ServerSettings& server) {
  std::vector<std::string> files{server.password_file};
  if (server.oauth2) files.insert(files.end(), {server.oauth2->client_secret_file, server.oauth2->refresh_token_file});
  return std::ranges::none_of(files, [](const std::string& file) { return !file.empty() && is_secret_denied(file); });
}

/// In words for whoever called.
std::string words_of(const std::exception& failure, const ServerSettings& server) {
  return may_read_secrets(server) ? failure.what() : fmt::format("{} (run it as root)", failure.what());
}

asio::awaitable<std::string> look_into(ImapSession& session, const MailboxSettings& mailbox) {
  co_await session.open();
  const SelectedMailbox selected = co_await session.select(mailbox.folder);
  co_await session.logout();
  const bool changes_it = mailbox.processed.action != AfterwardsSettings::Action::keep;
  if (selected.read_only && changes_it)
    co_return fmt::format("{} can only be read, so that mails which are filed could not be moved or marked",
                          mailbox.folder);
  co_return std::string();
}

asio::awaitable<void> probe_mailbox(Network& network, AccessTokens& tokens, const MailboxSettings& mailbox,
                                    Probe& probe) {
  try {
    Endpoint endpoint = co_await make_endpoint(tokens, mailbox.server);
    ImapSession session(network, std::move(endpoint), ImapLimits{}, ImapTimeouts{});
    probe.error = co_await look_into(session, mailbox);
  } catch (const std::exception& failure) {
    probe.error = words_of(failure, mailbox.server);
  }
}

asio::awaitable<void> probe_relay(Network& network, AccessTokens& tokens, const ServerSettings& server, Probe& probe) {
  try {
    Endpoint endpoint = co_await make_endpoint(tokens, server);
    SmtpSession session(network, std::move(endpoint), SmtpTimeouts{});
    co_await session.open();
    co_await session.quit();
  } catch (const std::exception& failure) {
    probe.error = words_of(failure, server);
  }
}

/// Throws the same, in words_of.
[[noreturn]] void fail_in_words(std::exception_ptr error, const ServerSettings& server) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& failure) {
    if (may_read_secrets(server)) throw;
    throw std::runtime_error(words_of(failure, server));
  }
}

}  // namespace

Endpoint login_of(const Settings& settings, const ServerSettings& server, std::function<Store&()> store) {
  asio::io_context io{1};
  Network network(io);
  ProbeTokens vault(io, settings.store_path, std::move(store));
  TokenCalls calls(network);
  AccessTokens tokens(io, vault, calls.world(), kSaveLimit);
  Endpoint endpoint;
  std::exception_ptr failure;
  asio::co_spawn(io, make_endpoint(tokens, server), [&](std::exception_ptr error, Endpoint made) {
    failure = error;
    endpoint = std::move(made);
  });
  io.run();
  if (failure) fail_in_words(failure, server);
  endpoint.renew_bearer = nullptr;  // who would do it is gone
  return endpoint;
}

std::vector<Probe> probe_servers(const Settings& settings, std::function<Store&()> store) {
  std::vector<Probe> probes(settings.mailboxes.size() + settings.smtp.servers.size());
  asio::io_context io{1};
  Network network(io);
  ProbeTokens vault(io, settings.store_path, std::move(store));
  TokenCalls calls(network);
  AccessTokens tokens(io, vault, calls.world(), kSaveLimit);
  std::size_t next = 0;
  for (const auto& mailbox : settings.mailboxes) {
    Probe& probe = probes[next++];
    probe.name = mailbox.name;
    asio::co_spawn(io, probe_mailbox(network, tokens, mailbox, probe), asio::detached);
  }
  for (std::size_t i = 0; i < settings.smtp.servers.size(); ++i) {
    Probe& probe = probes[next++];
    probe.name = i == 0 ? "smtp" : fmt::format("smtp fallback {}", i);
    asio::co_spawn(io, probe_relay(network, tokens, settings.smtp.servers[i], probe), asio::detached);
  }
  io.run();
  return probes;
}

}  // namespace ticketd
