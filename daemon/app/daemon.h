#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>

#include "daemon/app/generation.h"
#include "daemon/app/housekeeper.h"
#include "daemon/app/nudge_listener.h"
#include "daemon/app/store_lock.h"
#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/exit_code.h"
#include "daemon/metrics/monitor.h"
#include "daemon/net/connection.h"
#include "daemon/net/endpoint_source.h"
#include "daemon/oauth2/access_tokens.h"
#include "daemon/oauth2/stored_tokens.h"
#include "daemon/oauth2/token_calls.h"
#include "daemon/smtp/outbox_sender.h"
#include "daemon/smtp/send_mark.h"
#include "daemon/webhook/webhook_sender.h"

namespace ticketd {

/// The daemon: what it owns stands here in the order in which it comes to life; it ends in reverse.
class Daemon {
 public:
  /// Opens the store and takes back what a dead process left half sent. Throws StoreError, SecretError, and
  /// std::runtime_error where another daemon has the store.
  Daemon(std::filesystem::path config_file, Settings settings);

  /// Until SIGTERM or SIGINT, or until the store fails.
  [[nodiscard]] ExitCode run();
  /// One full pass: every mailbox, then the outbox.
  [[nodiscard]] ExitCode run_once();

 private:
  void wake();
  void watch_nudges();
  void nudge_senders();
  [[nodiscard]] LeaseBoard::Says leases_say();
  [[nodiscard]] OutboxSender::Options outbox_options();
  [[nodiscard]] WebhookSender::Options webhook_options();
  [[nodiscard]] std::unique_ptr<Generation> make_generation(const Settings& settings);
  [[nodiscard]] EndpointSource endpoints();
  [[nodiscard]] std::vector<TokenHealth> token_health() const;
  boost::asio::awaitable<void> visit_store(StoredTokens::Job job);
  boost::asio::awaitable<void> run_mailboxes();
  boost::asio::awaitable<void> run_pass();
  void watch(boost::asio::awaitable<void> conversation);
  void end_one(std::exception_ptr error);
  void await_signals();
  void begin_stop();
  void await_exchange_limit();
  void await_stop_limit();
  void reload();
  void refuse(const std::string& reason);
  void use(Settings settings);
  boost::asio::awaitable<void> use_rules(std::shared_ptr<const DeskRules> rules);
  void feed_watchdog();
  void run_loop();

  std::filesystem::path config_file_;
  Settings settings_;
  StoreLock lock_;
  SendMark sending_;
  boost::asio::io_context io_{1};
  Network network_{io_};
  Worker worker_;
  LeaseBoard leases_;
  StoredTokens refresh_tokens_;
  TokenCalls token_calls_{network_};
  AccessTokens tokens_{io_, refresh_tokens_, token_calls_.world()};
  OutboxSender sender_;
  WebhookSender webhooks_;
  Housekeeper housekeeper_;
  Monitor monitor_;
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer watchdog_{io_};
  boost::asio::steady_timer stop_limit_{io_};
  boost::asio::steady_timer::time_point save_limit_;  ///< the last moment for what is unsaved, once it stops
  std::optional<NudgeListener> nudges_;
  std::unique_ptr<Generation> generation_;
  std::unique_ptr<Generation> next_generation_;  ///< starts when the one before it has ended: a reload
  std::size_t running_ = 0;                      ///< conversations that have not ended
  std::uint64_t worker_progress_ = 0;
  bool once_ = false;
  bool stopping_ = false;
  ExitCode result_ = kExitOk;
};

}  // namespace ticketd
