#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/desk/desk.h"

namespace ticketd {

/// The one thread that owns the Desk (and so the store's writing connection). Jobs run in the order in which they are
/// submitted; the network thread awaits their results, so that its own batches bound the queue. After a StoreError (but
/// for StoreBusy) no further job is run: each ends with that same error, for nothing that a broken disk says can be
/// built upon.
class Worker {
 public:
  /// When house-keeping is done.
  struct Pace {
    std::chrono::milliseconds breath{50};              ///< so long without a job, and the search index catches up,
                                                       ///< with pauses as long as its pieces
    std::chrono::milliseconds between_breaths{1'000};  ///< where no such moment comes, a piece of that is done so often
    std::chrono::milliseconds quiet{2'000};            ///< so long without a job counts as an idle moment
    std::chrono::milliseconds between_idle{10'000};    ///< where no idle moment comes, part of it is done so often
    std::chrono::milliseconds at_end{1'000};  ///< so long what is queued at the end waits for a locked store, in all
  };
  explicit Worker(std::unique_ptr<Desk> desk) : Worker(std::move(desk), Pace()) {}
  Worker(std::unique_ptr<Desk> desk, Pace pace);
  /// Runs what is queued to its end, then joins. Where another process has the store locked, all of it together waits
  /// for Pace::at_end, and what is left then ends with StoreBusy.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `job(Desk&)` on the worker thread and resumes the caller on its own executor with the result, or with the
  /// exception it threw. `Job` must be a *named* callable that was moved in, never a lambda written inside the co_await
  /// expression (g++ 12 destroys that twice).
  template <class Result, class Job>
  boost::asio::awaitable<Result> run(Job job);

  /// How many jobs have been finished: the watchdog's proof of progress.
  [[nodiscard]] std::uint64_t finished() const;
  /// Jobs waiting or running.
  [[nodiscard]] std::size_t pending() const;

 private:
  /// Gets the desk, or the error after which nothing is done with it any more; returns what it failed of.
  using Task = std::function<std::exception_ptr(Desk&, const std::exception_ptr&)>;
  void submit(Task task);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

template <class Result, class Job>
boost::asio::awaitable<Result> Worker::run(Job job) {
  struct State {
    std::optional<Result> result;
    std::exception_ptr error;
  };
  auto state = std::make_shared<State>();
  auto shared_job = std::make_shared<Job>(std::move(job));
  auto executor = co_await boost::asio::this_coro::executor;
  auto initiate = [this, state, shared_job, executor](auto handler) {
    auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
    // Without the guard the loop could run out of work while the worker still has the job.
    submit([state, shared_job, shared_handler, executor, guard = boost::asio::make_work_guard(executor)](
               Desk& desk, const std::exception_ptr& broken) {
      state->error = broken;
      try {
        if (!broken) state->result.emplace((*shared_job)(desk));
      } catch (...) {
        state->error = std::current_exception();
      }
      const auto error = state->error;
      // The handler goes over whole: nothing of the coroutine is ever destroyed on this thread.
      boost::asio::post(executor, [resume = std::move(*shared_handler)]() mutable { resume(); });
      return error;
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(std::move(initiate),
                                                                                      boost::asio::use_awaitable);
  if (state->error) std::rethrow_exception(state->error);
  co_return std::move(*state->result);
}

}  // namespace ticketd
