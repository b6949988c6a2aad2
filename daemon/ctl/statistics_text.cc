#include "daemon/ctl/statistics_text.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "rules/time_words.h"

namespace ticketd {
namespace {

namespace json = boost::json;

json::value seconds_json(const std::optional<Duration>& span) {
  if (!span) return nullptr;
  return std::chrono::floor<std::chrono::seconds>(*span).count();
}

json::object row_json(const StatisticsRow& row) {
  json::value share = nullptr;
  if (const auto within = row.share_within()) share = *within;
  return {{"name", row.name},
          {"reported", row.reported},
          {"owed", row.owed},
          {"answered", row.answered},
          {"within", row.within},
          {"missed", row.missed},
          {"waiting", row.waiting},
          {"share_within", std::move(share)},
          {"median_seconds", seconds_json(row.median)},
          {"p90_seconds", seconds_json(row.p90)}};
}

json::array rows_json(const std::vector<StatisticsRow>& rows) {
  json::array array;
  for (const auto& row : rows) array.push_back(row_json(row));
  return array;
}

std::string shown(const std::optional<Duration>& span) {
  if (!span) return "-";
  const bool is_short = *span < std::chrono::minutes{1};
  return humane_duration(is_short ? Duration(std::chrono::floor<std::chrono::seconds>(*span))
                                  : Duration(std::chrono::floor<std::chrono::minutes>(*span)));
}

/// Rounded down: "100 %" is all of them.
std::string shown_share(const StatisticsRow& row) {
  const auto judged = row.within + row.missed;
  return judged == 0 ? "-" : fmt::format("{} %", row.within * 100 / judged);
}

void add_row(TextTable& table, const StatisticsRow& row) {
  table.add({row.name, fmt::to_string(row.reported), fmt::to_string(row.owed), fmt::to_string(row.answered),
             fmt::to_string(row.missed), fmt::to_string(row.waiting), shown_share(row), shown(row.median),
             shown(row.p90)});
}

std::string present_rows(const char* heading, const std::vector<StatisticsRow>& rows, const StatisticsRow* all,
                         const TextStyle& style) {
  TextTable table(
      {heading, "Tickets", "Answers owed", "Answered", "Late", "Waiting", "In time", "Median", "90 % within"});
  for (const auto& row : rows) add_row(table, row);
  if (all != nullptr) add_row(table, *all);
  return table.render(style);
}

}  // namespace

json::object statistics_json(const Statistics& statistics, Time since) {
  return {{"since", iso8601(since)},
          {"all", row_json(statistics.all)},
          {"categories", rows_json(statistics.categories)},
          {"organizations", rows_json(statistics.organizations)},
          {"weeks", rows_json(statistics.weeks)}};
}

std::string present_statistics(const Statistics& statistics, Time since, const Ruleset& ruleset,
                               const TextStyle& style) {
  auto text = fmt::format(
      "Since {}\n"
      "An answer is owed when a ticket is reported, and again whenever its clock is started anew.\n\n{}",
      dated_local_time(since, ruleset), present_rows("Category", statistics.categories, &statistics.all, style));
  if (!statistics.organizations.empty())
    text += "\n" + present_rows("Organization", statistics.organizations, nullptr, style);
  if (!statistics.weeks.empty()) text += "\n" + present_rows("Week", statistics.weeks, nullptr, style);
  return text;
}

}  // namespace ticketd
