#include "daemon/desk/worker.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ticketd {

struct Worker::Impl {
  std::unique_ptr<Desk> desk;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void(Desk&)>> jobs;
  bool stopping = false;
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::size_t> pending{0};
  std::thread thread;

  void run() {
    for (;;) {
      std::function<void(Desk&)> job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (jobs.empty()) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job(*desk);
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
