#include "daemon/desk/worker.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ticketd {

using SteadyClock = std::chrono::steady_clock;

struct Worker::Impl {
  std::unique_ptr<Desk> desk;
  Pace pace;
  SteadyClock::time_point kept_house_at = SteadyClock::now();  ///< the worker's thread alone
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> tasks;
  bool stopping = false;
  bool untidy = false;        ///< likewise
  std::exception_ptr broken;  ///< likewise: what the store failed of for good
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::size_t> pending{0};
  std::thread thread;

  /// Waits for the next task; an empty one when there will be none. After work, an idle moment is used to tidy up.
  Task next_task() {
    std::unique_lock lock(mutex);
    const auto due = [this] { return stopping || !tasks.empty(); };
    if (untidy && !wake.wait_for(lock, pace.quiet, due)) {
      lock.unlock();
      keep_house(&Desk::tidy);
      untidy = false;
      lock.lock();
    }
    wake.wait(lock, due);
    if (tasks.empty()) return nullptr;
    auto task = std::move(tasks.front());
    tasks.pop_front();
    return task;
  }

  void keep_house(void (Desk::*part)()) {
    kept_house_at = SteadyClock::now();
    if (broken) return;
    try {
      (*desk.*part)();
    } catch (...) {
      note(std::current_exception());  // the next task tells it to somebody who can act
    }
  }

  void note(const std::exception_ptr& error) {
    if (!error || broken) return;
    try {
      std::rethrow_exception(error);
    } catch (const StoreBusy&) {
    } catch (const StoreError&) {
      broken = error;
    } catch (...) {
    }
  }

  void run() {
    while (auto task = next_task()) {
      note(task(*desk, broken));
      untidy = true;
      task = nullptr;  // what it holds goes before anybody is told that it is done
      finished.fetch_add(1);
      pending.fetch_sub(1);
      if (SteadyClock::now() - kept_house_at >= pace.between_idle) keep_house(&Desk::forget);
    }
  }
};

Worker::Worker(std::unique_ptr<Desk> desk, Pace pace) : impl_(std::make_unique<Impl>()) {
  impl_->desk = std::move(desk);
  impl_->pace = pace;
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

void Worker::submit(Task task) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->tasks.push_back(std::move(task));
    impl_->pending.fetch_add(1);
  }
  impl_->wake.notify_one();
}

std::uint64_t Worker::finished() const { return impl_->finished.load(); }
std::size_t Worker::pending() const { return impl_->pending.load(); }

}  // namespace ticketd
