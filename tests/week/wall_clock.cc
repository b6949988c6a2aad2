#include "tests/week/wall_clock.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>

namespace ticketd::week {

WallClock::WallClock(const World& world) : world_(world), first_(world.start - std::chrono::days{1}) {
  const auto* zone = date::locate_zone(world.zone);
  const Time last = world.end() + std::chrono::days{30};
  for (Time at = first_; at < last; at += 1min) {
    const auto local = zone->to_local(at);
    const auto midnight = date::floor<std::chrono::days>(local);
    const std::chrono::sys_days day{midnight.time_since_epoch()};
    Minute minute;
    minute.day = day;
    minute.weekday = static_cast<int>(std::chrono::weekday{day}.iso_encoding());
    minute.of_day = static_cast<int>(date::floor<std::chrono::minutes>(local - midnight).count());
    minute.is_office_day = opens_on(minute);
    minute.is_open = minute.is_office_day && is_in(world.office, minute);
    minutes_.push_back(minute);
  }
}

const WallClock::Minute& WallClock::minute(Time at) const {
  return minutes_.at(static_cast<std::size_t>((at - first_) / 1min));
}

/// Each span is looked at on its own day and, where it crosses midnight, on the morning after.
bool WallClock::is_in(const std::vector<Hours>& hours, const Minute& minute) {
  const auto is_on = [](const Hours& each, int weekday) {
    return each.weekdays.find(static_cast<char>('0' + weekday)) != std::string::npos;
  };
  const int yesterday = minute.weekday == 1 ? 7 : minute.weekday - 1;
  return std::ranges::any_of(hours, [&](const Hours& each) {
    const auto start = each.start.count(), end = each.end.count();
    if (end > start) return is_on(each, minute.weekday) && minute.of_day >= start && minute.of_day < end;
    return (is_on(each, minute.weekday) && minute.of_day >= start) || (is_on(each, yesterday) && minute.of_day < end);
  });
}

bool WallClock::opens_on(const Minute& minute) const {
  if (std::ranges::find(world_.holidays, minute.day) != world_.holidays.end()) return false;
  return std::ranges::any_of(world_.office, [&](const Hours& each) {
    return each.weekdays.find(static_cast<char>('0' + minute.weekday)) != std::string::npos;
  });
}

Time WallClock::after_office_time(Time from, Duration span) const {
  for (Time at = from;;) {
    const Time next = std::chrono::floor<std::chrono::minutes>(at) + 1min;
    if (minute(at).is_open) {
      if (span <= next - at) return at + span;
      span -= next - at;
    }
    at = next;
  }
}

Time WallClock::after_office_days(Time from, Duration span) const {
  for (Time at = from;;) {
    const Time next = std::chrono::floor<std::chrono::minutes>(at) + 1min;
    if (minute(at).is_office_day) {
      if (span < next - at) return at + span;
      span -= next - at;
    }
    at = next;
  }
}

Time WallClock::next_opening(Time at) const {
  while (!minute(at).is_open) at = std::chrono::floor<std::chrono::minutes>(at) + 1min;
  return at;
}

bool WallClock::is_away(const Person& person, Time at) const {
  return std::ranges::find(person.away, minute(at).day) != person.away.end();
}

bool WallClock::is_available(const Person& person, Time at) const {
  return !is_away(person, at) && is_in(person.available, minute(at));
}

std::string WallClock::shown(Time at) const {
  static constexpr const char* kDays[] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const auto& local = minute(at);
  const auto second = std::chrono::floor<std::chrono::seconds>(at) - std::chrono::floor<std::chrono::minutes>(at);
  return fmt::format("{} {:02}.{:02}. {:02}:{:02}:{:02} ({})", kDays[local.weekday],
                     static_cast<unsigned>(local.day.day()), static_cast<unsigned>(local.day.month()),
                     local.of_day / 60, local.of_day % 60, second.count(), iso8601(at));
}

}  // namespace ticketd::week
