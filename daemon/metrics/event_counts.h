#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "daemon/log/observer.h"

namespace ticketd {

/// Upper bounds of the lag's buckets, seconds.
inline constexpr std::array kLagBounds{1.0,   2.0,   5.0,   10.0,   30.0,     60.0,
                                       120.0, 300.0, 900.0, 3600.0, 21'600.0, 86'400.0};

struct LagHistogram {
  std::array<std::uint64_t, kLagBounds.size()> at_most{};  ///< by bucket, each with those below it
  std::uint64_t count = 0;
  double sum = 0;  ///< seconds

  void add(double seconds);
};

/// What happened since the start, by the log's events: each of them passes there, once.
class EventCounts : public log::Observer {
 public:
  using Pair = std::pair<std::string, std::string>;
  struct Totals {
    std::map<Pair, std::uint64_t> filed;            ///< mailbox, outcome
    std::map<std::string, LagHistogram> lag;        ///< mailbox; of what became part of a ticket
    std::map<std::string, std::uint64_t> sent;      ///< kind
    std::map<std::string, std::uint64_t> not_sent;  ///< state
    std::map<std::string, std::uint64_t, std::less<>> events;
  };
  /// Any thread.
  void note(const log::Entry& entry) override;
  [[nodiscard]] Totals totals() const;

 private:
  void note_filed(const log::Entry& entry);

  mutable std::mutex mutex_;
  Totals totals_;
};

}  // namespace ticketd
