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
  // Of the worker's thread alone.
  SteadyClock::time_point kept_house_at = SteadyClock::now();
  SteadyClock::time_point indexed_at = SteadyClock::now();  ///< or the first job since all was indexed
  bool unindexed = true;                                    ///< the search index may lack something
  bool index_is_busy = false;                               ///< another process was writing when it was tried
  bool untidy = false;
  std::exception_ptr broken;  ///< what the store failed of for good

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> tasks;
  bool stopping = false;
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::size_t> pending{0};
  std::thread thread;

  [[nodiscard]] bool is_wanted() const { return stopping || !tasks.empty(); }

  /// Waits for the next task; an empty one when there will be none. Idle moments after work are used to keep house.
  Task next_task() {
    std::unique_lock lock(mutex);
    const auto wanted = [this] { return is_wanted(); };
    const auto keep_house = [&](void (Impl::*chore)()) {
      lock.unlock();
      (this->*chore)();
      lock.lock();
    };
    auto pause = pace.breath;
    while (unindexed && !wake.wait_for(lock, pause, wanted)) {
      keep_house(&Impl::index);
      const auto took = std::chrono::ceil<std::chrono::milliseconds>(SteadyClock::now() - indexed_at);
      pause = index_is_busy ? pace.quiet : took;  // others may write now
    }
    while (untidy && !wake.wait_for(lock, pace.quiet, wanted)) keep_house(&Impl::tidy);
    wake.wait(lock, wanted);
    if (tasks.empty()) return nullptr;
    auto task = std::move(tasks.front());
    tasks.pop_front();
    return task;
  }

  void index() {
    indexed_at = SteadyClock::now();
    unindexed = index_is_busy = false;
    attempt([this] {
      try {
        unindexed = desk->index();
      } catch (const StoreBusy&) {
        unindexed = index_is_busy = true;
      }
    });
  }

  void index_in_passing() {
    indexed_at = SteadyClock::now();
    attempt([this] { desk->index_in_passing(); });
  }

  void tidy() {
    kept_house_at = SteadyClock::now();
    untidy = false;
    attempt([this] { untidy = desk->tidy(); });
  }

  void forget() {
    kept_house_at = SteadyClock::now();
    attempt([this] { desk->forget(); });
  }

  /// What it fails of, the next task tells to somebody who can act.
  template <class Chore>
  void attempt(const Chore& chore) {
    if (broken) return;
    try {
      chore();
    } catch (...) {
      note(std::current_exception());
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
      if (!unindexed) indexed_at = SteadyClock::now();
      unindexed = untidy = true;
      task = nullptr;  // what it holds goes before anybody is told that it is done
      finished.fetch_add(1);
      pending.fetch_sub(1);
      const auto now = SteadyClock::now();
      if (now - indexed_at >= pace.between_breaths) index_in_passing();
      if (now - kept_house_at >= pace.between_idle) forget();
    }
  }
};

Worker::Worker(std::unique_ptr<Desk> desk, Pace pace) : impl_(std::make_unique<Impl>()) {
  impl_->desk = std::move(desk);
  impl_->pace = pace;
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Worker::~Worker() {
  impl_->desk->store().stop_waiting_at(SteadyClock::now() + impl_->pace.at_end);
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
