#include "rules/weekly_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::weekday;

using Windows = std::variant<std::vector<WeeklyWindow>, std::string>;

constexpr std::string_view kExample = "write it like \"mon-fri 09:00-17:30\", or \"always\"";
constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const auto length = std::min(text.find_first_of(kBlank), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

/// "mon-fri" as two halves, "mon" as twice the same.
std::pair<std::string_view, std::string_view> range_of(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {text, text};
  return {text.substr(0, dash), text.substr(dash + 1)};
}

std::optional<weekday> parse_day(std::string_view name) {
  for (unsigned i = 0; i < kDays.size(); ++i)
    if (name == kDays[i] || name == kDays[i].substr(0, 3)) return weekday{i};
  return std::nullopt;
}

bool is_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

/// "8:00", "08:00" up to "24:00".
std::optional<minutes> parse_clock_time(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  const auto hour_text = text.substr(0, colon), minute_text = text.substr(colon + 1);
  if (!is_digits(hour_text) || !is_digits(minute_text)) return std::nullopt;
  const hours hour{std::stoi(std::string(hour_text))};
  const minutes minute{std::stoi(std::string(minute_text))};
  if (minute >= hours{1} || hour + minute > hours{24}) return std::nullopt;
  return hour + minute;
}

std::vector<WeeklyWindow> windows_on(weekday first, weekday last, minutes start, minutes end) {
  std::vector<WeeklyWindow> windows;
  for (auto day = first;; ++day) {
    windows.push_back({day, start, end});
    if (day == last) return windows;
  }
}

std::variant<std::pair<minutes, minutes>, std::string> parse_hours(std::string_view text) {
  const auto [from, to] = range_of(text);
  const auto start = parse_clock_time(from), end = parse_clock_time(to);
  if (!start || !end || from.size() == text.size())
    return fmt::format(
        "\"{}\" is no span of time: two times from 00:00 to 24:00 with a dash between, as in 09:00-17:30", text);
  if (*start == hours{24}) return fmt::format("\"{}\" starts at the end of the day: write 00:00 of the next day", text);
  if (*start == *end) return fmt::format("\"{}\" is empty: write 00:00-24:00 for a whole day", text);
  return std::pair{*start, *end > *start ? *end : *end + hours{24}};
}

Windows parse_span(std::string_view days, std::string_view times) {
  const auto [from, to] = range_of(days);
  const auto first = parse_day(from), last = parse_day(to);
  if (!first || !last)
    return fmt::format("\"{}\" is no day: mon, tue, wed, thu, fri, sat, sun, or two of them with a dash between",
                       !first ? from : to);
  const auto span = parse_hours(times);
  if (const auto* wrong = std::get_if<std::string>(&span)) return *wrong;
  const auto [start, end] = std::get<0>(span);
  return windows_on(*first, *last, start, end);
}

}  // namespace

Windows parse_weekly_windows(std::string_view text) {
  const auto lowered = to_lower(text);
  const auto words = words_of(lowered);
  if (words.size() == 1 && words[0] == "always")
    return windows_on(std::chrono::Monday, std::chrono::Sunday, minutes{0}, hours{24});
  if (words.size() != 2) return fmt::format("\"{}\" is no weekly window: {}", text, kExample);
  return parse_span(words[0], words[1]);
}

}  // namespace ticketd
