#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/desk/worker.h"
#include "daemon/smtp/send_mark.h"
#include "daemon/smtp/smtp_servers.h"
#include "daemon/smtp/smtp_session.h"

namespace ticketd {

/// Empties the outbox: leases what is due, sends it over a few connections, writes down what became of it. Lives on the
/// network's thread; the store is only touched by the worker's. A dead mail server costs a try now and then, nothing
/// else.
class OutboxSender {
 public:
  /// How long a mail on its way may wait for its answer once the daemon is to end.
  static constexpr std::chrono::milliseconds kStopGrace{4'000};
  /// What may leave now.
  enum class May { all, alarms, nothing };
  struct Options {
    /// Asked again and again; whoever says something else than before calls `nudge`. Empty: all may leave.
    std::function<May()> may = {};
    Time alarms_since{};  ///< May::alarms: mails to admins that were written since then
    SmtpTimeouts timeouts = {};
    std::chrono::milliseconds idle{3'000};             ///< how long a connection waits for further mail
    std::chrono::milliseconds stop_grace{kStopGrace};  ///< how long `stop` lets a mail on its way wait for its answer
    std::chrono::milliseconds stall{5'000};            ///< a connection that waits longer is worth another beside it
    std::size_t max_connections = 4;                   ///< that get on; with those that wait, four times as many
    std::size_t batch = 100;                           ///< rows leased at once; more urgent ones and pages come on top
  };
  using NowSource = std::function<Time()>;
  using RandomSource = std::function<double()>;  ///< 0 to below 1

  /// `mark` outlives it.
  OutboxSender(Network& network, Worker& worker, SendMark& mark, SmtpSettings settings, EndpointSource endpoints,
               NowSource now, RandomSource random, Options options);
  OutboxSender(const OutboxSender&) = delete;
  OutboxSender& operator=(const OutboxSender&) = delete;

  /// Sends until `stop`. Throws StoreError (a busy store is waited for), once the mails on their way have their
  /// answers, or have waited for them as `stop` lets them; SendMark keeps these. To be awaited to its end before
  /// destruction; one of `run` and `run_once` at a time.
  boost::asio::awaitable<void> run();
  /// Sends what is due now, then returns; at the first sign that no server can be reached, too: false.
  boost::asio::awaitable<bool> run_once();
  /// New mail was written, a row was changed, or the clock jumped.
  void nudge();
  /// Ends `run` soon: mails on their way get their answer (bounded), the rest is due again at once.
  void stop();
  /// For the next mails: connections made with other settings end after the mail that is on its way, and nobody waits
  /// for a pause to end that the old ones had earned.
  void use(SmtpSettings settings);

  [[nodiscard]] std::size_t connections() const { return lanes_.size(); }
  /// Rows of which the store does not know yet what became of them, and may still be told.
  [[nodiscard]] std::size_t unsaved() const { return error_ ? 0 : unsaved_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// A leased row on its way.
  struct Job {
    OutboxRow row;
    unsigned stale_connections = 0;
  };
  /// One connection and the coroutine that uses it.
  struct Lane {
    explicit Lane(boost::asio::io_context& io) : wake(io) {}
    std::unique_ptr<SmtpSession> session;
    std::optional<Job> current;  ///< is being sent
    std::optional<Job> next;     ///< is announced behind it, perhaps
    boost::asio::steady_timer wake;
    bool connected = false;
    bool outdated = false;  ///< made with earlier settings
  };
  /// Rows to lease.
  struct Room {
    std::size_t rows = 0;
    Urgency least = Urgency::news;  ///< none that are less urgent
    bool alarms_only = false;
    SteadyTime not_before{};  ///< the store was asked only just now
    [[nodiscard]] bool goes_ahead() const { return least < Urgency::news; }
  };
  struct Settled {
    SendResult result;
    OutgoingMail mail;  ///< without its octets; for the log
  };
  /// One visit to the store.
  struct Visit {
    std::vector<OutboxRow> leased;
    std::optional<Time> next_due;
    bool marked = false;
    bool busy = false;
  };

  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> visit_store(Room room);
  boost::asio::awaitable<Visit> visit(std::vector<SendResult> results, Room room);
  boost::asio::awaitable<void> wait_for_change();
  void take_leased(Visit visit, Room room);
  void note_saved(const std::vector<Settled>& settled);

  boost::asio::awaitable<void> run_lane(std::shared_ptr<Lane> lane);
  boost::asio::awaitable<std::string> connect(Lane& lane);
  boost::asio::awaitable<bool> send_jobs(Lane& lane);
  boost::asio::awaitable<void> wait_for_mail(Lane& lane);
  void open_lanes();
  void start_lane();
  void take_back_announced();
  [[nodiscard]] std::list<Job>::const_iterator find_job() const;
  [[nodiscard]] bool is_held_back(const OutboxRow& row) const;
  std::optional<Job> next_job();
  void enqueue(OutboxRow row);
  void put_back(Job job);
  void settle_job(Job job, const Delivery& delivery);
  void settle_row(OutboxRow& row, SendResult result);
  void hand_back_followers(const OutboxRow& earlier);
  bool leave_server(Lane& lane, const Delivery& delivery);
  void servers_failed(const std::string& error);
  void wind_up();
  void hand_back_barred();

  [[nodiscard]] May may() const { return options_.may ? options_.may() : May::all; }
  [[nodiscard]] bool may_leave(const OutboxRow& row) const;
  [[nodiscard]] Room room() const;
  [[nodiscard]] bool queue_is_full() const;
  [[nodiscard]] std::optional<Urgency> goes_ahead() const;
  [[nodiscard]] bool due() const;
  [[nodiscard]] std::optional<SteadyTime> settles_at() const;
  [[nodiscard]] bool paused() const;
  [[nodiscard]] bool done() const;
  [[nodiscard]] SteadyTime wake_at() const;
  [[nodiscard]] std::size_t connected_lanes() const;
  [[nodiscard]] std::optional<SteadyTime> stalls_at(const Lane& lane) const;
  [[nodiscard]] std::size_t stalled_lanes() const;
  void signal();

  Network& network_;
  Worker& worker_;
  SendMark& mark_;
  SmtpSettings settings_;
  SmtpServers servers_;
  NowSource now_;
  RandomSource random_;
  Options options_;

  std::list<Job> queue_;
  std::vector<Settled> settled_;
  SteadyTime settled_since_{};  ///< of the first one
  std::size_t unsaved_ = 0;     ///< those in settled_, and those that are being written to the store
  std::list<std::shared_ptr<Lane>> lanes_;
  std::size_t lane_limit_;
  boost::asio::steady_timer change_;
  bool changed_ = false;
  bool stopping_ = false;
  std::optional<SteadyTime> stop_deadline_;
  std::optional<Time> once_;  ///< run_once: what is due then
  bool nudged_ = true;        ///< the store may hold due rows, whatever next_due_ says
  bool ahead_nudged_ = true;  ///< likewise, of rows that go ahead of a full queue
  SteadyTime looked_at_{};    ///< when the store was last asked for rows
  std::optional<Time> next_due_;
  std::uint32_t failures_ = 0;  ///< tries in a row in which no server could be reached
  std::optional<SteadyTime> paused_until_;
  std::optional<SteadyTime> store_busy_until_;
  std::exception_ptr error_;
};

}  // namespace ticketd
