#include "rules/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using LocalTime = date::local_time<Duration>;
using LocalDay = date::local_time<days>;

constexpr auto kHorizon = days{3653};

/// From `open` up to but not including `close`, both counted from the day's midnight and not past 24 h.
struct Interval {
  minutes open{}, close{};
};
using OpenByWeekday = std::array<std::vector<Interval>, 7>;

/// In the order of the day, no two of them touching.
std::vector<Interval> merged(std::vector<Interval> intervals) {
  std::ranges::sort(intervals, {}, &Interval::open);
  std::vector<Interval> out;
  for (const auto& interval : intervals) {
    if (!out.empty() && interval.open <= out.back().close)
      out.back().close = std::max(out.back().close, interval.close);
    else
      out.push_back(interval);
  }
  return out;
}

/// The windows cut at midnight, so that each piece belongs to the calendar day whose holiday would cut it.
OpenByWeekday open_by_weekday(const std::vector<WeeklyWindow>& windows) {
  OpenByWeekday week;
  for (const auto& window : windows) {
    auto day = window.weekday;
    auto start = window.start;
    for (auto end = window.end; end > start; ++day) {
      week[day.c_encoding()].push_back({start, std::min<minutes>(end, hours{24})});
      start = minutes{0};
      end -= hours{24};
    }
  }
  for (auto& intervals : week) intervals = merged(std::move(intervals));
  return week;
}

bool is_open_at_all(const OpenByWeekday& week) {
  return !std::ranges::all_of(week, [](const auto& intervals) { return intervals.empty(); });
}

/// When the office is open, as wall-clock time. Borrows the ruleset's holidays.
class OfficeCalendar {
 public:
  explicit OfficeCalendar(const OfficeHours& hours) : week_(open_by_weekday(hours.weekly)), holidays_(hours.holidays) {}

  [[nodiscard]] bool ever_opens() const { return is_open_at_all(week_); }

  [[nodiscard]] const std::vector<Interval>& on(LocalDay day) const {
    return is_holiday(day) ? closed_ : week_[date::weekday{day}.c_encoding()];
  }

 private:
  [[nodiscard]] bool is_holiday(LocalDay day) const {
    return std::ranges::any_of(holidays_, [day](const auto& holiday) {
      return std::chrono::sys_days{holiday}.time_since_epoch() == day.time_since_epoch();
    });
  }

  OpenByWeekday week_;
  const std::vector<std::chrono::year_month_day>& holidays_;
  const std::vector<Interval> closed_;
};

/// Local time of one zone. Between two changes of its offset wall clock and real time run alike.
class LocalClock {
 public:
  explicit LocalClock(const std::string& zone) : zone_(date::locate_zone(zone)) {}

  [[nodiscard]] LocalTime local(Time at) {
    move_to(at);
    return LocalTime{at.time_since_epoch() + offset_};
  }

  /// The instant of a wall-clock time by the offset that is in force at the time last asked for.
  [[nodiscard]] Time instant(LocalTime at) const { return Time{at.time_since_epoch() - offset_}; }

  /// When that offset ends.
  [[nodiscard]] Time offset_ends() const { return end_; }

 private:
  void move_to(Time at) {
    if (at >= begin_ && at < end_) return;
    const auto info = zone_->get_info(at);
    // The first and last spans of a zone reach beyond what microseconds can count.
    begin_ = std::max<date::sys_seconds>(info.begin, date::floor<seconds>(Time::min()) + seconds{1});
    end_ = std::min<date::sys_seconds>(info.end, date::floor<seconds>(Time::max()));
    offset_ = info.offset;
  }

  const date::time_zone* zone_;
  Time begin_{}, end_{};
  seconds offset_{};
};

/// Walks from an instant along the office time, a calendar day or the rest of an offset at a time.
class OfficeWalk {
 public:
  OfficeWalk(Time from, const Ruleset& ruleset)
      : at_(from), calendar_(ruleset.office_hours), clock_(ruleset.support.time_zone) {}

  [[nodiscard]] Time position() const { return at_; }
  [[nodiscard]] bool ever_opens() const { return calendar_.ever_opens(); }

  /// Takes the day's office time off `left`, and tells when nothing is left; else moves on.
  [[nodiscard]] std::optional<Time> use_up(Duration& left) {
    const auto day = date::floor<days>(clock_.local(at_));
    const auto stop = std::min(clock_.instant(day + days{1}), clock_.offset_ends());
    for (const auto& interval : calendar_.on(day)) {
      const auto [open, close] = open_between(at_, stop, day, interval);
      if (open >= close) continue;
      if (left <= close - open) return open + left;
      left -= close - open;
    }
    at_ = stop;
    return std::nullopt;
  }

  /// Moves on, and tells how much of what it passed was office time before `end`.
  [[nodiscard]] Duration pass_day(Time end) {
    const auto day = date::floor<days>(clock_.local(at_));
    const auto stop = std::min(clock_.instant(day + days{1}), clock_.offset_ends());
    auto passed = Duration::zero();
    for (const auto& interval : calendar_.on(day)) {
      const auto [open, close] = open_between(at_, std::min(stop, end), day, interval);
      passed += std::max(close - open, Duration::zero());
    }
    at_ = stop;
    return passed;
  }

  /// The same with whole days. What ends exactly at midnight ends on the next office day.
  [[nodiscard]] std::optional<Time> use_up_day(Duration& left) {
    const auto day = date::floor<days>(clock_.local(at_));
    const auto stop = std::min(clock_.instant(day + days{1}), clock_.offset_ends());
    if (!calendar_.on(day).empty()) {
      if (left < stop - at_) return at_ + left;
      left -= stop - at_;
    }
    at_ = stop;
    return std::nullopt;
  }

 private:
  /// What of the day's interval lies between the two; nothing does when it ends before it begins.
  [[nodiscard]] std::pair<Time, Time> open_between(Time from, Time to, LocalDay day, const Interval& interval) const {
    return {std::max(from, clock_.instant(day + interval.open)), std::min(to, clock_.instant(day + interval.close))};
  }

  Time at_;
  OfficeCalendar calendar_;
  LocalClock clock_;
};

}  // namespace

Time add_time_on(Clock clock, Time from, Duration span, const Ruleset& ruleset) {
  return clock == Clock::office_hours ? add_office_time(from, span, ruleset) : from + span;
}

Time add_office_time(Time from, Duration span, const Ruleset& ruleset) {
  OfficeWalk walk(from, ruleset);
  if (span <= Duration::zero() || !walk.ever_opens()) return from + span;
  auto left = span;
  while (walk.position() < from + kHorizon)
    if (const auto due = walk.use_up(left)) return *due;
  return left == span ? from + span : walk.position();
}

Duration response_time(Time from, Time to, Priority priority, const Ruleset& ruleset) {
  if (to <= from) return Duration::zero();
  if (clock_of(priority, ruleset) == Clock::always) return to - from;
  OfficeWalk walk(from, ruleset);
  auto used = Duration::zero();
  while (walk.position() < std::min(to, from + kHorizon)) used += walk.pass_day(to);
  return used;
}

Time add_office_days(Time from, Duration span, const Ruleset& ruleset) {
  OfficeWalk walk(from, ruleset);
  if (!walk.ever_opens()) return from + span;
  auto left = std::max(span, Duration::zero());
  while (walk.position() < from + span + kHorizon)
    if (const auto end = walk.use_up_day(left)) return *end;
  return from + span;
}

Time on_office_day(Time at, const Ruleset& ruleset) { return add_office_days(at, Duration::zero(), ruleset); }

bool in_windows(Time at, const std::vector<WeeklyWindow>& windows, const Ruleset& ruleset) {
  const auto local = LocalClock(ruleset.support.time_zone).local(at);
  const auto day = date::floor<days>(local);
  const auto week = open_by_weekday(windows);
  return std::ranges::any_of(week[date::weekday{day}.c_encoding()], [&](const Interval& interval) {
    return local >= day + interval.open && local < day + interval.close;
  });
}

bool ever_opens(const Ruleset& ruleset) { return is_open_at_all(open_by_weekday(ruleset.office_hours.weekly)); }

Clock clock_of(Priority priority, const Ruleset& ruleset) {
  return ever_opens(ruleset) ? ruleset.rule(priority).clock : Clock::always;
}

bool in_office_hours(Time at, const Ruleset& ruleset) {
  const auto& hours = ruleset.office_hours;
  return std::ranges::find(hours.holidays, local_day(at, ruleset)) == hours.holidays.end() &&
         in_windows(at, hours.weekly, ruleset);
}

std::optional<Time> next_opening(Time at, const Ruleset& ruleset) {
  constexpr Duration kMoment{1};
  OfficeWalk walk(at, ruleset);
  auto left = kMoment;
  while (walk.ever_opens() && walk.position() < at + kHorizon)
    if (const auto end = walk.use_up(left)) return *end - kMoment;
  return std::nullopt;
}

std::chrono::year_month_day local_day(Time at, const Ruleset& ruleset) {
  const auto day = date::floor<days>(LocalClock(ruleset.support.time_zone).local(at));
  return std::chrono::sys_days{day.time_since_epoch()};
}

Time local_instant(std::chrono::year_month_day day, minutes time, const Ruleset& ruleset) {
  const LocalTime local{std::chrono::sys_days{day}.time_since_epoch() + time};
  return date::locate_zone(ruleset.support.time_zone)->to_sys(local, date::choose::earliest);
}

}  // namespace ticketd
