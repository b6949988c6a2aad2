#pragma once

#include <cstdint>

#include "daemon/log/entry.h"

namespace ticketd::log {

/// Is told of every line, before it is queued: also of one that does not fit any more. Any thread; must not wait, nor
/// log.
class Observer {
 public:
  Observer() = default;
  virtual ~Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual void note(const Entry& entry) = 0;
};

/// For its lifetime, `observer` is told. One at a time; both outlive every thread that logs, or its last line.
class Observation {
 public:
  explicit Observation(Observer& observer);
  ~Observation();
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;
};

/// Lines that the present Session had no room for; 0 without one.
[[nodiscard]] std::uint64_t dropped_lines();

}  // namespace ticketd::log
