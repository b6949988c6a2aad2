#include "daemon/metrics/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "daemon/metrics/families.h"
#include "tests/daemon/test_desk.h"

namespace ticketd {
namespace {

Settings sample_settings() {
  Settings settings;
  settings.mailboxes.emplace_back();
  settings.mailboxes[0].name = "sup\"port";
  settings.ruleset = sample_ruleset();
  return settings;
}

/// Names of the families on a page, in their order.
std::vector<std::string> families_of(const std::string& page) {
  std::vector<std::string> names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE ")) names.push_back(line.substr(7, line.find(' ', 7) - 7));
  return names;
}

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("The page has every family of the table once, in its order", "[metrics]") {
  TestDesk test;
  const auto settings = sample_settings();
  const auto snapshot = take_snapshot(*test.desk, settings);
  PageInput input{settings};
  input.snapshot = &snapshot;
  std::vector<std::string> names;
  for (const auto* each : family::all()) names.emplace_back(each->name);
  CHECK(families_of(metrics_page(input)) == names);
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
  for (const auto* each : family::all()) {
    INFO(each->name);
    CHECK((each->type == MetricType::counter) == each->name.ends_with("_total"));
    CHECK(std::string_view(each->help).ends_with('.'));
  }
}

TEST_CASE("The problems of a snapshot are those of ticketctl status, a second ticketd too", "[metrics]") {
  TestDesk test;
  auto settings = sample_settings();
  settings.mailboxes[0].lease_folder = "ticketd";
  LeaseRecord lease;
  lease.mailbox = settings.mailboxes[0].name;
  lease.tenure = Tenure::stand_by;
  lease.rival = "other.example";
  lease.looked_at = test.desk->now();
  test.desk->store().write_lease(lease);
  const auto snapshot = take_snapshot(*test.desk, settings);
  CHECK(std::ranges::any_of(snapshot.problems, [](const Problem& problem) {
    return problem.text.find("another ticketd, on other.example, works on it") != std::string::npos;
  }));
}

TEST_CASE("The page tells how the desk stands", "[metrics]") {
  TestDesk test;
  const auto settings = sample_settings();
  const NewCommand report{{"Jane", "jane@acme.example"}, "Fax", "It prints blank pages.", Channel::phone};
  for (int i = 0; i < 3; ++i) test.desk->command(std::nullopt, report, test.ann);
  test.desk->command(TicketId{1}, ReplyCommand{"We look at it.", false}, test.ann);
  test.quarantine("x");
  const auto due = test.store().ticket(TicketId{2})->ticket.response_due_at;
  REQUIRE(due);
  const auto page_at = [&](Time now) {
    test.now = now;
    const auto snapshot = take_snapshot(*test.desk, settings);
    PageInput input{settings};
    input.snapshot = &snapshot;
    return metrics_page(input);
  };
  const auto page = page_at(test.now);
  CHECK(has_line(page, "ticketd_tickets_opened_total 3"));
  CHECK(has_line(page, "ticketd_targets_total{category=\"Normal\",result=\"in_time\"} 1"));
  CHECK(has_line(page, "ticketd_answers_owed{category=\"Normal\"} 2"));
  CHECK(has_line(page, "ticketd_answers_overdue{category=\"Normal\"} 0"));
  CHECK(has_line(page, "ticketd_quarantine_mails 1"));
  CHECK(has_line(page, "ticketd_mailbox_up{mailbox=\"sup\\\"port\"} 0"));
  CHECK(has_line(page, "ticketd_mails_filed_total{mailbox=\"sup\\\"port\",outcome=\"new_ticket\"} 0"));
  CHECK(has_line(page, "ticketd_problems 2"));  // the mailbox, the quarantine
  const auto later = page_at(*due + 1s);
  CHECK(has_line(later, "ticketd_answers_owed{category=\"Normal\"} 2"));
  CHECK(has_line(later, "ticketd_answers_overdue{category=\"Normal\"} 2"));
  test.desk->command(TicketId{2}, ReplyCommand{"We look at it.", false}, test.ann);
  CHECK(has_line(page_at(*due + 2s), "ticketd_targets_total{category=\"Normal\",result=\"late\"} 1"));
}

TEST_CASE("Without the store the page has what is known without it", "[metrics]") {
  const auto settings = sample_settings();
  PageInput input{settings};
  input.tokens = {{"mailbox support", true, Time{std::chrono::seconds{1'800'000'000}}}, {"mx", false, std::nullopt}};
  input.worker_jobs = 7;
  const auto page = metrics_page(input);
  CHECK(has_line(page, "ticketd_store_answers 0"));
  CHECK(has_line(page, "ticketd_worker_jobs 7"));
  CHECK(has_line(page, "ticketd_token_expiry_timestamp_seconds{server=\"mailbox support\"} 1800000000"));
  CHECK(page.find("ticketd_token_expiry_timestamp_seconds{server=\"mx\"}") == std::string::npos);
  CHECK(has_line(page, "ticketd_token_good{server=\"mailbox support\"} 1"));
  CHECK(has_line(page, "ticketd_token_good{server=\"mx\"} 0"));
  CHECK(page.find("ticketd_tickets") == std::string::npos);
}

TEST_CASE("Health as text and as JSON", "[metrics]") {
  CHECK(health_text({}) == "ok\n");
  CHECK(health_json({}) == "{\"ok\":true,\"problems\":[]}\n");
  CHECK(health_text({"a\nb", "c"}) == "a\uFFFDb\nc\n");
  CHECK(health_json({"a"}) == "{\"ok\":false,\"problems\":[\"a\"]}\n");
}

TEST_CASE("The documentation has the table of metrics as it is", "[metrics]") {
  std::string expected = "| metric | type | labels | what it tells |\n|---|---|---|---|\n";
  for (const auto* each : family::all())
    expected += fmt::format("| `{}` | {} | {} | {} |\n", each->name, name_of(each->type),
                            each->labels.empty() ? "" : "`" + std::string(each->labels) + "`", each->help);
  const std::string path = TESTS_DIR "/../docs/monitoring.md";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  INFO("docs/monitoring.md should have:\n" << expected);
  CHECK(text.find(expected) != std::string::npos);
}

}  // namespace
}  // namespace ticketd
