// An office that never opens: every clock runs day and night, all days count, and no text says anything else.
#include "rules/calendar.h"
#include "rules/mail_values.h"
#include "rules/response_clock.h"
#include "tests/rules/incident_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

Ruleset rules(bool opens) {
  auto ruleset = sample_ruleset();
  if (!opens) ruleset.office_hours.weekly.clear();
  return ruleset;
}

Ticket normal_ticket(const Ruleset& ruleset) {
  Ticket ticket;
  ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  return ticket;
}

TEST_CASE("Where the office never opens, customers are promised no office time") {
  struct Case {
    bool opens;
    const char* target;
    const char* category;
  };
  const Case cases[] = {{true, "within 4 hours of office time", "within 4 hours of office time"},
                        {false, "within 4 hours", "within 4 hours, day and night"}};
  for (const auto& c : cases) {
    INFO(c.opens);
    const auto ruleset = rules(c.opens);
    TemplateValues values;
    add_target_values(values, normal_ticket(ruleset), "", ruleset, tuesday_ten());
    add_category_values(values, ruleset);
    CHECK(in_english(values.at("target")) == c.target);
    CHECK(in_english(values.at("normal_target")) == c.category);
  }
}

TEST_CASE("Where the office never opens, a ticket's reasons speak of no office hours") {
  for (const bool opens : {true, false}) {
    INFO(opens);
    const auto ruleset = rules(opens);
    const auto words = target_in_words(normal_ticket(ruleset), ruleset);
    CHECK((words.find("counted in office hours from") != std::string::npos) == opens);
    CHECK((words.find("counted day and night from") != std::string::npos) != opens);
  }
}

TEST_CASE("Where the office never opens, no days were left out when a ticket closes after silence") {
  CommandDesk desk;
  desk.ruleset.office_hours.weekly.clear();
  desk.context.ticket->status = TicketStatus::resolved;
  desk.context.ticket->resolved_at = tuesday_ten() - 72h;
  CHECK(desk.done(CloseCommand{true}).reason == "Closed: nobody has written for 3 days since it was resolved.");
}

}  // namespace
}  // namespace ticketd
