#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/time.h"
#include "rules/weekly_window.h"

namespace ticketd {

/// The category's value. Persistent: do not change.
enum class Priority : int { urgent = 10, high = 7, normal = 5 };
inline constexpr std::array kPriorities{Priority::urgent, Priority::high, Priority::normal};
[[nodiscard]] std::string_view category_name(Priority priority);                  ///< "Urgent", "High", "Normal"
[[nodiscard]] std::optional<Priority> priority_from_name(std::string_view name);  ///< case-insensitive category name

/// How a ticket came in. The names are persistent: do not change.
enum class Channel { portal, direct, sms, phone };
[[nodiscard]] std::string_view channel_name(Channel channel);
[[nodiscard]] std::optional<Channel> channel_from_name(std::string_view name);

enum class Clock { always, office_hours };

/// Whom and where the desk is: [support] of the configuration.
struct Support {
  std::string address;
  std::string name;  ///< never empty: falls back to the address
  std::vector<std::string> aliases;
  std::string time_zone = "UTC";  ///< IANA name, checked to exist
  std::string phone;
  std::string portal_url;
  std::vector<std::string> admins;
  std::string status_url;
  std::string subject_tag = "Ticket";
  bool copy_participants = true;
};

/// [office_hours]: local time in Support::time_zone.
struct OfficeHours {
  std::vector<WeeklyWindow> weekly;
  std::vector<std::chrono::year_month_day> holidays;
};

/// [priority.*]
struct PriorityRule {
  Duration response{};
  Clock clock = Clock::always;
  std::vector<std::string> labels;    ///< further words that mean this category
  std::vector<std::string> examples;  ///< shown in the invitation to set a label
  std::optional<Duration> update;     ///< target for follow-ups; nullopt = off
};

/// "20/1h"
struct RateLimit {
  std::uint32_t count = 0;
  Duration window{};
};

struct Organization {
  std::string name;
  std::vector<std::string> domains;    ///< as `domain_key` spells them
  std::vector<std::string> addresses;  ///< lower case
  std::string language;
};

/// [[staff]]; `available` and `away` in the roster's time zone, which is Support::time_zone.
struct StaffMember {
  std::string name;
  std::string email;
  std::string login;
  std::vector<std::string> roles;  ///< engineer, duty, director, managing-director
  std::vector<WeeklyWindow> available;
  std::vector<std::pair<std::chrono::year_month_day, std::chrono::year_month_day>> away;  ///< both days included
  std::vector<std::string> page;
  std::string webhook;
  std::string webhook_secret_file;
};

struct CompiledMailRule;

/// Which mails one admin's rule means; empty patterns match everything. RE2, partial match, case-insensitive.
struct MailRule {
  std::string name;
  std::string from, to, subject;
  std::vector<std::pair<std::string, std::string>> header;  ///< field name, pattern
  std::optional<Priority> priority;
  std::string organization;
  std::optional<Channel> channel;
  bool ignore = false;
  bool spam = false;
  std::shared_ptr<const CompiledMailRule> compiled = nullptr;  ///< the patterns; see `compile_mail_rules`
};

/// The part of the configuration that decisions depend on. A value: a reload makes a new one.
struct Ruleset {
  Support support;
  OfficeHours office_hours;
  PriorityRule urgent, high, normal;
  std::vector<StaffMember> staff;
  std::vector<Organization> organizations;
  std::vector<std::string> free_mail;    ///< domains, as `domain_key` spells them
  std::vector<std::string> sms_senders;  ///< address, or "@domain"; likewise
  std::vector<std::string> phone_senders;
  std::vector<std::string> blocked_addresses;
  std::vector<std::string> blocked_domains;  ///< likewise
  std::vector<MailRule> mail_rules;
  RateLimit acknowledgements_per_sender{10, std::chrono::hours{1}};
  RateLimit acknowledgements_per_domain{100, std::chrono::hours{1}};  ///< see `is_unknown_domain`
  RateLimit tickets_per_sender{50, std::chrono::hours{1}};
  RateLimit acknowledgements{1000, std::chrono::hours{1}};  ///< all of them together
  RateLimit page_limit{20, std::chrono::hours{1}};
  Duration page_repeat = std::chrono::minutes{10};
  std::uint32_t page_times = 3;
  double page_warn_at = 0.75;
  std::uint32_t abuse_strikes = 3;
  Duration abuse_window = std::chrono::days{30};
  Duration abuse_duration = std::chrono::days{90};
  Duration close_after = std::chrono::days{3};
  Duration reopen_within = std::chrono::days{14};
  std::string authserv_id;
  std::string language = "en";  ///< of mails to customers whose organization names none
  bool null_reverse_path = false;

  [[nodiscard]] const PriorityRule& rule(Priority priority) const;
};

}  // namespace ticketd
