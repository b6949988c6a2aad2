// Internal notes never reach a customer: each way into a ticket, and each kind of mail that leaves it.
#include <map>

#include "tests/daemon/test_desk.h"

namespace ticketd {
namespace {

const std::string kJane = "jane@acme.example", kAnn = "ann@example.com";

constexpr TicketId kOne{1};

/// Each word stands in a note, or in a mail of staff that is none, by another way.
const std::vector<std::string> kSecrets{"marzipan", "obelisk", "quicksilver", "tamarind"};

struct NotesDesk : TestDesk {
  Actor engineer{"Ann Engineer", &rules->ruleset.staff[0]};
  int mails = 0;
  std::string ours;  ///< the acknowledgement of ticket 1

  NotesDesk() { REQUIRE(rules->templates.replace("closed.txt", "Subject: {subject}\n\nClosed.\n").empty()); }

  struct Letter {
    std::string from, subject, text, answers = {};
    bool oversize = false;
  };
  Decision take(const Letter& letter) {
    now += 1min;
    ArrivedMail arrived;
    arrived.mailbox = "support";
    arrived.internal_date = now;
    arrived.oversize = letter.oversize;
    arrived.original_size = letter.oversize ? 99'000'000 : 0;
    arrived.octets =
        fmt::format("From: {}\r\nTo: support@example.com\r\nMessage-ID: <m{}@x.example>\r\n", letter.from, ++mails);
    if (!letter.answers.empty()) arrived.octets += fmt::format("In-Reply-To: <{}>\r\n", letter.answers);
    arrived.octets += fmt::format("Subject: {}\r\n\r\n{}\r\n", letter.subject, letter.text);
    return desk->ingest(arrived);
  }
  void order(TicketId ticket, const StaffCommand& command) {
    now += 1min;
    const auto result = desk->command(ticket, command, engineer);
    REQUIRE(result);
    const auto* refusal = std::get_if<Refusal>(&*result);
    INFO((refusal == nullptr ? std::string() : refusal->reason));
    REQUIRE(refusal == nullptr);
  }
  /// The latest mail that went to that address.
  OutboxRow latest(const std::string& to) {
    auto rows = store().outbox();
    std::erase_if(rows, [&](const OutboxRow& row) { return row.mail.recipients != std::vector{to}; });
    REQUIRE_FALSE(rows.empty());
    return store().outgoing(rows.back().mail.id).value();
  }
  Ticket ticket(TicketId number) { return store().ticket(number).value().ticket; }

  void merge_into_one(TicketId ticket) { order(ticket, MergeCommand{kOne}); }

  void write_notes() {
    take({kJane, "High: Fax", "It prints blank pages."});
    ours = latest(kJane).mail.message_id;
    order(kOne, NoteCommand{"He is a marzipan."});
    take({kAnn, "Re: [SUP-1] High: Fax", "#note\r\nShe is an obelisk.", latest(kAnn).mail.message_id});
    merge_into_one(take({kAnn, "[SUP-1] Fax", "All this is quicksilver."}).ticket->number);
    const auto second = take({kJane, "Fax once more", "Blank."}).ticket->number;
    order(second, NoteCommand{"Ask the tamarind."});
    merge_into_one(second);
  }
  /// Every kind of mail that a customer gets.
  void write_everything() {
    take({kJane, "Urgent: Re: [SUP-1] High: Fax", "Now!", ours});
    order(kOne, ReplyCommand{"We know of quartz."});
    order(kOne, EstimateCommand{"2h"});
    take({kJane, "Normal: Re: [SUP-1] High: Fax", "It can wait.", ours});
    take({kJane, "Re: [SUP-1] Fax", "A film of it.", ours, true});
    order(kOne, PrioritizeCommand{Priority::urgent, "It spreads."});
    const auto incident =
        std::get<IncidentNumber>(desk->open_incident({"Fax down", IncidentMatch::by_hand, "", "We look."}, engineer));
    order(kOne, IncidentCommand{incident});
    order(kOne, IncidentCommand{});
    now += 1h;
    desk->run_timers();
    order(kOne, PrioritizeCommand{Priority::normal, "It does not."});
    order(kOne, PrioritizeCommand{Priority::high, "It does."});
    order(kOne, IncidentCommand{incident});
    CHECK(std::holds_alternative<IncidentNumber>(desk->resolve_incident(incident, "Mended.", engineer)));
    now += 1min;
    desk->run_timers();
    CHECK(ticket(kOne).status == TicketStatus::resolved);
    take({kJane, "Re: [SUP-1] High: Fax", "No, it is not.", ours});
    order(kOne, ResolveCommand{"Now it is."});
    now += 24h * 10;
    desk->run_timers();
    CHECK(ticket(kOne).status == TicketStatus::closed);
    now += 24h * 20;
    CHECK(take({kJane, "Re: [SUP-1] High: Fax", "Again!", ours}).outcome == Outcome::new_ticket);
  }
  /// Takes what waits in the outbox for anybody but staff, by kind: the octets without the line ends of their encoding.
  std::map<OutboxKind, std::string> send_to_customers() {
    std::map<OutboxKind, std::string> texts;
    for (const auto& row : store().lease_outbox(now, 1000)) {
      if (row.mail.recipients == std::vector{kAnn}) continue;
      auto octets = row.mail.octets;
      for (auto at = octets.find("=\r\n"); at != std::string::npos; at = octets.find("=\r\n", at)) octets.erase(at, 3);
      texts[row.mail.kind] += octets;
    }
    return texts;
  }
};

}  // namespace

TEST_CASE("no word of a note reaches a customer, however it came and whatever is sent") {
  NotesDesk test;
  test.write_notes();
  std::string on_record;
  for (const auto& message : test.store().messages(kOne)) on_record += message.text;
  for (const auto& secret : kSecrets) {
    INFO(secret);
    REQUIRE(on_record.find(secret) != std::string::npos);
  }
  CHECK_FALSE(test.ticket(kOne).responded_at);
  const auto before = test.send_to_customers();
  test.write_everything();
  const auto sent = test.send_to_customers();
  for (const auto kind : {OutboxKind::acknowledgement, OutboxKind::answer, OutboxKind::reply, OutboxKind::update,
                          OutboxKind::resolution, OutboxKind::closed, OutboxKind::breach, OutboxKind::incident}) {
    INFO(name_of(kind));
    CHECK(sent.contains(kind));
  }
  for (const auto* mails : {&before, &sent})
    for (const auto& [kind, octets] : *mails)
      for (const auto& secret : kSecrets) {
        INFO(name_of(kind) << " " << secret);
        CHECK(octets.find(secret) == std::string::npos);
      }
  CHECK(sent.at(OutboxKind::reply).find("quartz") != std::string::npos);  // it would be found
}

}  // namespace ticketd
