#include "rules/ruleset.h"

#include <algorithm>
#include <cctype>

#include "rules/names.h"

namespace ticketd {
namespace {

constexpr auto kCategories =
    name_table<Priority>({{Priority::urgent, "Urgent"}, {Priority::high, "High"}, {Priority::normal, "Normal"}});
constexpr auto kChannels = name_table<Channel>(
    {{Channel::portal, "portal"}, {Channel::direct, "direct"}, {Channel::sms, "sms"}, {Channel::phone, "phone"}});

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](unsigned char c) { return std::tolower(c); }, [](unsigned char c) { return std::tolower(c); });
}

}  // namespace

std::string_view category_name(Priority priority) { return kCategories.name(priority); }

std::optional<Priority> priority_from_name(std::string_view name) {
  for (const auto& [priority, category] : kCategories.rows)
    if (equals_ignoring_case(name, category)) return priority;
  return std::nullopt;
}

std::string_view channel_name(Channel channel) { return kChannels.name(channel); }
std::optional<Channel> channel_from_name(std::string_view name) { return kChannels.value(name); }

const PriorityRule& Ruleset::rule(Priority priority) const {
  switch (priority) {
    case Priority::urgent:
      return urgent;
    case Priority::high:
      return high;
    case Priority::normal:
      return normal;
  }
  return normal;
}

}  // namespace ticketd
