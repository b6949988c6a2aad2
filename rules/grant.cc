#include "rules/grant.h"

#include <utility>

#include "rules/time_words.h"

namespace ticketd {
namespace {

/// How it reached us instead.
Words way_in_words(Channel channel) {
  switch (channel) {
    case Channel::portal:
      return {};
    case Channel::direct:
      return Words::phrase("way_direct");
    case Channel::sms:
      return Words::phrase("way_sms");
    case Channel::phone:
      return Words::phrase("way_phone");
  }
  return {};
}

bool is_downgraded(const Claim& claim, Time now) { return claim.downgraded_until && *claim.downgraded_until > now; }

}  // namespace

Words label_obstacle(const Claim& claim, const Ruleset& ruleset, Time now) {
  const auto& support = ruleset.support;
  if (claim.channel == Channel::direct && claim.is_of_staff) return Words::phrase("obstacle_staff");
  if (claim.channel != Channel::portal)
    return Words::phrase(support.portal_url.empty() ? "obstacle_channel" : "obstacle_channel_portal",
                         {{"way", way_in_words(claim.channel)}, {"support_address", support.address}});
  if (is_downgraded(claim, now))
    return Words::phrase("obstacle_downgraded", {{"when", due_time(*claim.downgraded_until, now, ruleset)},
                                                 {"organization", claim.organization}});
  return {};
}

Grant grant_priority(const Claim& claim, const Ruleset& ruleset, Time now) {
  if (claim.rule != nullptr && claim.rule->priority) {
    if (!claim.label || claim.label->priority == *claim.rule->priority)
      return {*claim.rule->priority, Words::phrase("reason_rule", {{"rule", claim.rule->name}}), false};
    return {*claim.rule->priority,
            Words::phrase("reason_rule_over_label", {{"rule", claim.rule->name}, {"label", claim.label->evidence}}),
            false};
  }
  auto obstacle = label_obstacle(claim, ruleset, now);
  if (!claim.label) {
    if (obstacle.empty())
      return {Priority::normal, claim.unlabelled.empty() ? Words::phrase("reason_no_label") : claim.unlabelled, true};
    return {Priority::normal, std::move(obstacle), false};
  }
  if (obstacle.empty())
    return {claim.label->priority, Words::phrase("reason_label", {{"label", claim.label->evidence}}), false};
  return {Priority::normal,
          Words::phrase("reason_label_refused",
                        {{"category", category_name(claim.label->priority)}, {"obstacle", std::move(obstacle)}}),
          false};
}

}  // namespace ticketd
