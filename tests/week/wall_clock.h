#pragma once

#include <cstdint>

#include "tests/week/world.h"

namespace ticketd::week {

/// Office hours and closing days by looking at the wall clock at every minute of the simulated time. Nothing is
/// calculated with offsets: that a minute comes twice, or never, is seen by reading the clock.
class WallClock {
 public:
  explicit WallClock(const World& world);

  [[nodiscard]] bool office_is_open(Time at) const { return minute(at).is_open; }
  /// When so much office time has passed since `from`.
  [[nodiscard]] Time after_office_time(Time from, Duration span) const;
  /// When so much time of days on which the office opens at all has passed, on such a day.
  [[nodiscard]] Time after_office_days(Time from, Duration span) const;
  [[nodiscard]] Time next_opening(Time at) const;
  [[nodiscard]] bool is_away(const Person& person, Time at) const;
  [[nodiscard]] bool is_available(const Person& person, Time at) const;
  [[nodiscard]] std::string shown(Time at) const;  ///< "Sun 2026-10-25 02:30:00 (00:30:00Z)"

 private:
  struct Minute {
    std::chrono::year_month_day day;
    int weekday = 0;  ///< Monday is 1
    int of_day = 0;
    bool is_open = false, is_office_day = false;
  };
  [[nodiscard]] const Minute& minute(Time at) const;
  [[nodiscard]] static bool is_in(const std::vector<Hours>& hours, const Minute& minute);
  [[nodiscard]] bool opens_on(const Minute& minute) const;

  const World& world_;
  Time first_{};
  std::vector<Minute> minutes_;
};

}  // namespace ticketd::week
