#include "rules/webhook.h"

#include "rules/staff_notice.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

Ticket hostile_ticket() {
  Ticket ticket;
  ticket.number = TicketId{12};
  ticket.subject = "No \"dial\" tone\\ \x1b[2J\r\nX: <script>";
  ticket.requester = {"Jane \xe2\x80\xae Doe", "jane@acme.example"};
  ticket.organization = "Acme";
  ticket.priority = Priority::urgent;
  ticket.reported_at = tuesday_ten();
  ticket.response_due_at = tuesday_ten() + 30min;
  return ticket;
}

Ruleset ruleset_with_webhook() {
  auto ruleset = sample_ruleset();
  ruleset.staff[0].webhook = "https://hooks.example.com/secret-path";
  ruleset.staff[0].webhook_secret_file = "ann-webhook";
  ruleset.staff[0].page = {"15550001@sms.example.net"};
  return ruleset;
}

TEST_CASE("A page for a webhook, with hostile words in it") {
  const auto ruleset = ruleset_with_webhook();
  const auto ticket = hostile_ticket();
  const auto call = webhook_page(ruleset.staff[0], {StaffEvent::opened, "New Urgent ticket", ticket}, ruleset,
                                 tuesday_ten() + 1s, "token");
  CHECK(call.kind == OutboxKind::webhook);
  CHECK(call.ticket == TicketId{12});
  CHECK(call.recipients == std::vector<std::string>{"webhook:Ann Engineer"});
  CHECK(call.message_id == "token@example.com");
  const std::string strange = "\xEF\xBF\xBD";  // U+FFFD
  CHECK(call.octets ==
        R"({"kind":"page","event":"opened","headline":"New Urgent ticket","to":"Ann Engineer",)"
        R"("at":"2026-11-24T10:00:01Z","ticket":{"number":12,"tag":"SUP-12","subject":"No \"dial\" tone\\ )" +
            strange + "[2J" + strange + strange + R"(X: \u003cscript>","status":"new","priority":10,)" +
            R"("requester":{"name":"Jane )" + strange + R"( Doe","address":"jane@acme.example"},)" +
            R"("organization":"Acme","assignee":null,"reported_at":"2026-11-24T10:00:00Z",)" +
            R"("response_due_at":"2026-11-24T10:30:00Z"}})");
}

TEST_CASE("Whose webhook a row of the outbox means") {
  auto ruleset = ruleset_with_webhook();
  CHECK(find_webhook(webhook_recipient(ruleset.staff[0]), ruleset) == &ruleset.staff[0]);
  CHECK(find_webhook("webhook:ann engineer", ruleset) == &ruleset.staff[0]);
  for (const char* recipient : {"webhook:", "webhook:Bob", "Ann Engineer", "ann@example.com", ""})
    CHECK(find_webhook(recipient, ruleset) == nullptr);
  ruleset.staff[0].webhook.clear();
  CHECK(find_webhook("webhook:Ann Engineer", ruleset) == nullptr);
}

Decision told(StaffEvent event, const Ruleset& ruleset, const NewsCounts& counts = {}) {
  Decision decision;
  decision.ticket = hostile_ticket();
  News news;
  news.event = event;
  decision.news = {news};
  const std::vector<std::string> references;
  const Templates templates;
  const TokenSource tokens = [] { return std::string("token"); };
  tell_staff({counts, references, ruleset, templates, tuesday_ten(), tokens}, decision);
  return decision;
}

std::size_t count_calls(const Decision& decision) {
  return static_cast<std::size_t>(std::ranges::count(decision.outgoing, OutboxKind::webhook, &OutgoingMail::kind));
}

TEST_CASE("Pages go to the webhook, and nothing else does") {
  auto ruleset = ruleset_with_webhook();
  CHECK(count_calls(told(StaffEvent::opened, ruleset)) == 1);
  CHECK(count_calls(told(StaffEvent::breached, ruleset)) == 1);
  CHECK(count_calls(told(StaffEvent::estimate_passed, ruleset)) == 0);
  CHECK(count_calls(told(StaffEvent::mail_bounced, ruleset)) == 0);
  ruleset.staff[0].webhook.clear();
  CHECK(count_calls(told(StaffEvent::opened, ruleset)) == 0);
}

TEST_CASE("A flood goes to the webhook as one digest") {
  const auto ruleset = ruleset_with_webhook();
  NewsCounts counts;
  counts.of_sender = ruleset.page_limit.count;
  const auto decision = told(StaffEvent::opened, ruleset, counts);
  CHECK(decision.outgoing.empty());
  std::vector<DueNews> due;
  for (const auto& entry : decision.digest) due.push_back({entry, hostile_ticket()});
  REQUIRE(due.size() == 3);
  due.push_back(due.back());
  due.back().ticket.number = TicketId{13};
  const auto digests =
      decide_digests(due, ruleset, Templates{}, tuesday_ten() + 10min, [] { return std::string("token"); });
  REQUIRE(count_calls(digests) == 1);
  const auto call = std::ranges::find(digests.outgoing, OutboxKind::webhook, &OutgoingMail::kind);
  CHECK(call->recipients == std::vector<std::string>{"webhook:Ann Engineer"});
  CHECK(call->octets.starts_with(R"({"kind":"digest","headline":"2 tickets wait","to":"Ann Engineer",)"));
  CHECK(call->octets.find(R"("number":12)") != std::string::npos);
  CHECK(call->octets.find(R"("number":13)") != std::string::npos);
  CHECK(digests.outgoing.size() == 3);
}

}  // namespace
}  // namespace ticketd
