#include "daemon/desk/worker.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ticketd {

namespace {

/// So long without a job counts as quiet.
constexpr std::chrono::seconds kQuiet{2};

}  // namespace

struct Worker::Impl {
  std::unique_ptr<Desk> desk;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void(Desk&)>> jobs;
  bool stopping = false;
  bool untidy = false;  ///< the worker's thread alone
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::size_t> pending{0};
  std::thread thread;

  /// Waits for the next job; an empty function when there will be none. After work, a quiet moment is used to tidy up.
  std::function<void(Desk&)> next_job() {
    std::unique_lock lock(mutex);
    const auto due = [this] { return stopping || !jobs.empty(); };
    if (untidy && !wake.wait_for(lock, kQuiet, due)) {
      lock.unlock();
      tidy();
      lock.lock();
    }
    wake.wait(lock, due);
    if (jobs.empty()) return nullptr;
    auto job = std::move(jobs.front());
    jobs.pop_front();
    return job;
  }

  void tidy() {
    untidy = false;
    try {
      desk->store().tidy();
    } catch (const StoreError&) {
      // House-keeping may wait. A store that is really broken tells so at the next job, to somebody who can act.
    }
  }

  void run() {
    while (auto job = next_job()) {
      job(*desk);
      untidy = true;
      job = nullptr;  // what the job holds goes before anybody is told that it is done
      finished.fetch_add(1);
      pending.fetch_sub(1);
    }
  }
};

Worker::Worker(std::unique_ptr<Desk> desk) : impl_(std::make_unique<Impl>()) {
  impl_->desk = std::move(desk);
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

void Worker::submit(std::function<void(Desk&)> job) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->jobs.push_back(std::move(job));
    impl_->pending.fetch_add(1);
  }
  impl_->wake.notify_one();
}

std::uint64_t Worker::finished() const { return impl_->finished.load(); }
std::size_t Worker::pending() const { return impl_->pending.load(); }

}  // namespace ticketd
