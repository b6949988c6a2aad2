#include "daemon/ctl/probe.h"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>

#include "daemon/app/endpoint.h"
#include "daemon/ctl/session.h"
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
      : StoredTokens(io, path, [this](Job job) { return visit(std::move(job)); }), store_(std::move(store)) {}
  asio::awaitable<void> note(std::string, std::string) override { co_return; }
  /// What the latest visit to the store failed of, if it did: whoever asked for the token turns it into words.
  [[nodiscard]] const std::exception_ptr& hindrance() const { return hindrance_; }

 private:
  asio::awaitable<void> visit(Job job) {
    hindrance_ = nullptr;
    try {
      job(store_());
    } catch (...) {
      hindrance_ = std::current_exception();
      throw;
    }
    co_return;
  }

  std::function<Store&()> store_;
  std::exception_ptr hindrance_;
};

/// It is of a secret that the caller may not read (read_secret), which is no fault of the configuration.
bool is_denied_secret(std::string_view failure, const ServerSettings& server) {
  std::vector<std::string> settings{server.password_file};
  if (server.oauth2)
    settings.insert(settings.end(), {server.oauth2->client_secret_file, server.oauth2->refresh_token_file});
  return std::ranges::any_of(settings, [&](const std::string& setting) {
    return !setting.empty() && failure.find(setting + ": " + std::strerror(EACCES)) != failure.npos;
  });
}

/// In words for whoever called.
std::string words_of(const std::exception& failure, const ServerSettings& server) {
  return is_denied_secret(failure.what(), server) ? fmt::format("{} (run it as root)", failure.what()) : failure.what();
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

/// Throws it in words_of; what says by its type how the command ends, as that.
[[noreturn]] void fail_in_words(std::exception_ptr error, const ServerSettings& server) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const CommandFailure&) {
    throw;
  } catch (const StoreBusy& busy) {
    throw CommandFailure(kExitTryAgain, busy.what());
  } catch (const StoreError& broken) {
    throw CommandFailure(kExitUnavailable, broken.what());
  } catch (const std::exception& failure) {
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
  if (failure) fail_in_words(vault.hindrance() ? vault.hindrance() : failure, server);
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
