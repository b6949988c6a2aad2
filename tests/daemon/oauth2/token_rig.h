#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "daemon/oauth2/access_tokens.h"
#include "daemon/oauth2/token_names.h"
#include "store/store.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {

/// A vault in memory. It fails where it is told to.
class FakeVault : public TokenVault {
 public:
  boost::asio::awaitable<std::shared_ptr<void>> lock() override {
    ++locks;
    co_return std::make_shared<int>(0);
  }
  boost::asio::awaitable<std::optional<std::string>> load(RefreshToken chain) override {
    if (is_locked) throw StoreBusy("database is locked");
    const auto found = chains.find({chain.credential, chain.origin});
    co_return found == chains.end() ? std::optional<std::string>{} : found->second;
  }
  boost::asio::awaitable<void> save(RefreshToken token) override {
    if (busy > 0) {
      --busy;
      if (when_busy) when_busy();
      throw StoreBusy("database is locked");
    }
    if (is_full) throw StoreError("database or disk is full");
    saved.push_back(token.token);
    chains[{token.credential, token.origin}] = token.token;
    co_return;
  }
  boost::asio::awaitable<void> note(std::string, std::string error) override {
    notes.push_back(error);
    co_return;
  }

  std::map<std::pair<std::string, std::string>, std::string> chains;
  std::vector<std::string> saved, notes;
  int locks = 0;
  int busy = 0;  ///< so many saves fail
  std::function<void()> when_busy;
  bool is_locked = false;  ///< nothing can be used
  bool is_full = false;    ///< it breaks at the next save
};

inline HttpAnswer http_answer(int status, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

inline HttpAnswer token_answer(const std::string& token, int seconds = 3600, const std::string& refresh = "") {
  return http_answer(200, R"({"access_token": ")" + token + R"(", "token_type": "Bearer", "expires_in": )" +
                              std::to_string(seconds) +
                              (refresh.empty() ? "" : R"(, "refresh_token": ")" + refresh + "\"") + "}");
}

/// AccessTokens with a clock that stands, and an endpoint that answers what was queued.
class TokenRig {
 public:
  TokenRig() {
    server.url = "imaps://imap.example.com";
    server.user = "support@example.com";
    server.oauth2.emplace();
    server.oauth2->token_url = "https://login.example.com/token?tenant=1";
    server.oauth2->client_id = "ticketd";
    server.oauth2->grant = "client_credentials";
    server.oauth2->client_secret_file = secret("client-secret", "s3cr3t/+&");
  }

  /// Its path.
  std::string secret(const std::string& name, const std::string& value) {
    folder.write(name, value);
    std::filesystem::permissions(folder.path() / name, std::filesystem::perms{0600});
    return (folder.path() / name).string();
  }
  void use_refresh_token(const std::string& token) {
    server.oauth2->grant = "refresh_token";
    server.oauth2->refresh_token_file = secret("refresh-token", token);
  }

  /// The token, or the error in brackets.
  std::string ask() {
    std::string result;
    spawn(result);
    run();
    return result;
  }
  void spawn(std::string& result) { boost::asio::co_spawn(io, ask_into(server, result), boost::asio::detached); }
  std::string replace(const std::string& refused) {
    std::string result;
    boost::asio::co_spawn(io, replace_into(refused, result), boost::asio::detached);
    run();
    return result;
  }
  void run() {
    io.restart();
    io.run();
  }
  void pass(std::chrono::seconds time) { now += time; }
  /// From the start, as the daemon does, until `when_asked` stops it.
  void keep_fresh() {
    boost::asio::co_spawn(io, tokens.keep_fresh(), boost::asio::detached);
    run();
  }

  static constexpr std::chrono::seconds kSaveLimit{60};

  ScratchFolder folder;
  boost::asio::io_context io{1};
  FakeVault vault;
  ServerSettings server;
  AccessTokens::SteadyTime now{std::chrono::hours{1000}};
  std::deque<HttpAnswer> answers;  ///< when there is none, the network is down
  std::vector<HttpRequest> requests;
  std::function<void()> when_asked;  ///< a request is under way
  std::set<AccessTokens::CallKind> interrupted;
  bool was_stale = false;
  AccessTokens tokens{io, vault, world(), kSaveLimit};

 private:
  AccessTokens::World world() {
    AccessTokens::World world;
    world.call = [this](HttpRequest request, AccessTokens::CallKind kind) { return answer(std::move(request), kind); };
    world.interrupt = [this](AccessTokens::CallKind kind) { interrupted.insert(kind); };
    world.now = [this] { return now; };
    world.random = [] { return 0.0; };
    return world;
  }
  boost::asio::awaitable<HttpAnswer> answer(HttpRequest request, AccessTokens::CallKind kind) {
    requests.push_back(request);
    if (when_asked) when_asked();
    co_await boost::asio::post(io, boost::asio::use_awaitable);
    if (interrupted.contains(kind))
      throw NetError(NetError::Kind::unreachable, "https://login.example.com: interrupted");
    if (answers.empty()) throw NetError(NetError::Kind::unreachable, "https://login.example.com: no route");
    HttpAnswer next = std::move(answers.front());
    answers.pop_front();
    co_return next;
  }
  boost::asio::awaitable<void> ask_into(ServerSettings the_server, std::string& result) {
    try {
      const AccessTokens::Token token = co_await tokens.token(std::move(the_server));
      result = token.text;
      was_stale = token.may_be_stale;
    } catch (const std::exception& error) {
      result = "[" + std::string(error.what()) + "]";
    }
  }
  boost::asio::awaitable<void> replace_into(std::string refused, std::string& result) {
    try {
      result = co_await tokens.replace(server, refused);
    } catch (const std::exception& error) {
      result = "[" + std::string(error.what()) + "]";
    }
  }
};

}  // namespace ticketd
