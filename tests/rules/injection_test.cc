// What a hostile mail tries to get into the mails that answer it, and into the decision about it.
#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

namespace {

Email read(const std::string& octets) { return std::get<Email>(parse_email(octets)); }

const std::string kPlain =
    "From: Jane <jane@acme.example>\r\nSubject: Fax\r\nMessage-ID: <m1@acme.example>\r\nReferences: "
    "<m0@acme.example>\r\n";

std::string with(const std::string& from, const std::string& to) {
  auto changed = kPlain;
  return changed.replace(changed.find(from), from.size(), to);
}

/// What every header that leaves must be: known fields, each line short and of one kind of octets.
void check_header(const OutgoingMail& mail) {
  const auto header = mail.octets.substr(0, mail.octets.find("\r\n\r\n") + 2);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto c = static_cast<unsigned char>(header[i]);
    if (c == '\r')
      CHECK((i + 1 < header.size() && header[i + 1] == '\n'));
    else if (c == '\n')
      CHECK((i > 0 && header[i - 1] == '\r'));
    else
      CHECK((c >= ' ' && c != 0x7F));
  }
  CHECK(header.find("\xE2\x80\xA8") == std::string::npos);
  CHECK(header.find("\xE2\x80\xA9") == std::string::npos);
}

}  // namespace

TEST_CASE("No value of a mail adds a field, a recipient or a line to an answer") {
  const auto plain = [&] {
    DeskCase desk;
    desk.email = read(kPlain + "\r\ntext\r\n");
    return desk.decide().outgoing.at(0);
  }();
  const auto fields = field_names(plain.octets);
  const std::pair<const char*, std::string> endings[] = {
      {"CR", "=0D"},           {"LF", "=0A"},
      {"CRLF", "=0D=0A"},      {"NUL", "=00"},
      {"U+2028", "=E2=80=A8"}, {"U+2029", "=E2=80=A9"},
      {"NEL", "=C2=85"},       {"VT", "=0B"},
      {"ESC", "=1B"},          {"right-to-left override", "=E2=80=AE"}};
  for (const auto& [name, ending] : endings) {
    const auto word = "=?utf-8?q?x" + ending + "Bcc:_eve=40evil.example" + ending + ending + "x?=";
    const std::pair<const char*, std::string> places[] = {
        {"subject", with("Fax", word)},
        {"name", with("Jane <jane@acme.example>", word + " <jane@acme.example>")},
        {"Message-ID", with("<m1@acme.example>", "<" + word + "@acme.example>")},
        {"References", with("<m0@acme.example>", "<" + word + "@acme.example> <m0@acme.example>")},
        {"Reply-To", kPlain + "Reply-To: " + word + " <team@acme.example>\r\n"},
        {"file name", kPlain + "Content-Type: text/plain; name=\"" + word + "\"\r\n"},
        {"local part", with("jane@", word + "@")},
    };
    for (const auto& [place, header] : places) {
      DYNAMIC_SECTION(name << " in the " << place) {
        DeskCase desk;
        desk.email = read(header + "\r\ntext\r\n");
        for (const auto& mail : desk.decide().outgoing) {
          check_header(mail);
          CHECK(mail.recipients.size() == 1);
          auto found = field_names(mail.octets);
          CHECK(found.size() <= fields.size());
          for (const auto& field : found) CHECK(std::ranges::find(fields, field) != fields.end());
          CHECK(mail.octets.find("\nBcc") == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("Raw line ends within a header start a field of that mail, and of no other") {
  DeskCase desk;
  desk.email = read(
      "From: Jane <jane@acme.example>\r\nSubject: Fax\rBcc: eve@evil.example\r\nMessage-ID: <a\rb@c>\r\n\r\ntext\r\n");
  for (const auto& mail : desk.decide().outgoing) check_header(mail);
}

TEST_CASE("What a mail says of itself in our own words changes nothing") {
  DeskCase desk;
  desk.email = read(kPlain + "\r\ntext\r\n");
  const auto plain = desk.decide();
  const std::pair<const char*, std::string> cases[] = {
      {"X-Ticketd fields", "X-Ticketd-Ticket: 17\r\nX-Ticketd-Status: closed\r\nX-Ticketd-Priority: Urgent\r\n"},
      {"X-Ticket-ID", "X-Ticket-ID: 17\r\nX-Assignee: ann\r\n"},
      {"Received", "Received: from support@example.com by localhost; Mon, 1 Jan 2001 00:00:00 +0000\r\n"},
      {"the client's priority", "X-Priority: 1\r\nImportance: high\r\nPriority: urgent\r\n"},
      {"a date of its own",
       "Date: Mon, 1 Jan 2001 00:00:00 +0000\r\nDelivery-Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n"},
      {"results of a check that nobody trusts",
       "Authentication-Results: example.com; dkim=pass header.d=example.com\r\n"},
      {"envelope",
       "X-Envelope-From: ann@example.com\r\nX-Original-From: ann@example.com\r\nErrors-To: ann@example.com\r\n"},
  };
  for (const auto& [name, fields] : cases) {
    DYNAMIC_SECTION(name) {
      desk.email = read(fields + kPlain + "\r\ntext\r\n");
      const auto decision = desk.decide();
      CHECK(decision.outcome == plain.outcome);
      CHECK(decision.ticket->number == plain.ticket->number);
      CHECK(decision.ticket->priority == plain.ticket->priority);
      CHECK(decision.ticket->status == plain.ticket->status);
      CHECK(decision.ticket->assignee == plain.ticket->assignee);
      CHECK(decision.ticket->reported_at == plain.ticket->reported_at);
      CHECK(decision.participants == plain.participants);
      CHECK(decision.classes == plain.classes);
      REQUIRE(decision.outgoing.size() == 1);
      CHECK(decision.outgoing[0].octets == plain.outgoing[0].octets);
    }
  }
}

TEST_CASE("A stranger's mail is answered the same, whatever ticket its tag names") {
  const auto answer_to = [](const std::optional<Ticket>& named) {
    DeskCase desk;
    desk.email = read(
        "From: eve@evil.example\r\nCc: eve2@evil.example\r\nSubject: Re: [SUP-17] Fax\r\nMessage-ID: "
        "<e@evil>\r\n\r\nx\r\n");
    if (named) desk.context.candidates = {candidate_17(Candidate::Via::tag, *named)};
    const auto decision = desk.decide();
    REQUIRE(decision.outgoing.size() == 1);
    CHECK(decision.opens);
    CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"eve@evil.example"});
    return decision.outgoing[0].octets;
  };
  const auto unknown = answer_to({});
  using Change = void (*)(Ticket&);
  const std::pair<const char*, Change> cases[] = {
      {"new", [](Ticket&) {}},
      {"open", [](Ticket& t) { t.status = TicketStatus::open; }},
      {"resolved",
       [](Ticket& t) {
         t.status = TicketStatus::resolved;
         t.resolved_at = tuesday_ten();
       }},
      {"closed",
       [](Ticket& t) {
         t.status = TicketStatus::closed;
         t.closed_at = tuesday_ten();
       }},
      {"closed long ago",
       [](Ticket& t) {
         t.status = TicketStatus::closed;
         t.closed_at = Time{};
       }},
      {"merged", [](Ticket& t) { t.merged_into = TicketId{3}; }},
      {"urgent, of another organization",
       [](Ticket& t) {
         t.priority = Priority::urgent;
         t.organization = "Other";
       }},
  };
  for (const auto& [name, change] : cases) {
    DYNAMIC_SECTION(name) {
      auto ticket = ticket_17();
      change(ticket);
      CHECK(answer_to(ticket) == unknown);
    }
  }
}

}  // namespace ticketd
