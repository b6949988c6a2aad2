#include "rules/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "rules/calendar.h"

namespace ticketd {
namespace {

/// A row while it is being counted.
struct Group {
  StatisticsRow row;
  std::vector<Duration> times;
};
using Groups = std::map<std::string, Group>;

/// "2026-W48": the week that has the day's Thursday.
std::string week_of(Time at, const Ruleset& ruleset) {
  const auto day = std::chrono::sys_days{local_day(at, ruleset)};
  const auto thursday = day + std::chrono::days{4} - std::chrono::days{std::chrono::weekday{day}.iso_encoding()};
  const auto year = std::chrono::year_month_day{thursday}.year();
  const auto first = std::chrono::sys_days{year / std::chrono::January / 1};
  return fmt::format("{}-W{:02}", static_cast<int>(year), (thursday - first).count() / 7 + 1);
}

/// The smallest of the times that so large a part of them does not exceed.
std::optional<Duration> nearest_rank(std::vector<Duration>& times, double part) {
  if (times.empty()) return std::nullopt;
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(times.size())));
  const auto place = times.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::ranges::nth_element(times, place);
  return *place;
}

void count(Group& group, const AnswerTarget& target, Duration time, Time now) {
  auto& row = group.row;
  ++row.owed;
  if (target.responded_at) {
    ++row.answered;
    group.times.push_back(time);
    ++(*target.responded_at <= target.due_at ? row.within : row.missed);
  } else if (target.is_owed && now <= target.due_at) {
    ++row.waiting;
  } else {
    ++row.missed;
  }
}

StatisticsRow finished(std::string name, Group& group) {
  group.row.name = std::move(name);
  group.row.median = nearest_rank(group.times, 0.5);
  group.row.p90 = nearest_rank(group.times, 0.9);
  return std::move(group.row);
}

std::vector<StatisticsRow> finished(Groups& groups) {
  std::vector<StatisticsRow> rows;
  for (auto& [name, group] : groups) rows.push_back(finished(name, group));
  return rows;
}

constexpr std::array kCategories{Priority::urgent, Priority::high, Priority::normal};

}  // namespace

std::optional<double> StatisticsRow::share_within() const {
  const auto judged = within + missed;
  if (judged == 0) return std::nullopt;
  return static_cast<double>(within) / static_cast<double>(judged);
}

Statistics make_statistics(const std::vector<ReportedTicket>& reported, const std::vector<AnswerTarget>& targets,
                           const Ruleset& ruleset, Time now) {
  Group all;
  Groups categories, organizations, weeks;
  const auto in_each = [&](Priority priority, const std::string& organization, Time at, const auto& add) {
    add(all);
    add(categories[std::string(category_name(priority))]);
    add(organizations[organization]);
    add(weeks[week_of(at, ruleset)]);
  };
  for (const auto& ticket : reported)
    in_each(ticket.priority, ticket.organization, ticket.reported_at, [](Group& group) { ++group.row.reported; });
  for (const auto& target : targets) {
    const auto time = target.responded_at
                          ? response_time(target.clock_from, *target.responded_at, target.priority, ruleset)
                          : Duration::zero();
    in_each(target.priority, target.organization, target.clock_from,
            [&](Group& group) { count(group, target, time, now); });
  }
  Statistics statistics;
  statistics.all = finished("All", all);
  for (const auto priority : kCategories) {
    const std::string name(category_name(priority));
    statistics.categories.push_back(finished(name, categories[name]));
  }
  statistics.organizations = finished(organizations);
  std::ranges::stable_sort(statistics.organizations, std::ranges::greater{}, &StatisticsRow::reported);
  statistics.weeks = finished(weeks);
  return statistics;
}

}  // namespace ticketd
