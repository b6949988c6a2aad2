// Foreign text in what ticketctl prints: for people on a terminal, and for programs.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/ctl/status_text.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {

namespace {

/// Clears the screen, sets the window's title, turns text round, ends the line, and is no UTF-8.
const std::string kHostile = std::string("\x1b[2J\x1b]0;x\x07\xC2\x9B[31m\r\n\x7f\xE2\x80\xAE\xff\b") + '\0';

TicketRow hostile_row() {
  TicketRow row;
  row.ticket.number = TicketId{1};
  row.ticket.subject = row.ticket.organization = row.ticket.assignee = row.ticket.reply_to = row.snippet = kHostile;
  row.ticket.requester = {kHostile, kHostile};
  row.ticket.requested_priority = Priority::urgent;
  return row;
}

Message hostile_message() {
  Message message;
  message.from = {kHostile, kHostile};
  message.to = message.cc = {{kHostile, kHostile}};
  message.subject = message.message_id = message.text = message.importance = kHostile;
  message.attachments = {{1, kHostile, kHostile, 5, kHostile, false}};
  return message;
}

Event hostile_event() { return {TicketId{1}, tuesday_ten(), kHostile, kHostile, kHostile}; }

OutboxRow hostile_mail() {
  OutboxRow row;
  row.mail.recipients = {kHostile};
  row.mail.message_id = row.mail.reverse_path = kHostile;
  row.last_error = kHostile;
  row.refused = {kHostile};
  return row;
}

MailboxHealth hostile_mailbox() {
  MailboxHealth health;
  health.name = health.error = kHostile;
  return health;
}

LedgerEntry hostile_entry() {
  LedgerEntry entry;
  entry.mailbox = entry.reason = kHostile;
  return entry;
}

Decision hostile_decision() {
  Decision decision;
  decision.reason = decision.organization = decision.acknowledgement_reason = kHostile;
  decision.reasons = {kHostile};
  decision.ticket = hostile_row().ticket;
  return decision;
}

Email hostile_email() {
  Email email;
  email.from = Mailbox{kHostile, kHostile};
  email.subject = kHostile;
  return email;
}

/// Printable on any terminal, and as many lines as the same with harmless values.
void check_printable(const std::string& text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    CHECK((octet == '\n' || (octet >= ' ' && octet != 0x7F)));
  }
  CHECK(text.find("\xC2\x9B") == std::string::npos);
  CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(text.find('\xff') == std::string::npos);
}

}  // namespace

TEST_CASE("No foreign text reaches the terminal as it is") {
  const Time now = tuesday_ten();
  const TextStyle plain;
  const std::vector<TicketRow> rows{hostile_row()};
  const std::vector<Message> messages{hostile_message()};
  const std::vector<Event> events{hostile_event()};
  const std::vector<OutboxRow> outbox{hostile_mail()};
  const std::vector<QuarantinedMail> quarantine{{1, kHostile, Uid{1}, now, kHostile, 5}};
  const std::vector<MailboxHealth> mailboxes{hostile_mailbox()};
  const std::vector<LedgerEntry> entries{hostile_entry()};
  const std::vector<Problem> problems{{"quarantine", kHostile, {}}};
  const std::vector<std::string> hindrances{kHostile};
  const std::vector<Probe> probes{{kHostile, kHostile}};
  const auto email = hostile_email();
  SECTION("list and search") { check_printable(present_list(rows, now, plain)); }
  SECTION("show") {
    check_printable(present_case(rows[0], messages, events, QuotedText::folded, Ruleset(), now, plain));
  }
  SECTION("a change") {
    const auto text = present_change(rows[0], now);
    check_printable(text);
    CHECK(std::ranges::count(text, '\n') == 1);
  }
  SECTION("outbox") { check_printable(present_outbox(outbox, now, plain)); }
  SECTION("quarantine") { check_printable(present_quarantine(quarantine, now, plain)); }
  SECTION("ledger") { check_printable(present_ledger(mailboxes, entries, now, plain)); }
  SECTION("status") { check_printable(present_status(problems, hindrances, mailboxes, {}, now, plain)); }
  SECTION("probes") { check_printable(present_probes(probes, plain)); }
  SECTION("explain") { check_printable(present_decision(hostile_decision(), &email, plain)); }
}

TEST_CASE("Status says first that answers are overdue") {
  DeskCounts counts;
  const auto status = [&](std::span<const Problem> problems) {
    return present_status(problems, {}, {}, counts, tuesday_ten(), {});
  };
  CHECK(status({}).starts_with("All is well.\n"));
  counts.tickets_breached = 1;  // answered late
  CHECK(status({}).starts_with("All is well.\n"));
  CHECK(status({}).find(" 1 breached (0 overdue, 1 answered late)\n") != std::string::npos);
  counts.tickets_overdue = 1;
  counts.most_overdue = NextTarget{TicketId{12}, Priority::urgent, tuesday_ten() - std::chrono::hours{2}};
  const std::string_view one =
      "1 answer is overdue, the longest: #12, Urgent, 2 hours ago; see: ticketctl list --breached\n";
  CHECK(status({}).starts_with(std::string(one) + "The desk itself works.\n"));
  counts.tickets_overdue = counts.tickets_breached = 3;
  CHECK(status({}).starts_with("3 answers are overdue, the longest: #12,"));
  const Problem problem{"quarantine", "1 mail in quarantine", {}, 0};
  CHECK(status(std::span(&problem, 1)).find("--breached\nNeeds a person:\n  1 mail in quarantine\n") !=
        std::string::npos);
  CHECK(status_json({}, {}, {}, counts).at("tickets").at("overdue") == 3);
  CHECK(status_json({}, {}, {}, counts).at("most_overdue").at("ticket") == 12);
}

TEST_CASE("Status does not say that all is well while something fails") {
  const Problem problem{"quarantine", "1 mail in quarantine", {}, 0};
  const std::vector<std::string> hindrances{"1 mail is not sent, trying again: see ticketctl outbox"};
  const auto status = [&](std::span<const Problem> problems) {
    return present_status(problems, hindrances, {}, {}, tuesday_ten(), {});
  };
  CHECK(
      status({}).starts_with("Fails now, and needs a person only if it lasts:\n  1 mail is not sent, trying again: "));
  CHECK(status(std::span(&problem, 1))
            .starts_with("Needs a person:\n  1 mail in quarantine\nFails now as well:\n  1 mail "));
  CHECK(status_json({}, hindrances, {}, {}).at("hindrances").at(0).as_string() == hindrances[0]);
  CHECK(status_json({}, hindrances, {}, {}).at("ok") == true);
}

TEST_CASE("Status says which answer is due next") {
  DeskCounts counts;
  CHECK(present_status({}, {}, {}, counts, tuesday_ten(), {}).find("Due next") == std::string::npos);
  CHECK(status_json({}, {}, {}, counts).at("due_next").is_null());
  counts.next_target = NextTarget{TicketId{17}, Priority::urgent, tuesday_ten() + std::chrono::minutes{12}};
  CHECK(present_status({}, {}, {}, counts, tuesday_ten(), {}).find("\nDue next #17, Urgent, in 12 minutes\n") !=
        std::string::npos);
  CHECK(boost::json::serialize(status_json({}, {}, {}, counts).at("due_next")) ==
        R"({"ticket":17,"category":"Urgent","due_at":"2026-11-24T10:12:00Z"})");
}

TEST_CASE("JSON carries foreign text whole, and stays JSON") {
  const auto comes_back = [](const boost::json::object& object) {
    return boost::json::parse(boost::json::serialize(object)) == boost::json::value(object);
  };
  const std::string odd = std::string("a") + '\0' + "b\r\n\t\"\\\x1b{}[],\xE2\x80\xA8'";
  auto message = hostile_message();
  message.text = message.subject = odd;
  message.from = {odd, odd};
  message.to = message.cc = {{odd, odd}};
  message.message_id = message.importance = odd;
  message.attachments = {{1, odd, odd, 5, odd, false}};
  const auto object = message_json(message);
  CHECK(comes_back(object));
  CHECK(object.at("text").as_string() == odd);
  CHECK(object.at("attachments").at(0).at("name").as_string() == odd);
}

}  // namespace ticketd
