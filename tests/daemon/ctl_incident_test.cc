// Incidents as ticketctl prints them.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

IncidentRow sample_row() {
  IncidentRow row;
  row.incident.number = IncidentNumber{3};
  row.incident.title = "Phones down";
  row.incident.match = IncidentMatch::words;
  row.incident.pattern = "phones?";
  row.incident.opened_at = tuesday_ten();
  row.incident.text = "We look.";
  row.tickets = {TicketId{7}, TicketId{9}};
  return row;
}

TEST_CASE("an incident in JSON") {
  auto row = sample_row();
  CHECK(boost::json::serialize(incident_json(row)) ==
        R"({"number":3,"title":"Phones down","status":"open","match":"words","pattern":"phones?",)"
        R"("opened_at":"2026-11-24T10:00:00Z","resolved_at":null,"message":"We look.","tickets":[7,9]})");
  row.incident.resolved_at = tuesday_ten() + 1h;
  row.incident.text.clear();
  row.incident.match = IncidentMatch::all;
  row.incident.pattern.clear();
  row.tickets.clear();
  CHECK(boost::json::serialize(incident_json(row)) ==
        R"({"number":3,"title":"Phones down","status":"resolved","match":"all","pattern":null,)"
        R"("opened_at":"2026-11-24T10:00:00Z","resolved_at":"2026-11-24T11:00:00Z","message":null,"tickets":[]})");
}

TEST_CASE("incidents for people") {
  auto row = sample_row();
  const auto text = present_incidents({&row, 1}, tuesday_ten() + 12min, {});
  for (const auto* words : {"open since 12 minutes ago", "words: phones?", "Phones down", " 2 "})
    CHECK(text.find(words) != std::string::npos);
  CHECK(present_incident_change(row) == "incident 3 (Phones down): open, 2 tickets\n");
  row.incident.resolved_at = tuesday_ten() + 10min;
  row.tickets.resize(1);
  CHECK(present_incidents({&row, 1}, tuesday_ten() + 12min, {}).find("resolved 2 minutes ago") != std::string::npos);
  CHECK(present_incident_change(row) == "incident 3 (Phones down): resolved, 1 ticket\n");
  CHECK(present_incidents({}, tuesday_ten(), {}) == "No incident was ever declared.\n");
}

TEST_CASE("foreign text of an incident does nothing to a terminal") {
  auto row = sample_row();
  row.incident.title = row.incident.pattern = "\x1b[2J\r\n\xC2\x9B";
  for (const auto& text : {present_incidents({&row, 1}, tuesday_ten(), {}), present_incident_change(row)}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
  }
}

}  // namespace
}  // namespace ticketd
