#include "daemon/log/writer.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include <fmt/format.h>

namespace ticketd::log {

struct Writer::Queue {
  const std::unique_ptr<Sink> sink;
  const std::size_t capacity;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Entry> waiting;
  std::uint64_t dropped = 0;  ///< and not told yet
  std::uint64_t dropped_ever = 0;
  std::uint64_t reporting = 0;  ///< lines that the entry in the sink's hands tells of; 0: it is a line of the desk's
  bool refused = false;         ///< the latest line; only the next one tells whether that is over
  bool closed = false;
  bool finished = false;

  Queue(std::unique_ptr<Sink> where, std::size_t most) : sink(std::move(where)), capacity(most) {}

  [[nodiscard]] bool has_report() const { return dropped > 0 && !refused; }

  // The next line, waiting for it; nullopt when there will be none.
  std::optional<Entry> pop() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !waiting.empty() || has_report() || closed; });
    reporting = has_report() ? std::exchange(dropped, 0) : 0;
    if (reporting > 0) return lines_dropped(reporting);
    if (waiting.empty()) return std::nullopt;
    Entry entry = std::move(waiting.front());
    waiting.pop_front();
    return entry;
  }

  void note(bool written) {
    const std::lock_guard lock(mutex);
    refused = !written;
    if (written) return;
    if (reporting > 0)
      dropped += reporting;
    else
      drop_one();
  }

  void drop_one() {
    ++dropped;
    ++dropped_ever;
  }

  static Entry lines_dropped(std::uint64_t count) {
    return {Event::lines_dropped,
            Severity::warning,
            fmt::format("{} lines of this log were dropped: they could not be written, or not fast enough", count),
            {{"TICKETD_COUNT", fmt::format("{}", count)}},
            std::chrono::floor<Duration>(std::chrono::system_clock::now())};
  }
};

Writer::Writer(std::unique_ptr<Sink> sink, std::size_t capacity, std::chrono::milliseconds patience)
    : queue_(std::make_shared<Queue>(std::move(sink), capacity)), patience_(patience) {
  thread_ = std::thread([queue = queue_] { run(queue); });
}

void Writer::run(const std::shared_ptr<Queue>& queue) {
  while (const std::optional<Entry> entry = queue->pop()) queue->note(queue->sink->write(*entry));
  const std::lock_guard lock(queue->mutex);
  queue->finished = true;
  queue->changed.notify_all();
}

void Writer::push(Entry entry) {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->waiting.size() >= queue_->capacity)
    queue_->drop_one();
  else
    queue_->waiting.push_back(std::move(entry));
  queue_->changed.notify_all();
}

std::uint64_t Writer::dropped() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->dropped_ever;
}

Writer::~Writer() {
  std::unique_lock lock(queue_->mutex);
  queue_->closed = true;
  queue_->changed.notify_all();
  const bool finished = queue_->changed.wait_for(lock, patience_, [this] { return queue_->finished; });
  lock.unlock();
  if (finished)
    thread_.join();
  else
    thread_.detach();
}

}  // namespace ticketd::log
