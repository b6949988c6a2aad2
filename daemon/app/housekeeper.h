#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/status_line.h"
#include "daemon/desk/worker.h"
#include "daemon/imap/lease_board.h"

namespace ticketd {

/// Does what is due by the clock: tickets that close, alarms that are raised or over, mails whose nudge was lost.
/// Deadlines are instants of the wall clock, which may jump: it is looked at again at least once a minute, and at each
/// nudge. On the network's thread.
class Housekeeper {
 public:
  struct Callbacks {
    std::function<void()> queued;   ///< something is due in the outbox
    std::function<void()> visited;  ///< the store was looked at
    /// Whether another daemon works on a mailbox of ours: then admins hear of that, and all else rests.
    std::function<LeaseBoard::Says()> says;
  };
  Housekeeper(boost::asio::io_context& io, Worker& worker, const Settings& settings, Callbacks callbacks);
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  /// Until `stop`. Throws StoreError (a busy store is waited for). To be awaited to its end before destruction.
  boost::asio::awaitable<void> run();
  /// One part of it, once, with nothing waited for: deadlines; alarms.
  boost::asio::awaitable<void> run_timers_once();
  boost::asio::awaitable<void> look_once();
  /// A mailbox was looked at, or another process changed the store.
  void nudge();
  /// A try to look at a mailbox came to nothing.
  void note_failure(const std::string& mailbox);
  void stop();
  void use(const Settings& settings);
  /// How long nobody looks again after a look that took so long, whoever asks.
  [[nodiscard]] static std::chrono::milliseconds pause_after(std::chrono::nanoseconds look);
  /// How the desk is, in a line for `systemctl status`; told by itself whenever it changes.
  [[nodiscard]] const std::string& status() const { return status_.text(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Visit;

  void set_pace(const Settings& settings);
  void give_grace();
  boost::asio::awaitable<void> visit(bool looks_at_health);
  boost::asio::awaitable<void> stand_by(bool looks_at_health);
  boost::asio::awaitable<void> await_leases(bool looks_at_health);
  std::vector<Problem> with_patience_left(std::vector<Problem> problems, const std::vector<std::string>& hidden);
  boost::asio::awaitable<void> tell(std::vector<Problem> problems);
  void show_status(const std::string& before);
  void note_clock(SteadyTime now);
  boost::asio::awaitable<void> wait(std::chrono::milliseconds longest);

  Worker& worker_;
  std::shared_ptr<const Settings> settings_;
  Callbacks callbacks_;
  boost::asio::steady_timer pause_;
  std::chrono::milliseconds pace_{};      ///< between two looks that nobody asked for
  std::chrono::milliseconds grace_{};     ///< how long every mailbox may take to answer once
  SteadyTime looked_at_{};                ///< the latest look at the health
  std::chrono::nanoseconds look_took_{};  ///< of the worker's time
  /// By the name of the problem: before it, a mailbox may be silent because nobody has asked it yet.
  std::map<std::string, SteadyTime> silent_until_;
  std::map<std::string, SteadyTime> seen_;  ///< problems that are there, and since when
  std::optional<Time> next_;                ///< the next deadline
  Duration offset_{};                       ///< of the wall clock, at the latest visit
  bool set_back_ = false;                   ///< the store has not been told yet
  bool patient_ = true;                     ///< false in `look_once`
  bool nudged_ = false;
  bool stopping_ = false;
  DeskStatus status_;
};

}  // namespace ticketd
