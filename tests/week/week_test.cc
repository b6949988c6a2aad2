#include <catch2/catch.hpp>

#include <cstdlib>

#include <fmt/format.h>

#include "tests/week/rehearsal.h"

namespace ticketd::week {
namespace {

/// Beyond one seed of each week: TICKETD_WEEK_SEEDS=50 for as many, TICKETD_WEEK_SEED=7 for that one.
std::vector<std::uint64_t> seeds() {
  const auto number = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? 0ULL : std::strtoull(value, nullptr, 10);
  };
  if (const auto one = number("TICKETD_WEEK_SEED"); one != 0) return {one};
  constexpr std::uint64_t kFirst = 3;  // whose weeks have some of everything
  std::vector<std::uint64_t> all{kFirst};
  while (all.size() < number("TICKETD_WEEK_SEEDS")) all.push_back(all.back() + 1);
  return all;
}

/// A week in which something never happens shows nothing of it.
void check_variety(const std::map<std::string, int>& counts) {
  for (const auto* kind : {"mail",
                           "ticket_opened",
                           "message_added",
                           "ticket_reopened",
                           "ticket_closed",
                           "ticket_linked",
                           "incident_linked",
                           "incident_unlinked",
                           "incident_over",
                           "category_kept",
                           "category_changed",
                           "raise_refused",
                           "label_ignored",
                           "stranger_wrote",
                           "bounce_received",
                           "automatic_reply_received",
                           "estimate_passed",
                           "response_breached",
                           "response_close",
                           "strike_counted",
                           "organization_downgraded",
                           "staff_mail_refused",
                           "told opened",
                           "told page_unanswered",
                           "told breached",
                           "told raise_refused",
                           "told standing_lost",
                           "told standing_back",
                           "told category_kept"}) {
    INFO(kind);
    CHECK(counts.contains(kind));
  }
}

void rehearse(const World& world) {
  std::map<std::string, int> counts;
  for (const auto seed : seeds()) {
    Rehearsal rehearsal(world, seed);
    const auto difference = rehearsal.run();
    INFO(difference);
    CHECK(difference.empty());
    for (const auto& [kind, count] : rehearsal.counts()) counts[kind] += count;
  }
  std::string list;
  for (const auto& [kind, count] : counts) list += fmt::format("{}: {}\n", kind, count);
  INFO(list);
  if (std::getenv("TICKETD_WEEK_SEED") == nullptr) check_variety(counts);
}

}  // namespace

TEST_CASE("a week in which the clocks go back, against an independent model") { rehearse(autumn_of_2026()); }

TEST_CASE("a week in which the clocks go forward, against an independent model") { rehearse(spring_of_2026()); }

}  // namespace ticketd::week
