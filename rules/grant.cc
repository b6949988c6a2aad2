#include "rules/grant.h"

#include <fmt/format.h>

#include "rules/calendar.h"

namespace ticketd {
namespace {

std::string_view way_in_words(Channel channel) {
  switch (channel) {
    case Channel::portal:
      return "through the portal or the support mailbox";
    case Channel::direct:
      return "by mail to a member of our staff";
    case Channel::sms:
      return "by text message";
    case Channel::phone:
      return "by telephone";
  }
  return {};
}

bool is_downgraded(const Claim& claim, Time now) { return claim.downgraded_until && *claim.downgraded_until > now; }

}  // namespace

std::string label_obstacle(const Claim& claim, const Ruleset& ruleset, Time now) {
  if (claim.channel != Channel::portal)
    return fmt::format(
        "Requests that reach us {} are always handled as Normal; only a mail to {}{} can choose a category.",
        way_in_words(claim.channel), ruleset.support.address,
        ruleset.support.portal_url.empty() ? "" : " or the portal");
  if (is_downgraded(claim, now))
    return fmt::format(
        "Until {}, requests of {} are handled as Normal, because several earlier ones had been given a higher category "
        "than they needed. Our staff can raise it where it is called for.",
        local_due_time(*claim.downgraded_until, now, ruleset), claim.organization);
  return {};
}

Grant grant_priority(const Claim& claim, const Ruleset& ruleset, Time now) {
  if (claim.rule != nullptr && claim.rule->priority)
    return {*claim.rule->priority, fmt::format("Our rule \"{}\" for such mails sets it.", claim.rule->name), false};
  auto obstacle = label_obstacle(claim, ruleset, now);
  if (!claim.label) {
    if (obstacle.empty())
      return {Priority::normal,
              "The subject names no category, and a request without one is Normal until it is escalated.", true};
    return {Priority::normal, std::move(obstacle), false};
  }
  if (obstacle.empty())
    return {claim.label->priority, fmt::format("The subject asks for it with \"{}\".", claim.label->evidence), false};
  return {Priority::normal, fmt::format("The subject asks for {}. {}", category_name(claim.label->priority), obstacle),
          false};
}

}  // namespace ticketd
