#include "parsers/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "parsers/ascii.h"
#include "parsers/parameters.h"

namespace ticketd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};

/// RFC 5322 §4.3, and names that clients write; hours east of Greenwich.
constexpr std::array<std::pair<std::string_view, int>, 26> kZones{{
    {"est", -5}, {"edt", -4},  {"cst", -6},  {"cdt", -5},  {"mst", -7},  {"mdt", -6}, {"pst", -8},
    {"pdt", -7}, {"akst", -9}, {"akdt", -8}, {"hst", -10}, {"bst", 1},   {"west", 1}, {"cet", 1},
    {"met", 1},  {"mez", 1},   {"cest", 2},  {"mest", 2},  {"mesz", 2},  {"eet", 2},  {"eest", 3},
    {"msk", 3},  {"jst", 9},   {"kst", 9},   {"aest", 10}, {"nzst", 12},
}};

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole =
      error == std::errc() && end == digits.data() + digits.size() && !digits.empty() && is_digit(digits[0]);
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<unsigned> month_number(std::string_view word) {
  const auto* found = std::find_if(kMonths.begin(), kMonths.end(),
                                   [&](std::string_view month) { return starts_with_ignoring_case(word, month); });
  return found == kMonths.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - kMonths.begin()) + 1);
}

/// `+0130`, `-08`, `+01:30`; nullopt for anything else.
std::optional<minutes> numeric_zone(std::string_view word) {
  if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
  std::string digits(word.substr(1));
  std::erase(digits, ':');
  if (digits.size() == 1 || digits.size() == 3) digits.insert(0, 1, '0');
  if (digits.size() == 2) digits += "00";
  const auto value = digits.size() == 4 ? number(digits) : std::nullopt;
  if (!value || *value / 100 > 23 || *value % 100 > 59) return std::nullopt;
  const minutes offset = hours(*value / 100) + minutes(*value % 100);
  return word[0] == '-' ? -offset : offset;
}

/// `EST`, `EST5EDT`, `GMT+1`; unknown names are UTC, as RFC 5322 wants it for the military letters.
minutes named_zone(std::string_view word) {
  const auto* letters_end = std::find_if_not(word.begin(), word.end(), is_letter);
  const std::string_view name(word.data(), static_cast<std::size_t>(letters_end - word.begin()));
  for (const auto& [zone, offset] : kZones)
    if (equals_ignoring_case(zone, name)) return hours(offset);
  return numeric_zone(word.substr(name.size())).value_or(minutes(0));
}

class Reader {
 public:
  void take(std::string_view word) {
    if (word.empty()) return;
    if (const auto iso = word.find('T'); iso != std::string_view::npos && iso > 0 && is_digit(word[iso - 1])) {
      take(word.substr(0, iso));
      return take(word.substr(iso + 1));
    }
    if (!time_ && word.find(':') != std::string_view::npos) return take_time(word);
    const auto dash = word.find_first_of("-/", 1);
    if (dash != std::string_view::npos && !time_) {
      take(word.substr(0, dash));
      return take(word.substr(dash + 1));
    }
    if (const auto value = number(word))
      numbers_.push_back(*value);
    else
      take_name(word);
  }

  std::optional<Time> result() const {
    if (!time_) return std::nullopt;
    const auto day = date();
    if (!day || !day->ok() || day->year() < std::chrono::year(1900) || day->year() > std::chrono::year(9999))
      return std::nullopt;
    return Time(std::chrono::sys_days(*day)) + *time_ - zone_.value_or(minutes(0));
  }

 private:
  void take_name(std::string_view word) {
    if (const auto month = month_number(word); month && !month_)
      month_ = month;
    else if (const auto zone = numeric_zone(word); zone && time_ && !zone_)
      zone_ = zone;
    else if (time_ && !zone_ && is_letter(word[0]))
      take_letters(word);
  }

  void take_letters(std::string_view word) {
    if (equals_ignoring_case(word, "am") || equals_ignoring_case(word, "pm"))
      make_twelve_hours(to_lower(word[0]) == 'p');
    else
      zone_ = named_zone(word);
  }

  void make_twelve_hours(bool afternoon) {
    if (*time_ >= hours(12) && *time_ < hours(13)) *time_ -= hours(12);
    if (afternoon && *time_ < hours(12)) *time_ += hours(12);
  }

  /// `h:m`, `h:m:s`, `h:m:s.fraction`, with a zone at its end or without.
  void take_time(std::string_view word) {
    const std::size_t end = std::min(word.find_first_not_of("0123456789:."), word.size());
    std::array<int, 3> parts{};
    std::size_t count = 0;
    for (std::string_view rest = word.substr(0, end); count < parts.size();) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      const auto value = number(rest.substr(0, std::min(colon, rest.find('.'))));
      if (!value) return;
      parts[count++] = *value;
      if (colon == rest.size()) break;
      rest.remove_prefix(colon + 1);
    }
    if (count < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return;
    time_ = hours(parts[0]) + minutes(parts[1]) + seconds(std::min(parts[2], 59));
    if (end < word.size()) take_name(word.substr(end));
  }

  static int full_year(int year) {
    if (year < 50) return year + 2000;
    return year < 1000 ? year + 1900 : year;
  }

  std::optional<std::chrono::year_month_day> date() const {
    std::vector<int> numbers = numbers_;
    if (month_ && numbers.size() >= 2) numbers.insert(numbers.begin() + 1, static_cast<int>(*month_));
    if (numbers.size() < 3) return std::nullopt;
    if (numbers[0] > 31) std::swap(numbers[0], numbers[2]);
    if (numbers[0] < 1 || numbers[1] < 1 || numbers[0] > 31 || numbers[1] > 12 || numbers[2] > 9999)
      return std::nullopt;
    return std::chrono::year(full_year(numbers[2])) / numbers[1] / numbers[0];
  }

  std::vector<int> numbers_;
  std::optional<unsigned> month_;
  std::optional<seconds> time_;
  std::optional<minutes> zone_;
};

}  // namespace

std::optional<Time> parse_date(std::string_view raw) {
  constexpr std::size_t longest = 1000;
  constexpr int most_words = 32;
  if (const auto received = raw.rfind(';'); received != std::string_view::npos) raw.remove_prefix(received + 1);
  const std::string text = squeeze(without_comments(raw.substr(0, longest)));
  Reader reader;
  std::size_t at = 0;
  for (int words = 0; at < text.size() && words < most_words; ++words) {
    const std::size_t end = std::min(text.find_first_of(" ,", at), text.size());
    reader.take(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  return reader.result();
}

}  // namespace ticketd
