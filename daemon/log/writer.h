#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

#include "daemon/log/entry.h"

namespace ticketd::log {

/// Where lines end up. `write` may block; it is called by one thread only, and does not throw. False: the line is lost.
class Sink {
 public:
  Sink() = default;
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  [[nodiscard]] virtual bool write(const Entry& entry) = 0;
};

/// The journal when standard error is connected to it ($JOURNAL_STREAM, systemd.exec(5)), else standard error.
[[nodiscard]] std::unique_ptr<Sink> make_sink();

/// A line of standard error: on a terminal the message alone, else "2026-11-24T10:05:00Z warning: message".
[[nodiscard]] std::string stderr_line(const Entry& entry, bool is_terminal);
/// "FIELD=value" for sd_journal_sendv(3).
[[nodiscard]] std::vector<std::string> journal_fields(const Entry& entry);

/// A bounded queue in front of a sink. What does not fit, and what the sink refuses, is counted, and the count written
/// as a line of its own once the sink takes lines again.
class Writer {
 public:
  /// `patience`: how long the destructor waits for a sink that is stuck, before it leaves it to the end of the process.
  Writer(std::unique_ptr<Sink> sink, std::size_t capacity, std::chrono::milliseconds patience);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Any thread; never waits for the sink.
  void push(Entry entry);
  /// Lines that did not fit or were refused, ever.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct Queue;
  static void run(const std::shared_ptr<Queue>& queue);

  std::shared_ptr<Queue> queue_;
  std::chrono::milliseconds patience_;
  std::thread thread_;
};

}  // namespace ticketd::log
