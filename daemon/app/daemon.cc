#include "daemon/app/daemon.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <csignal>

#include "daemon/app/endpoint.h"
#include "daemon/desk/open_desk.h"
#include "daemon/log/log.h"
#include "daemon/net/connect_error.h"
#include "daemon/service/notify.h"
#include "daemon/smtp/outbox_policy.h"
#include "daemon/sources.h"

namespace ticketd {
namespace {

/// What is in flight gets this long to end before the process goes without it.
constexpr std::chrono::seconds kStopLimit{8};
static_assert(kStopLimit >= OutboxSender::kStopGrace * 2, "leased rows must be handed back before the process goes");

/// An exchange of a refresh token gets most of it: what its answer holds can't be asked for again.
constexpr std::chrono::seconds kExchangeLimit{6};

/// Answers of the mail server that the store could not take yet may take longer; the unit allows 30 s in all.
constexpr std::chrono::seconds kSaveLimit{18};
constexpr std::chrono::milliseconds kSavePause{200};

std::unique_ptr<Desk> open_recovered_desk(const Settings& settings, SendMark& mark) {
  auto desk = open_desk(settings, settings.store_path);
  desk->use(make_desk_rules(settings));
  desk->mark_deaths_in(settings.store_path.string() + ".reading");
  const Time now = desk->now();
  std::vector<SendResult> recovered;
  for (const auto& row : desk->store().sending())
    recovered.push_back(recover(row, mark.find(row), settings.smtp, now, random_fraction()));
  desk->store().mark_results(recovered, now);
  mark.forget_all();
  desk->bring_forward(settings.smtp.retry_max);
  return desk;
}

std::string text_of(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "unknown error";
  }
}

}  // namespace

Daemon::Daemon(std::filesystem::path config_file, Settings settings)
    : config_file_(std::move(config_file)),
      settings_(std::move(settings)),
      lock_(settings_.store_path),
      sending_(settings_.store_path.string() + ".sending"),
      worker_(open_recovered_desk(settings_, sending_)),
      leases_(lease_times()),
      refresh_tokens_(io_, settings_.store_path, [this](StoredTokens::Job job) { return visit_store(std::move(job)); }),
      sender_(network_, worker_, sending_, settings_.smtp, endpoints(), system_now, random_fraction, outbox_options()),
      webhooks_(network_, worker_, settings_, system_now, random_fraction, webhook_options()),
      housekeeper_(io_, worker_, settings_,
                   {[this] { nudge_senders(); }, [this] { watch_nudges(); }, [this] { return leases_say(); }}),
      monitor_(io_, worker_, settings_, [this] { return token_health(); }),
      generation_(make_generation(settings_)) {
  tokens_.use(settings_);
  leases_.expect(settings_.mailboxes);
  leases_.listen([this] {
    wake();
    generation_->leases_changed();
  });
}

/// Whoever finds that nothing is known any more has somebody look.
LeaseBoard::Says Daemon::leases_say() {
  const auto says = leases_.says();
  if (says == LeaseBoard::Says::wait && generation_) generation_->refresh_leases();
  return says;
}

OutboxSender::Options Daemon::outbox_options() {
  OutboxSender::Options options;
  options.alarms_since = system_now();
  options.may = [this] {
    const auto says = leases_say();
    return says == LeaseBoard::Says::go     ? OutboxSender::May::all
           : says == LeaseBoard::Says::wait ? OutboxSender::May::nothing
                                            : OutboxSender::May::alarms;
  };
  return options;
}

WebhookSender::Options Daemon::webhook_options() {
  WebhookSender::Options options;
  options.may = [this] { return leases_say() == LeaseBoard::Says::go; };
  return options;
}

ExitCode Daemon::run() {
  monitor_.use(settings_);
  nudges_.emplace(io_, [this] { wake(); });
  feed_watchdog();
  watch(run_mailboxes());
  watch(sender_.run());
  watch(webhooks_.run());
  watch(housekeeper_.run());
  watch(monitor_.run());
  watch(tokens_.keep_fresh());
  run_loop();
  return result_;
}

ExitCode Daemon::run_once() {
  once_ = true;
  watch(run_pass());
  run_loop();
  return result_;
}

void Daemon::run_loop() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  await_signals();
  log::started(TICKETD_VERSION, settings_.store_path.string());
  io_.run();
  log::stopped();
}

/// The store may have something new, for whoever acts on it.
void Daemon::wake() {
  nudge_senders();
  housekeeper_.nudge();
}

void Daemon::watch_nudges() {
  if (nudges_) nudges_->keep_listening();
}

/// The outbox may have something new.
void Daemon::nudge_senders() {
  sender_.nudge();
  webhooks_.nudge();
}

std::unique_ptr<Generation> Daemon::make_generation(const Settings& settings) {
  Generation::Callbacks callbacks;
  callbacks.endpoint = endpoints();
  callbacks.ready = [this] { service::notify_ready(housekeeper_.status()); };
  callbacks.queued = [this] { nudge_senders(); };
  callbacks.passed = [this] { wake(); };
  callbacks.failed = [this](const std::string& mailbox) { housekeeper_.note_failure(mailbox); };
  return std::make_unique<Generation>(network_, worker_, leases_, settings, std::move(callbacks));
}

EndpointSource Daemon::endpoints() {
  return [this](const ServerSettings& server) { return make_endpoint(tokens_, server); };
}

std::vector<TokenHealth> Daemon::token_health() const {
  std::vector<TokenHealth> health;
  const auto add = [&](const ServerSettings& server, std::string name) {
    const auto standing = tokens_.standing(server);
    if (!standing) return;
    auto& token = health.emplace_back(TokenHealth{std::move(name), standing->is_good, {}});
    if (standing->expires_at)
      token.expires_at =
          system_now() + std::chrono::floor<Duration>(*standing->expires_at - std::chrono::steady_clock::now());
  };
  for (const auto& mailbox : settings_.mailboxes) add(mailbox.server, "mailbox " + mailbox.name);
  for (const auto& server : settings_.smtp.servers) add(server, public_url(server.url));
  return health;
}

boost::asio::awaitable<void> Daemon::visit_store(StoredTokens::Job job) {
  auto visit = [job = std::move(job)](Desk& desk) {
    job(desk.store());
    return true;
  };
  co_await worker_.run<bool>(std::move(visit));
}

boost::asio::awaitable<void> Daemon::run_mailboxes() {
  for (;;) {
    co_await generation_->run();
    if (stopping_ || !next_generation_) co_return;
    generation_ = std::move(next_generation_);
  }
}

boost::asio::awaitable<void> Daemon::run_pass() {
  const bool polled = co_await generation_->run_once();
  co_await housekeeper_.run_timers_once();
  bool sent = co_await sender_.run_once();
  co_await housekeeper_.look_once();
  const bool told = co_await sender_.run_once();
  co_await webhooks_.run_once();
  co_await generation_->end_leases();
  sent = sent && told;
  if (!polled || !sent) result_ = kExitTryAgain;
}

void Daemon::watch(boost::asio::awaitable<void> conversation) {
  ++running_;
  boost::asio::co_spawn(io_, std::move(conversation), [this](std::exception_ptr error) { end_one(std::move(error)); });
}

void Daemon::end_one(std::exception_ptr error) {
  if (error) {
    log::daemon_failed(text_of(std::move(error)));
    result_ = kExitTryAgain;
    begin_stop();  // what one conversation dies of (the store) would kill the others too
  }
  if (--running_ > 0) return;
  signals_.cancel();
  watchdog_.cancel();
  stop_limit_.cancel();
  nudges_.reset();
}

void Daemon::await_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGHUP)
      reload();
    else
      begin_stop();
    await_signals();
  });
}

void Daemon::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  service::notify_stopping();
  generation_->stop();
  sender_.stop();
  webhooks_.stop();
  housekeeper_.stop();
  monitor_.stop();
  tokens_.stop();
  save_limit_ = std::chrono::steady_clock::now() + kSaveLimit;
  stop_limit_.expires_after(kExchangeLimit);
  await_exchange_limit();
}

void Daemon::await_exchange_limit() {
  stop_limit_.async_wait([this](const boost::system::error_code& error) {
    if (error || running_ == 0) return;
    tokens_.give_up();
    stop_limit_.expires_after(kStopLimit - kExchangeLimit);
    await_stop_limit();
  });
}

void Daemon::await_stop_limit() {
  stop_limit_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const auto unsaved = sender_.unsaved() + webhooks_.unsaved();
    if (unsaved + tokens_.unsaved() > 0 && std::chrono::steady_clock::now() < save_limit_) {
      stop_limit_.expires_after(kSavePause);
      return await_stop_limit();
    }
    if (unsaved > 0) {
      log::daemon_failed(
          fmt::format("what became of {} mails and calls could not be written to the store, for another process has it "
                      "locked; the next start does it for the mails, and makes the calls again",
                      unsaved));
      result_ = kExitTryAgain;
    }
    if (tokens_.unsaved() > 0) {
      tokens_.log_unsaved();
      result_ = kExitTryAgain;
    }
    io_.stop();
  });
}

void Daemon::reload() {
  if (stopping_ || once_) return;
  service::notify_reloading();
  auto loaded = load_settings(config_file_);
  if (!loaded.settings) {
    for (const auto& problem : loaded.problems)
      if (!problem.warning) log::configuration_refused(to_string(problem));
    return service::notify_ready(housekeeper_.status());
  }
  if (loaded.settings->store_path != settings_.store_path)
    return refuse("store.path can't change while the daemon runs: restart it");
  try {
    use(std::move(*loaded.settings));
  } catch (const std::exception& error) {
    refuse(error.what());
  }
}

void Daemon::refuse(const std::string& reason) {
  log::configuration_refused(reason);
  service::notify_ready(housekeeper_.status());
}

void Daemon::use(Settings settings) {
  auto rules = make_desk_rules(settings);
  auto generation = make_generation(settings);
  monitor_.use(settings);
  next_generation_ = std::move(generation);
  settings_ = std::move(settings);
  sender_.use(settings_.smtp);
  webhooks_.use(settings_);
  housekeeper_.use(settings_);
  tokens_.use(settings_);
  watch(use_rules(std::move(rules)));
  generation_->stop(settings_.mailboxes);
  log::configuration_reloaded();
}

boost::asio::awaitable<void> Daemon::use_rules(std::shared_ptr<const DeskRules> rules) {
  bool is_used = false;
  while (!is_used && !stopping_) {
    auto job = [rules](Desk& desk) {
      try {
        desk.use(rules);
      } catch (const StoreBusy&) {
        return false;
      }
      return true;
    };
    is_used = co_await worker_.run<bool>(std::move(job));  // waits for a busy store before it gives up
  }
}

void Daemon::feed_watchdog() {
  const auto interval = service::watchdog_interval();
  if (!interval) return;
  // Only a worker that gets on, or has nothing to do, proves that the daemon is alive.
  const auto finished = worker_.finished();
  if (worker_.pending() == 0 || finished != worker_progress_) service::notify_watchdog();
  worker_progress_ = finished;
  watchdog_.expires_after(*interval / 2);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed_watchdog();
  });
}

}  // namespace ticketd
