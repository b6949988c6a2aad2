#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ticketd {

/// A span of local wall-clock time that recurs each week, from `start` of its weekday up to but not including `end`.
/// Both count from midnight of `weekday`; `end` is above `start` and passes 24 h when the window crosses midnight.
struct WeeklyWindow {
  std::chrono::weekday weekday;
  std::chrono::minutes start{};
  std::chrono::minutes end{};
  bool operator==(const WeeklyWindow&) const = default;
};

/// Reads "always", "mon-fri 09:00-17:30", "sat 22:00-06:00" (crosses midnight), "sat-sun 00:00-24:00", "fri-mon
/// 8:00-12:00". On failure a sentence that says what is wrong and what is allowed.
[[nodiscard]] std::variant<std::vector<WeeklyWindow>, std::string> parse_weekly_windows(std::string_view text);

}  // namespace ticketd
