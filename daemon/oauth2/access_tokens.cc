#include "daemon/oauth2/access_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/net/backoff.h"
#include "daemon/oauth2/token_names.h"
#include "parsers/printable.h"
#include "store/store.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A token is renewed so long before it expires, or when two thirds of its life are over.
constexpr seconds kMargin = minutes{10};
/// One that is younger was refused for another reason than its age.
constexpr seconds kYoung{10};
constexpr seconds kLeastDistance{10};
constexpr seconds kFirstPause{10};
constexpr seconds kLongestPause = minutes{5};
/// A machine that slept, or a timer that was late, is caught up with so soon.
constexpr milliseconds kLongestLook{60'000};
constexpr milliseconds kShortestLook{100};

/// What is locked is tried again so soon; a try itself waits for some seconds.
constexpr milliseconds kSavePause{100};
constexpr auto kGivenUp = "given up while ticketd stops";

std::string lost(std::string_view reason) {
  return fmt::format(
      "the provider handed out a new refresh token, which could not be kept: {}; if it takes the one before "
      "no more (invalid_grant), consent again",
      reason);
}

}  // namespace

struct AccessTokens::Login {
  Login(asio::io_context& io, ServerSettings the_server, std::string the_name)
      : server(std::move(the_server)), name(std::move(the_name)), answered(io, SteadyTime::max()) {}
  ServerSettings server;
  std::string name;
  std::set<std::string> users;  ///< who log in with it
  std::string token;
  SteadyTime obtained_at = SteadyTime::min(), renew_at = SteadyTime::min(), expires_at = SteadyTime::min();
  std::string error;  ///< of the latest try; empty when it was good
  std::uint32_t failures = 0;
  SteadyTime next_try = SteadyTime::min();
  std::optional<std::string> noted;  ///< what the vault has as its error; nullopt: whatever a process before us noted
  bool asking = false;
  asio::steady_timer answered;

  [[nodiscard]] bool was_tried() const { return !error.empty() || !token.empty(); }
  [[nodiscard]] std::string sentence(std::string_view reason) const {
    const auto others = users.size() > 1 ? fmt::format(" and {} more", users.size() - 1) : std::string();
    return fmt::format("no access token for {}{}: {}", printable_line(server.user), others, reason);
  }
};

/// While it lives, others wait for the same answer.
class AccessTokens::Asking {
 public:
  explicit Asking(std::shared_ptr<Login> login) : login_(std::move(login)) { login_->asking = true; }
  ~Asking() {
    login_->asking = false;
    login_->answered.cancel();
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  std::shared_ptr<Login> login_;  // a process that ends destroys what waits after all else
};

AccessTokens::AccessTokens(asio::io_context& io, TokenVault& vault, World world, std::optional<seconds> save_limit)
    : io_(io), vault_(vault), world_(std::move(world)), save_limit_(save_limit), pause_(io) {}

std::shared_ptr<AccessTokens::Login> AccessTokens::login_for(const ServerSettings& server) {
  const std::string name = token_login(server);
  auto& login = logins_[name];
  if (!login) login = std::make_shared<Login>(io_, server, name);
  login->users.insert(server.user);
  return login;
}

asio::awaitable<AccessTokens::Token> AccessTokens::token(ServerSettings server) {
  const std::shared_ptr<Login> login = login_for(server);
  if (world_.now() >= login->expires_at) co_await wait_for_answer(*login);  // else the present one will do
  const auto now = world_.now();
  const bool is_old = now >= login->renew_at || now >= login->expires_at;
  if (is_old && !login->asking && now >= login->next_try) co_await renew(login);
  if (world_.now() >= login->expires_at)
    throw TokenError(login->error.empty() ? login->sentence("it expires as soon as it is given") : login->error);
  pause_.cancel();
  Token token;
  token.text = login->token;
  token.may_be_stale = world_.now() >= login->obtained_at + kYoung;
  co_return token;
}

asio::awaitable<std::string> AccessTokens::replace(ServerSettings server, std::string refused) {
  const std::shared_ptr<Login> login = login_for(server);
  co_await wait_for_answer(*login);
  if (login->token == refused && world_.now() >= login->next_try) co_await renew(login);
  if (login->token == refused && !login->error.empty()) throw TokenError(login->error);
  co_return login->token;  // a provider may give the same one again
}

asio::awaitable<void> AccessTokens::wait_for_answer(Login& login) {
  boost::system::error_code ignored;
  while (login.asking) co_await login.answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// What comes of it stands in `login`.
asio::awaitable<void> AccessTokens::renew(std::shared_ptr<Login> login) {
  const Asking asking(login);
  std::string error = co_await try_exchange(*login);
  if (!error.empty()) fail(*login, std::move(error));
  co_await note(*login);
}

/// Why it failed; empty when it did not.
asio::awaitable<std::string> AccessTokens::try_exchange(Login& login) {
  std::string error;
  if (stopping_) co_return login.sentence(kGivenUp);
  try {
    co_await exchange(login);
  } catch (const StoreBusy& busy) {
    error = login.sentence(busy.what());
  } catch (const StoreError&) {
    throw;
  } catch (const std::runtime_error& failure) {
    error = login.sentence(failure.what());
  }
  co_return error;
}

asio::awaitable<void> AccessTokens::exchange(Login& login) {
  OAuth2Secrets secrets = read_oauth2_secrets(*login.server.oauth2);
  const auto asked_at = world_.now();
  if (secrets.refresh_token.empty()) {
    TokenGrant grant = co_await ask(login, std::move(secrets));
    take(login, std::move(grant), asked_at);
  } else {
    co_await exchange_refresh_token(login, std::move(secrets));
  }
}

asio::awaitable<void> AccessTokens::exchange_refresh_token(Login& login, OAuth2Secrets secrets) {
  const std::shared_ptr<void> alone = co_await vault_.lock();
  const auto asked_at = world_.now();
  RefreshToken chain{credential_name(login.server), token_digest(secrets.refresh_token), {}};
  secrets.refresh_token = co_await latest_of(chain, secrets.refresh_token);
  if (stopping_) throw TokenError(kGivenUp);
  TokenGrant grant = co_await ask(login, secrets);
  const bool is_rotated = !grant.refresh_token.empty() && grant.refresh_token != secrets.refresh_token;
  if (is_rotated) co_await save_next(login, std::move(chain), grant.refresh_token);
  take(login, std::move(grant), asked_at);
}

asio::awaitable<std::string> AccessTokens::latest_of(RefreshToken chain, std::string first) {
  const auto unsaved = unsaved_.find({chain.credential, chain.origin});
  if (unsaved != unsaved_.end()) {
    Unsaved again = unsaved->second;
    std::string token = again.token.token;
    co_await save(std::move(again));
    co_return token;
  }
  std::optional<std::string> latest = co_await vault_.load(std::move(chain));
  co_return latest ? *latest : first;
}

asio::awaitable<void> AccessTokens::save_next(const Login& login, RefreshToken chain, std::string next) {
  chain.token = std::move(next);
  Unsaved unsaved{std::move(chain), login.server.user};
  unsaved_[{unsaved.token.credential, unsaved.token.origin}] = unsaved;
  co_await save(std::move(unsaved));
}

/// The token before it may be worth nothing from now on.
asio::awaitable<void> AccessTokens::save(Unsaved unsaved) {
  const auto since = world_.now();
  asio::steady_timer pause(io_);
  for (;;) {
    const std::string error = co_await try_save(unsaved);
    if (error.empty()) co_return;
    if (save_limit_ && world_.now() - since >= *save_limit_) throw TokenError(lost(error));
    pause.expires_after(kSavePause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

/// Why the store is busy; empty: it has the token.
asio::awaitable<std::string> AccessTokens::try_save(Unsaved unsaved) {
  std::string error;
  try {
    co_await vault_.save(unsaved.token);
  } catch (const StoreBusy& busy) {
    error = busy.what();
  } catch (const StoreError& failure) {
    log::refresh_token_lost(unsaved.user, failure.what());
    unsaved_.erase({unsaved.token.credential, unsaved.token.origin});
    throw StoreError(lost(failure.what()));
  }
  if (error.empty()) unsaved_.erase({unsaved.token.credential, unsaved.token.origin});
  co_return error;
}

asio::awaitable<TokenGrant> AccessTokens::ask(Login& login, OAuth2Secrets secrets) {
  const auto kind = secrets.refresh_token.empty() ? CallKind::repeatable : CallKind::rotating;
  std::string error;
  try {
    HttpRequest request = token_request(login.server, secrets);
    const HttpAnswer answer = co_await world_.call(std::move(request), kind);
    co_return read_token_answer(answer, secrets);
  } catch (const NetError& failure) {
    error = failure.what();
  }
  if (given_up_ && kind == CallKind::rotating)
    log::refresh_token_lost(login.server.user, "the provider had not answered when ticketd had to stop");
  throw TokenError(error);
}

/// Throws TokenError: there is none in it.
void AccessTokens::take(Login& login, TokenGrant grant, SteadyTime asked_at) {
  if (!grant.fault.empty())
    throw TokenError(fmt::format("{}: {}", origin_of(login.server.oauth2->token_url), grant.fault));
  if (!login.error.empty()) log::access_token_renewed(login.server.user);
  login.token = std::move(grant.access_token);
  login.obtained_at = world_.now();
  login.expires_at = asked_at + grant.lifetime;
  login.renew_at = std::max<SteadyTime>(login.expires_at - std::min<seconds>(kMargin, grant.lifetime / 3),
                                        asked_at + kLeastDistance);
  login.error.clear();
  login.failures = 0;
  login.next_try = SteadyTime::min();
}

void AccessTokens::fail(Login& login, std::string error) {
  const Duration delay = backoff_delay(++login.failures, kFirstPause, kLongestPause, world_.random());
  login.next_try = world_.now() + std::chrono::duration_cast<SteadyTime::duration>(delay);
  if (!stopping_) log::access_token_failed(error, std::chrono::duration<double>(delay).count());
  login.error = std::move(error);
}

asio::awaitable<void> AccessTokens::note(Login& login) {
  if (login.noted == login.error || stopping_) co_return;
  const std::string error = login.error;
  try {
    co_await vault_.note(login.name, error);
    login.noted = error;
  } catch (const StoreBusy&) {
    // It is only for `status`; the next try notes the same.
  }
}

/// One whose time has come.
std::shared_ptr<AccessTokens::Login> AccessTokens::due_login() {
  const auto now = world_.now();
  for (const auto& [name, login] : logins_)
    if ((!wanted_ || wanted_->contains(name)) && !login->asking && now >= login->renew_at && now >= login->next_try)
      return login;
  return nullptr;
}

asio::awaitable<void> AccessTokens::keep_fresh() {
  while (!stopping_) {
    auto wait = kLongestLook;
    while (const auto due = due_login()) co_await renew(due);
    const auto now = world_.now();
    for (const auto& [name, login] : logins_)
      if (const auto at = std::max(login->renew_at, login->next_try); at > now)
        wait = std::min(wait, std::chrono::ceil<milliseconds>(at - now));
    co_await pause(std::max(wait, kShortestLook));
  }
}

asio::awaitable<void> AccessTokens::pause(milliseconds longest) {
  if (stopping_) co_return;
  pause_.expires_after(longest);
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

std::optional<AccessTokens::Standing> AccessTokens::standing(const ServerSettings& server) const {
  if (!server.oauth2) return std::nullopt;
  const auto login = logins_.find(token_login(server));
  if (login == logins_.end() || !login->second->was_tried()) return std::nullopt;
  Standing standing;
  standing.is_good = login->second->error.empty();
  if (!login->second->token.empty()) standing.expires_at = login->second->expires_at;
  return standing;
}

void AccessTokens::use(const Settings& settings) {
  wanted_.emplace();
  const auto add = [this](const ServerSettings& server) {
    if (server.oauth2 && !server.user.empty()) wanted_->insert(login_for(server)->name);
  };
  for (const auto& mailbox : settings.mailboxes) add(mailbox.server);
  for (const auto& server : settings.smtp.servers) add(server);
  pause_.cancel();
}

void AccessTokens::stop() {
  stopping_ = true;
  pause_.cancel();
  world_.interrupt(CallKind::repeatable);
}

void AccessTokens::give_up() {
  given_up_ = true;
  world_.interrupt(CallKind::rotating);
}

void AccessTokens::log_unsaved() const {
  for (const auto& [key, unsaved] : unsaved_)
    log::refresh_token_lost(unsaved.user, "another process has the store locked");
}

}  // namespace ticketd
