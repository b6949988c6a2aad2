#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/net/http_call.h"
#include "daemon/smtp/delivery.h"

namespace ticketd {

/// Calls the webhooks that the outbox has pages for, some at a time, and writes down what became of each call. Lives on
/// the network's thread. A call without an answer is made again, so that a webhook may hear of a page twice: the field
/// X-Ticketd-Delivery is the same then.
class WebhookSender {
 public:
  struct Options {
    /// Whether calls may be made now; whoever says something else than before calls `nudge`. Empty: they may.
    std::function<bool()> may = {};
    std::chrono::milliseconds timeout{30'000};    ///< of one call
    std::chrono::milliseconds stop_grace{3'000};  ///< how long `stop` lets a call under way wait for its answer
    std::size_t max_calls = 8;                    ///< at a time
  };
  using NowSource = std::function<Time()>;
  using RandomSource = std::function<double()>;  ///< 0 to below 1

  WebhookSender(Network& network, Worker& worker, const Settings& settings, NowSource now, RandomSource random,
                Options options);
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  /// Calls until `stop`. Throws StoreError (a busy store is waited for). To be awaited to its end before destruction;
  /// one of `run` and `run_once` at a time.
  boost::asio::awaitable<void> run();
  /// Makes the calls that are due now.
  boost::asio::awaitable<void> run_once();
  /// The outbox may have something new, or the clock jumped.
  void nudge();
  void stop();
  void use(const Settings& settings);
  /// Calls of which the store does not know yet what became of them, and may still be told.
  [[nodiscard]] std::size_t unsaved() const { return error_ ? 0 : settled_.size(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Call {
    OutboxRow row;
    std::unique_ptr<HttpCall> http;  ///< nullptr where nobody is to be called
    RecipientOutcome outcome;
  };
  struct Settled {
    SendResult result;
    OutgoingMail page;  ///< without its octets; for the log
  };
  struct Visit {
    std::vector<OutboxRow> leased;
    std::optional<Time> next_due;
    bool marked = false;
    bool busy = false;
  };

  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> visit_store();
  boost::asio::awaitable<void> wait_for_change();
  boost::asio::awaitable<void> make(std::shared_ptr<Call> call);
  void start(OutboxRow row);
  void settle(const Call& call);
  void note_saved(std::size_t count);
  void interrupt_late_calls();
  [[nodiscard]] bool may_call() const { return !options_.may || options_.may(); }
  [[nodiscard]] bool due() const;
  [[nodiscard]] bool done() const;
  [[nodiscard]] SteadyTime wake_at() const;
  void signal();

  Network& network_;
  Worker& worker_;
  Ruleset ruleset_;
  SmtpSettings pace_;  ///< when to try again, and when to give up
  NowSource now_;
  RandomSource random_;
  Options options_;

  std::list<std::shared_ptr<Call>> calls_;
  std::vector<Settled> settled_;  ///< what the store does not know yet
  boost::asio::steady_timer change_;
  bool changed_ = false;
  bool nudged_ = true;
  bool stopping_ = false;
  std::optional<SteadyTime> stop_deadline_;
  std::optional<Time> once_;  ///< run_once: what is due then
  std::optional<Time> next_due_;
  std::optional<SteadyTime> store_busy_until_;
  std::exception_ptr error_;
};

}  // namespace ticketd
