#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/ruleset.h"

namespace ticketd::week {

using namespace std::chrono_literals;

/// A span of the wall clock on some days of the week; it crosses midnight where `end` is not after `start`.
struct Hours {
  std::string weekdays;  ///< "1234567", Monday is 1
  std::chrono::minutes start{}, end{};
};

struct Person {
  std::string name, login, email;
  std::string role;
  std::vector<Hours> available;
  std::vector<std::chrono::year_month_day> away = {};
  std::string pager = {};
};

/// The desk of the simulated weeks, as generator, model and the real desk's configuration see it.
struct World {
  std::string zone = "Europe/Berlin";
  Time start{};  ///< midnight in the zone, on a Monday
  int busy_days = 7, quiet_days = 11;
  std::vector<Hours> office;
  std::vector<std::chrono::year_month_day> holidays;
  std::vector<Person> staff;
  std::map<std::string, std::string> organization_of_domain;
  std::chrono::days downgrade{2}, reopen_within{3};
  std::string free_mail = "freemail.example", sms_domain = "sms.example.net", voice = "voicemail@pbx.example.net";

  [[nodiscard]] Time end() const { return start + std::chrono::days{busy_days + quiet_days}; }
  [[nodiscard]] const Person* person(const std::string& name_or_address) const;
  [[nodiscard]] std::string organization(const std::string& address) const;
  [[nodiscard]] bool is_gateway(const std::string& address) const;
};

[[nodiscard]] World autumn_of_2026();  ///< the clocks go back on its Sunday
[[nodiscard]] World spring_of_2026();  ///< and forward
[[nodiscard]] Ruleset ruleset_of(const World& world);

inline const std::string kSupport = "support@desk.example";

}  // namespace ticketd::week
