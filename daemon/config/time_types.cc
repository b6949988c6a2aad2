#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <date/tz.h>

#include "daemon/config/near_miss.h"
#include "daemon/config/value_types.h"
#include "parsers/ascii.h"
#include "rules/weekly_window.h"

namespace ticketd {
namespace {

using std::chrono::year_month_day;

std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// RFC 3339 full-date.
std::optional<year_month_day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

// TOML has dates of its own: 2026-12-25 without quotes means the same.
template <class T>
ValueType<T> or_bare_date(ValueType<T> type) {
  type.read = [inner = std::move(type.read)](const ConfigNode& node, const Reading& reading) {
    if (node.kind != ConfigNode::Kind::date) return inner(node, reading);
    ConfigNode quoted(node.text);
    quoted.at = node.at;
    return inner(quoted, reading);
  };
  return type;
}

using Days = std::pair<year_month_day, year_month_day>;

Parsed<Days> parse_days(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_day(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_day(std::string_view(text).substr(dots + 2));
  if (!first || !last) return Wrong{};
  if (*last < *first) return Wrong{"the last day lies before the first"};
  return Days{*first, *last};
}

using Windows = std::vector<WeeklyWindow>;

Parsed<Windows> parse_windows(const std::string& text) {
  auto parsed = parse_weekly_windows(text);
  if (auto* windows = std::get_if<Windows>(&parsed)) return std::move(*windows);
  return Wrong{std::get<std::string>(parsed)};
}

bool is_time_zone(const std::string& text) {
  try {
    return date::locate_zone(text) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

/// The zone that is meant by "europe/berlin", "Berlin", "New York" or "Europe/Berln"; empty where it is not plain: a
/// wrong zone is worse than none, so abbreviations ("CEST") and offsets ("GMT+1") lead nowhere.
std::string zone_meant(std::string text) {
  constexpr std::size_t kLongest = 64, kLongEnoughForAnError = 5;
  if (text.size() > kLongest) return {};
  text = to_lower(text);
  std::ranges::replace(text, ' ', '_');
  const bool names_region = text.find('/') != std::string::npos;
  const std::size_t most = text.size() >= kLongEnoughForAnError ? 1 : 0;
  std::size_t best = most + 1;
  std::string meant;
  for (const auto& zone : date::get_tzdb().zones) {
    const std::string& name = zone.name();
    const auto slash = name.rfind('/');
    if (slash == std::string::npos || name.starts_with("Etc/")) continue;  // Etc/GMT+1 is an hour *behind* GMT
    const auto known = to_lower(names_region ? name : name.substr(slash + 1));
    const auto distance = edit_distance(text, known);
    if (distance >= best) continue;
    best = distance;
    meant = name;
  }
  return meant;
}

}  // namespace

ValueType<std::string> time_zone() {
  return text_type<std::string>("time zone", "an IANA time zone that this system knows, such as \"America/New_York\"",
                                [](const std::string& text) -> Parsed<std::string> {
                                  if (is_time_zone(text)) return text;
                                  const auto meant = zone_meant(text);
                                  return Wrong{meant.empty() ? "" : "is \"" + meant + "\" meant?"};
                                });
}

ValueType<std::vector<WeeklyWindow>> weekly_windows() {
  auto lists = list_of(text_type<Windows>(
      "weekly window", "\"always\", or days and times such as \"mon-fri 09:00-17:30\"", parse_windows));
  auto read = [inner = std::move(lists.read)](const ConfigNode& node,
                                              const Reading& reading) -> std::optional<Windows> {
    const auto nested = inner(node, reading);
    if (!nested) return std::nullopt;
    Windows flat;
    for (const Windows& windows : *nested) flat.insert(flat.end(), windows.begin(), windows.end());
    return flat;
  };
  return {lists.name, lists.allowed, std::move(read)};
}

ValueType<year_month_day> day() {
  return or_bare_date(text_type<year_month_day>("day", "a day, such as \"2026-12-25\"",
                                                [](const std::string& text) -> Parsed<year_month_day> {
                                                  if (const auto day = parse_day(text)) return *day;
                                                  return Wrong{};
                                                }));
}

ValueType<Days> span_of_days() {
  return or_bare_date(
      text_type<Days>("days", "a day or two joined by two dots, such as \"2026-12-24..2027-01-02\"", parse_days));
}

}  // namespace ticketd
