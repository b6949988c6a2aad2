#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "daemon/config/settings.h"
#include "daemon/net/http_call.h"
#include "daemon/oauth2/token_exchange.h"
#include "store/refresh_token.h"

namespace ticketd {

/// Where refresh tokens outlive the process. All may throw StoreError, StoreBusy, std::runtime_error.
class TokenVault {
 public:
  virtual ~TokenVault() = default;
  /// Until the result is destroyed, nobody else, in this process or another, uses a refresh token.
  virtual boost::asio::awaitable<std::shared_ptr<void>> lock() = 0;
  /// The latest token of the chain; nullopt: none was handed out yet. Throws where `save` would not work now.
  virtual boost::asio::awaitable<std::optional<std::string>> load(RefreshToken chain) = 0;
  /// Durable once it returns.
  virtual boost::asio::awaitable<void> save(RefreshToken token) = 0;
  /// For `status`: why there is no new access token; empty: there is one.
  virtual boost::asio::awaitable<void> note(std::string login, std::string error) = 0;
};

/// OAuth 2 access tokens for the servers of the configuration: each is asked for once for all who want it, kept until
/// some minutes before it expires, and then renewed. A refresh token that comes with one is committed before the access
/// token is given out; a store that is locked is waited for. After a failure the token endpoint is left alone for a
/// while, and the old token is given out as long as it is good. On the network's thread; outlives all who await it.
class AccessTokens {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// Of one that is given up nothing is lost; or, perhaps, the refresh token in its answer.
  enum class CallKind { repeatable, rotating };
  struct World {
    std::function<boost::asio::awaitable<HttpAnswer>(HttpRequest, CallKind)> call;  ///< throws NetError
    std::function<void(CallKind)> interrupt;                                        ///< calls under way throw soon
    std::function<SteadyTime()> now;
    std::function<double()> random;  ///< uniform in [0, 1)
  };
  /// `save_limit`: so long a locked store is waited for with a new refresh token; nullopt: as long as the process
  /// lives.
  AccessTokens(boost::asio::io_context& io, TokenVault& vault, World world,
               std::optional<std::chrono::seconds> save_limit = std::nullopt);

  struct Token {
    std::string text;
    bool may_be_stale = false;  ///< it was not asked for just now: the server may take it no more
  };
  /// For a server with `oauth2`. Throws TokenError, and what the vault throws.
  boost::asio::awaitable<Token> token(ServerSettings server);
  /// Another one, because the server has refused that one. Throws likewise.
  boost::asio::awaitable<std::string> replace(ServerSettings server, std::string refused);

  /// Asks for what `use` names, and renews it and what else was asked for, so that it is found out early when that
  /// can't be done; until `stop`. Throws StoreError (a busy store is waited for).
  boost::asio::awaitable<void> keep_fresh();
  struct Standing {
    bool is_good = true;                   ///< the latest try to get one was
    std::optional<SteadyTime> expires_at;  ///< of the present one
  };
  /// How that server's token is; nullopt: none was asked for.
  [[nodiscard]] std::optional<Standing> standing(const ServerSettings& server) const;
  /// Only tokens of these servers are kept fresh from now on.
  void use(const Settings& settings);
  /// Asks for no more, and ends the calls that can be made again. Those that may bring a new refresh token go on.
  void stop();
  /// After `stop`: ends these too.
  void give_up();
  /// New refresh tokens that the vault has not taken yet.
  [[nodiscard]] std::size_t unsaved() const { return unsaved_.size(); }
  /// The process goes without having saved them.
  void log_unsaved() const;

 private:
  struct Login;
  class Asking;
  struct Unsaved {
    RefreshToken token;
    std::string user;
  };
  std::shared_ptr<Login> login_for(const ServerSettings& server);
  boost::asio::awaitable<void> wait_for_answer(Login& login);
  boost::asio::awaitable<void> renew(std::shared_ptr<Login> login);
  boost::asio::awaitable<std::string> try_exchange(Login& login);
  boost::asio::awaitable<void> exchange(Login& login);
  boost::asio::awaitable<void> exchange_refresh_token(Login& login, OAuth2Secrets secrets);
  boost::asio::awaitable<std::string> latest_of(RefreshToken chain, std::string first);
  boost::asio::awaitable<void> save_next(const Login& login, RefreshToken chain, std::string next);
  boost::asio::awaitable<TokenGrant> ask(Login& login, OAuth2Secrets secrets);
  boost::asio::awaitable<void> save(Unsaved unsaved);
  boost::asio::awaitable<std::string> try_save(Unsaved unsaved);
  boost::asio::awaitable<void> note(Login& login);
  void take(Login& login, TokenGrant grant, SteadyTime asked_at);
  void fail(Login& login, std::string error);
  boost::asio::awaitable<void> pause(std::chrono::milliseconds longest);
  [[nodiscard]] std::shared_ptr<Login> due_login();

  boost::asio::io_context& io_;
  TokenVault& vault_;
  World world_;
  std::optional<std::chrono::seconds> save_limit_;
  std::map<std::string, std::shared_ptr<Login>> logins_;  ///< by `token_login`
  /// Refresh tokens that the vault has not taken yet, by credential and origin.
  std::map<std::pair<std::string, std::string>, Unsaved> unsaved_;
  std::optional<std::set<std::string>> wanted_;  ///< nullopt: all
  boost::asio::steady_timer pause_;
  bool stopping_ = false;
  bool given_up_ = false;
};

}  // namespace ticketd
