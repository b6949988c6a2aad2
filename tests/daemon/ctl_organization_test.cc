// What ticketctl says of organizations: for people, and for programs.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/ctl/organization_text.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

OrganizationCase acme() {
  OrganizationCase organization;
  organization.configured = {"Acme", {"acme.example"}, {"boss@home.example"}, ""};
  organization.counting_strikes = 1;
  organization.strikes = {{"Acme", tuesday_ten() - std::chrono::days{40}, TicketId{7}, "Long ago.", false},
                          {"Acme", tuesday_ten() - 2h, TicketId{16}, "Forgiven.", true},
                          {"Acme", tuesday_ten() - 1h, TicketId{17}, "From Urgent to Normal by Ann.", false}};
  return organization;
}

std::string json_of(const OrganizationCase& organization) {
  return boost::json::serialize(organization_json(organization, tuesday_ten()));
}

TEST_CASE("An organization as JSON") {
  auto organization = acme();
  organization.strikes.resize(1);
  const std::string begin = R"({"name":"Acme","domains":["acme.example"],"addresses":["boss@home.example"],)";
  const std::string strikes =
      R"("strikes":[{"at":"2026-10-15T10:00:00Z","ticket":7,"reason":"Long ago."}],"events":[]})";
  CHECK(json_of(organization) == begin + R"("downgraded_until":null,)" + strikes);
  organization.downgraded_until = tuesday_ten();
  CHECK(json_of(organization) == begin + R"("downgraded_until":null,)" + strikes);
  organization.downgraded_until = tuesday_ten() + 1h;
  CHECK(json_of(organization) == begin + R"("downgraded_until":"2026-11-24T11:00:00Z",)" + strikes);
  organization = {};
  organization.configured.name = "other.example";
  organization.strikes = {{"other.example", tuesday_ten(), {}, "x", false}};
  organization.events = {{TicketId{}, tuesday_ten(), "Ann", "organization_restored", "It is over."}};
  CHECK(json_of(organization) ==
        R"({"name":"other.example","domains":[],"addresses":[],"downgraded_until":null,)"
        R"("strikes":[{"at":"2026-11-24T10:00:00Z","ticket":null,"reason":"x"}],)"
        R"("events":[{"at":"2026-11-24T10:00:00Z","actor":"Ann","kind":"organization_restored",)"
        R"("detail":"It is over."}]})");
}

TEST_CASE("An organization for people") {
  auto organization = acme();
  organization.downgraded_until = tuesday_ten() + 1h;
  organization.events = {{TicketId{17}, tuesday_ten() - 1h, "Ann", "organization_downgraded", "Three strikes."},
                         {TicketId{}, tuesday_ten() - 2min, "Bob", "organization_restored", "By\x1b[1m hand."}};
  CHECK(present_organization(organization, sample_ruleset(), tuesday_ten(), {}) ==
        "Acme\n"
        "Domains and addresses: acme.example, boss@home.example\n"
        "Standing: downgraded until 2026-11-24 11:00 (UTC)\n"
        "Strikes within 30 days: 1 of 3\n"
        "\n"
        "Strike       Ticket  Counts  Reason\n"
        "40 days ago  #7      no      Long ago.\n"
        "2 hours ago  #16     no      Forgiven.\n"
        "1 hour ago   #17     yes     From Urgent to Normal by Ann.\n"
        "\n"
        "Standing       By   Ticket  What\n"
        "1 hour ago     Ann  #17     Three strikes.\n"
        "2 minutes ago  Bob  -       By\uFFFD[1m hand.\n");
}

TEST_CASE("The list of organizations for people") {
  CHECK(present_organizations({}, sample_ruleset(), tuesday_ten(), {}) ==
        "No organization is configured or has written.\n");
  OrganizationCase other;
  other.configured.name = "evil\x1b[2J.example";
  const std::vector<OrganizationCase> all{acme(), other};
  const auto text = present_organizations(all, sample_ruleset(), tuesday_ten(), {});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("Acme") != std::string::npos);
  CHECK(text.find("1 of 3") != std::string::npos);
}

}  // namespace
}  // namespace ticketd
