#include "daemon/metrics/monitor.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <utility>

#include "daemon/sources.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// So old may be what is told.
constexpr std::chrono::milliseconds kFresh{1'000};
/// So long does a request wait for the store; Prometheus gives up after ten seconds.
constexpr std::chrono::milliseconds kPatience{5'000};

constexpr std::string_view kNoAnswer = "the store gives no answer: see ticketctl status, and the log";

}  // namespace

struct Monitor::Look {
  SnapshotPointer latest;
  SteadyClock::time_point taken_at;
  bool is_running = false;
  std::list<std::shared_ptr<asio::steady_timer>> waiting;
};

Monitor::Monitor(asio::io_context& io, Worker& worker, const Settings& settings, TokenSource tokens)
    : io_(io),
      worker_(worker),
      settings_(std::make_shared<const Settings>(settings)),
      tokens_(std::move(tokens)),
      started_at_(system_now()),
      look_(std::make_shared<Look>()),
      server_(io, [this](HttpServer::Request request) { return respond(std::move(request)); }) {}

void Monitor::use(const Settings& settings) {
  auto used = std::make_shared<const Settings>(settings);
  server_.listen(settings.metrics_listen);
  settings_ = std::move(used);
  look_->latest.reset();
}

void Monitor::stop() {
  server_.stop();
  for (const auto& each : look_->waiting) each->cancel();
}

asio::awaitable<std::optional<HttpServer::Response>> Monitor::respond(HttpServer::Request request) {
  std::optional<HttpServer::Response> response;
  if (request.path == "/metrics") {
    response = co_await metrics();
  } else if (request.path == "/health") {
    response = co_await health(std::move(request));
  }
  co_return response;
}

asio::awaitable<HttpServer::Response> Monitor::health(HttpServer::Request request) {
  const SnapshotPointer known = co_await snapshot();
  std::vector<std::string> problems;
  if (!known) problems.emplace_back(kNoAnswer);
  if (known)
    for (const auto& problem : known->problems) problems.push_back(problem.text);
  const bool as_json = request.query == "json" || request.accept.find("application/json") != std::string::npos;
  co_return HttpServer::Response{problems.empty() ? 200U : 503U,
                                 as_json ? "application/json" : "text/plain; charset=utf-8",
                                 as_json ? health_json(problems) : health_text(problems)};
}

asio::awaitable<HttpServer::Response> Monitor::metrics() {
  const auto jobs = worker_.pending();  // without ours
  const SnapshotPointer known = co_await snapshot();
  const auto settings = settings_;
  PageInput input{*settings};
  input.snapshot = known.get();
  input.events = events_.totals();
  input.process = process_figures();
  input.started_at = started_at_;
  if (tokens_) input.tokens = tokens_();
  input.log_dropped = log::dropped_lines();
  input.connections_cut = server_.cut();
  input.worker_jobs = jobs;
  co_return HttpServer::Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics_page(input)};
}

/// nullptr: the store gives no answer in time.
asio::awaitable<Monitor::SnapshotPointer> Monitor::snapshot() {
  const auto look_state = look_;
  if (look_state->latest && SteadyClock::now() - look_state->taken_at < kFresh) co_return look_state->latest;
  look_state->latest.reset();
  if (!look_state->is_running) look();
  const auto patience = std::make_shared<asio::steady_timer>(io_, kPatience);
  look_state->waiting.push_back(patience);
  boost::system::error_code ignored;
  co_await patience->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  look_state->waiting.remove(patience);
  co_return look_state->latest;
}

/// Starts one; those who wait are told of its end.
void Monitor::look() {
  look_->is_running = true;
  auto job = [settings = settings_](Desk& desk) {
    return std::make_shared<const Snapshot>(take_snapshot(desk, *settings));
  };
  asio::co_spawn(io_, worker_.run<SnapshotPointer>(std::move(job)),
                 [state = look_](const std::exception_ptr& error, SnapshotPointer taken) {
                   state->is_running = false;
                   state->latest = error ? nullptr : std::move(taken);
                   state->taken_at = SteadyClock::now();
                   for (const auto& each : state->waiting) each->cancel();
                 });
}

}  // namespace ticketd
