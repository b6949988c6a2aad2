#include "rules/returned_mail.h"

#include <catch2/catch.hpp>

#include "tests/rules/bounce_case.h"

namespace ticketd {
namespace {

struct FailureCase {
  const char* name;
  DeliveryStatus status;
  Failure failure;
};

TEST_CASE("What a report says of a recipient") {
  const std::vector<FailureCase> cases{
      {"no such mailbox", {"a@x", "", "failed", "5.1.1", "550 5.1.1 gone"}, Failure::permanent},
      {"no such domain", {"a@x", "", "failed", "5.1.2", ""}, Failure::permanent},
      {"moved", {"a@x", "", "failed", "5.1.6", ""}, Failure::permanent},
      {"a domain that takes no mail", {"a@x", "", "failed", "5.1.10", ""}, Failure::permanent},
      {"a mailbox that is disabled", {"a@x", "", "failed", "5.2.1", "550 5.2.1 mailbox disabled"}, Failure::permanent},
      {"a mailbox that takes nothing, for whatever reason", {"a@x", "", "failed", "5.2.1", ""}, Failure::temporary},
      {"the code of the diagnostic is nearer", {"a@x", "", "failed", "5.0.0", "550-5.1.1 gone"}, Failure::permanent},
      {"and says when it is something else", {"a@x", "", "failed", "5.1.1", "552 5.2.2 full"}, Failure::temporary},
      {"in words", {"a@x", "", "failed", "5.0.0", "550 User unknown"}, Failure::permanent},
      {"in words, for a domain", {"a@x", "", "failed", "5.4.4", "Host or domain name not found"}, Failure::permanent},
      {"full", {"a@x", "", "failed", "5.2.2", "552 5.2.2 over quota"}, Failure::temporary},
      {"refused as spam", {"a@x", "", "failed", "5.7.1", "550 5.7.1 rejected as spam"}, Failure::temporary},
      {"the sender's address is bad, not his",
       {"a@x", "", "failed", "5.1.8", "553 5.1.8 bad sender"},
       Failure::temporary},
      {"given up after days", {"a@x", "", "failed", "4.4.7", "delivery time expired"}, Failure::temporary},
      {"given up, although it names an unknown user",
       {"a@x", "", "failed", "", "450 4.1.1 User unknown"},
       Failure::temporary},
      {"a free-form 4xx", {"a@x", "", "failed", "", "451 User unknown, try later"}, Failure::temporary},
      {"delayed", {"a@x", "", "delayed", "5.1.1", "550 5.1.1 gone"}, Failure::delayed},
      {"delivered", {"a@x", "", "delivered", "2.1.5", ""}, Failure::none},
      {"relayed", {"a@x", "", "relayed", "", ""}, Failure::none},
      {"what our server may pass on",
       {"a@x", "", "failed", "5.1.1", "550 5.1.1 a@x: Relay access denied"},
       Failure::temporary},
      {"a relay that knows its users",
       {"a@x", "", "failed", "5.1.1", "550 5.1.1 User unknown in relay recipient table"},
       Failure::permanent},
      {"nothing is said", {"a@x", "", "", "", ""}, Failure::temporary},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(judge_failure(example.status) == example.failure);
  }
}

TEST_CASE("A bounce says what did not reach whom, and bars the address") {
  const auto decision = bounce_case().decide();
  CHECK(decision.outcome == Outcome::follow_up);
  CHECK(event_detail(decision, "mail_came_back") ==
        "The acknowledgement did not reach Jane@acme.example: the report says \"550 5.1.1 No such user\"");
  REQUIRE(decision.undeliverable.size() == 1);
  CHECK(decision.undeliverable[0].address == "jane@acme.example");
  CHECK(decision.undeliverable[0].reason == "550 5.1.1 No such user");
  CHECK(decision.undeliverable[0].outbox == 7);
  CHECK(has_event(decision, "address_undeliverable"));
  REQUIRE(decision.returned.size() == 1);
  CHECK(decision.returned[0].outbox == 7);
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->status == ticket_17().status);
  CHECK(decision.ticket->response_due_at == ticket_17().response_due_at);
  CHECK_FALSE(decision.ticket->responded_at);
}

TEST_CASE("What a bounce does not bar") {
  using Change = void (*)(DeskCase&);
  const std::tuple<const char*, Change, std::string> cases[] = {
      {"a delay changes nothing", [](DeskCase& d) { d.email.delivery_statuses[0].action = "delayed"; },
       "The acknowledgement has not reached Jane@acme.example yet; the mail server goes on trying: the report says "
       "\"550 5.1.1 No such user\""},
      {"a receipt of delivery", [](DeskCase& d) { d.email.delivery_statuses[0].action = "delivered"; },
       "The acknowledgement reached Jane@acme.example."},
      {"a full mailbox",
       [](DeskCase& d) {
         d.email.delivery_statuses[0] = {"jane@acme.example", "", "failed", "5.2.2", "552 full"};
       },
       "The acknowledgement did not reach jane@acme.example: the report says \"552 full\""},
      {"a third person whom the mail did not go to",
       [](DeskCase& d) { d.email.delivery_statuses[0].final_recipient = "victim@other.example"; },
       "The acknowledgement did not reach victim@other.example: the report says \"550 5.1.1 No such user\""},
      {"one of several who got the mail, for each of them could have written this",
       [](DeskCase& d) { d.context.returned[0].recipients.push_back("eve@evil.example"); },
       "The acknowledgement did not reach Jane@acme.example: the report says \"550 5.1.1 No such user\""},
      {"somebody else's address, to which the recipient's mail is passed on",
       [](DeskCase& d) {
         d.email.delivery_statuses[0] = {"gone@other.example", "jane@acme.example", "failed", "5.1.1", "550 5.1.1 no"};
       },
       "The acknowledgement did not reach jane@acme.example: the report says \"550 5.1.1 no\""},
      {"a domain that only ends like the recipient's",
       [](DeskCase& d) {
         d.email.delivery_statuses[0] = {"j@notacme.example", "jane@acme.example", "failed", "5.1.1", "550 5.1.1 no"};
       },
       "The acknowledgement did not reach jane@acme.example: the report says \"550 5.1.1 no\""},
      {"a report that names nobody", [](DeskCase& d) { d.email.delivery_statuses.clear(); },
       "The acknowledgement did not reach jane@acme.example: the report names no reason"},
  };
  for (const auto& [name, change, text] : cases) {
    DYNAMIC_SECTION(name) {
      auto desk = bounce_case();
      change(desk);
      const auto decision = desk.decide();
      CHECK(event_detail(decision, "mail_came_back") == text);
      CHECK(decision.returned.empty() == (text.find("did not reach") == std::string::npos));
      CHECK(decision.undeliverable.empty());
      CHECK_FALSE(has_event(decision, "address_undeliverable"));
    }
  }
}

TEST_CASE("What may be forged bars nobody") {
  using Change = void (*)(DeskCase&);
  const std::tuple<const char*, Change> cases[] = {
      {"the recipient has written since: it arrived, and his answer showed the id to others",
       [](DeskCase& d) {
         d.context.returned[0].heard_from = {"bob@partner.example", "Jane@acme.example"};
       }},
      {"a participant reports",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "Bob@partner.example"};
       }},
      {"the recipient reports",
       [](DeskCase& d) {
         d.context.candidates.clear();
         d.email.from = Mailbox{"", "jane@acme.example"};
       }},
      {"staff report",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "ann@example.com"};
       }},
  };
  for (const auto& [name, change] : cases) {
    INFO(name);
    auto desk = bounce_case();
    desk.add_field("Return-Path", "<>");
    change(desk);
    const auto decision = desk.decide();
    CHECK(event_detail(decision, "mail_came_back") ==
          "The acknowledgement did not reach Jane@acme.example: the report says \"550 5.1.1 No such user\"");
    CHECK(decision.undeliverable.empty());
  }
}

TEST_CASE("Who else has written does not show that the mail arrived") {
  auto desk = bounce_case();
  desk.context.returned[0].heard_from = {"bob@partner.example"};
  desk.add_field("Return-Path", "<>");
  CHECK(desk.decide().undeliverable.size() == 1);
}

TEST_CASE("A report is about the mail that it encloses or answers, not about the rest of the thread") {
  auto desk = bounce_case();
  desk.email.references = {"ack@example.com", "reply@example.com"};
  const auto ids = [&] { return desk.query().returned_ids; };
  desk.email.returned_ids = {"reply@example.com"};
  desk.email.in_reply_to = {"reply@example.com"};
  CHECK(ids() == std::vector<std::string>{"reply@example.com"});
  desk.email.in_reply_to.clear();
  CHECK(ids() == std::vector<std::string>{"reply@example.com"});
  desk.email.returned_ids.clear();
  desk.email.in_reply_to = {"reply@example.com"};
  CHECK(ids() == std::vector<std::string>{"reply@example.com"});
  desk.email.in_reply_to.clear();
  CHECK(ids() == std::vector<std::string>{"reply@example.com", "ack@example.com"});
}

TEST_CASE("Of several mails a report concerns those whose recipients it names") {
  auto desk = bounce_case();
  desk.context.returned.push_back({8, OutboxKind::reply, TicketId{17}, {"eve@partner.example"}});
  const auto texts = [&] {
    std::vector<std::string> found;
    for (const auto& event : desk.decide().events)
      if (event.kind == "mail_came_back") found.push_back(event.detail.substr(0, event.detail.find(':')));
    return found;
  };
  CHECK(texts() == std::vector<std::string>{"The acknowledgement did not reach Jane@acme.example"});
  desk.email.delivery_statuses[0].final_recipient = "eve@partner.example";
  CHECK(texts() == std::vector<std::string>{"The answer did not reach eve@partner.example"});
  desk.email.delivery_statuses[0].final_recipient = "passed.on@other.example";
  CHECK(texts().size() == 2);
}

TEST_CASE("A mail that is no bounce returns nothing, whatever it encloses") {
  auto desk = bounce_case();
  desk.email.report_type.clear();
  desk.email.from = Mailbox{"Eve", "eve@evil.example"};
  desk.email.subject = "your mail";
  const auto decision = desk.decide();
  CHECK(decision.undeliverable.empty());
  CHECK(decision.returned.empty());
  CHECK_FALSE(has_event(decision, "mail_came_back"));
}

TEST_CASE("A bounce of unknown mail is not answered, and bars nobody") {
  auto desk = bounce_case();
  desk.context.returned.clear();
  desk.context.candidates.clear();
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.outgoing.empty());
  CHECK(decision.undeliverable.empty());
  CHECK_FALSE(decision.ticket->response_due_at);
}

TEST_CASE("A bounce of a mail about no ticket bars as well, and its own ticket says so") {
  auto desk = bounce_case();
  desk.context.candidates.clear();
  desk.context.returned = {{8, OutboxKind::admin, {}, {"jane@acme.example"}}};
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(event_detail(decision, "mail_came_back") ==
        "The message to the admins did not reach Jane@acme.example: the report says \"550 5.1.1 No such user\"");
  CHECK(decision.undeliverable.size() == 1);
  CHECK(decision.outgoing.empty());
}

TEST_CASE("A free-form report is read for the recipients of the mail that it returns") {
  auto desk = bounce_case();
  desk.add_field("Return-Path", "<>");
  desk.email.report_type.clear();
  desk.email.delivery_statuses.clear();
  SECTION("a failure") {
    desk.email.text =
        "Sorry, bob@other.example.\n<jane@acme.example>:\nRemote host said: 550 no such user\nMessage-ID: "
        "<ours@example.com>\n";
    const auto decision = desk.decide();
    CHECK(
        event_detail(decision, "mail_came_back") ==
        "The acknowledgement did not reach jane@acme.example: the report says \"Remote host said: 550 no such user\"");
    CHECK(decision.undeliverable.size() == 1);
  }
  SECTION("RFC 3464's fields in the text") {
    desk.email.text =
        "An error occurred.\n\nAction: failed\nFinal-Recipient: rfc822; jane@acme.example\nDiagnostic-Code: smtp; 550 "
        "5.1.1 gone\nStatus: 5.1.1\n";
    CHECK(event_detail(desk.decide(), "mail_came_back") ==
          "The acknowledgement did not reach jane@acme.example: the report says \"550 5.1.1 gone\"");
  }
  SECTION("a field that names whom, and a text that names nobody") {
    desk.email.text = "The following addresses failed:\n  save to her mailbox\n 550 user unknown\n";
    desk.add_field("X-Failed-Recipients", "bob@other.example, jane@acme.example");
    const auto decision = desk.decide();
    CHECK(event_detail(decision, "mail_came_back") ==
          "The acknowledgement did not reach jane@acme.example: the report says \"550 user unknown\"");
    CHECK(decision.undeliverable.size() == 1);
  }
  SECTION("a warning") {
    desk.email.subject = "Warning: could not send message for past 4 hours";
    desk.email.text = "<jane@acme.example>... 550 no such user\n";
    CHECK(desk.decide().undeliverable.empty());
  }
  const auto query = desk.query();
  CHECK(query.returned_ids == std::vector<std::string>{"ours@example.com"});
}

TEST_CASE("A diagnostic is one harmless line, and many recipients are a few words") {
  auto desk = bounce_case();
  desk.email.delivery_statuses.assign(100, {"jane@acme.example", "", "failed", "5.7.1",
                                            "550 \x1b[2J\r\nBcc: eve@evil.example" + std::string(4000, 'x')});
  const auto detail = event_detail(desk.decide(), "mail_came_back");
  CHECK(detail.find('\n') == std::string::npos);
  CHECK(detail.find('\x1b') == std::string::npos);
  CHECK(detail.size() < 1500);
  CHECK(detail.ends_with("And 97 more."));
}

TEST_CASE("Whoever writes gets mail again") {
  DeskCase desk;
  desk.context.undeliverable = Undeliverable{"jane@acme.example", desk.now, "550 gone", 7, TicketId{17}};
  SECTION("a person") {
    const auto decision = desk.decide();
    CHECK(decision.deliverable == std::vector<std::string>{"jane@acme.example"});
    CHECK(has_event(decision, "address_deliverable"));
    CHECK(decision.acknowledges);
  }
  SECTION("but no machine") {
    desk.add_field("Auto-Submitted", "auto-replied");
    CHECK(desk.decide().deliverable.empty());
  }
  SECTION("and nobody who may be forged: no answer goes there") {
    desk.ruleset.authserv_id = "mx.example.com";
    const auto decision = desk.decide();
    CHECK(decision.deliverable.empty());
    CHECK_FALSE(decision.acknowledges);
    CHECK(decision.acknowledgement_reason.find("mail to jane@acme.example came back (550 gone)") != std::string::npos);
  }
}

TEST_CASE("A report by a person's way bars nobody") {
  auto desk = bounce_case();
  SECTION("from an address of his own") { desk.add_field("Return-Path", "<eve@evil.example>"); }
  SECTION("in no standard's form, by unknown ways") {
    desk.email.report_type.clear();
    desk.email.delivery_statuses.clear();
    desk.email.text = "<jane@acme.example>:\nRemote host said: 550 5.1.1 no such user\n";
  }
  const auto decision = desk.decide();
  CHECK(has_event(decision, "mail_came_back"));
  CHECK(decision.undeliverable.empty());
}

TEST_CASE("Words about the sender, and numbers that are no codes, bar nobody") {
  const auto judged = [](std::string diagnostic, std::string status = "5.0.0") {
    DeliveryStatus of;
    of.action = "failed";
    of.status = std::move(status);
    of.diagnostic = std::move(diagnostic);
    return judge_failure(of);
  };
  CHECK(judged("550 no such user") == Failure::permanent);
  CHECK(judged("550 5.1.1 no such user") == Failure::permanent);
  CHECK(judged("host mx[4.31.198.44] said: 550 5.1.1 user unknown") == Failure::permanent);
  CHECK(judged("550 5.1.8 <support@desk.example>: Sender address rejected: Domain not found") == Failure::temporary);
  CHECK(judged("550 Sender verify failed: no such user here") == Failure::temporary);
  CHECK(judged("550 5.7.1 Sender address rejected: user unknown in relay recipient table") == Failure::temporary);
  CHECK(judged("550 Your server 5.2.1.44 is on our block list", "5.7.1") == Failure::temporary);
  CHECK(judged("550 5.7.1 mailbox disabled for mail from you") == Failure::temporary);
}

TEST_CASE("An address that a shell would read otherwise stands quoted in a command") {
  auto desk = bounce_case();
  const std::string address = "`touch${ifs}x`@evil.example";
  desk.context.returned[0].recipients = {address};
  desk.email.delivery_statuses[0].final_recipient = address;
  const auto detail = event_detail(desk.decide(), "address_undeliverable");
  CHECK(detail.ends_with("ticketctl undeliverable clear '" + address + "'"));
}

TEST_CASE("A recipient whose own address failed under another name is barred") {
  auto desk = bounce_case();
  auto& status = desk.email.delivery_statuses[0];
  status.original_recipient = "jane@acme.example";
  SECTION("in his domain") { status.final_recipient = "j.doe@acme.example"; }
  SECTION("at a host of his domain") { status.final_recipient = "jane@imap.ACME.example"; }
  const auto decision = desk.decide();
  REQUIRE(decision.undeliverable.size() == 1);
  CHECK(decision.undeliverable[0].address == "jane@acme.example");
}

TEST_CASE("A report's words stand as its own") {
  auto desk = bounce_case();
  auto& status = desk.email.delivery_statuses[0];
  SECTION("what is no address is not shown") {
    const std::string phrase = "call 555 0199 at once";
    status.final_recipient = phrase;
    desk.context.returned[0].recipients = {phrase};
    CHECK(
        event_detail(desk.decide(), "mail_came_back").starts_with("The acknowledgement did not reach its recipient:"));
  }
  SECTION("they can't end their quotes") {
    status.diagnostic = "550 5.1.1 \"; all is well";
    CHECK(event_detail(desk.decide(), "mail_came_back").ends_with("the report says \"550 5.1.1 '; all is well\""));
  }
  SECTION("they are short") {
    status.diagnostic = "550 5.1.1 " + std::string(450, 'x');
    CHECK(event_detail(desk.decide(), "mail_came_back").size() < 320);
  }
}

TEST_CASE("A report that names nobody is about all whom the mail went to") {
  auto desk = bounce_case();
  desk.email.delivery_statuses.clear();
  desk.context.returned[0].recipients = {"jane@acme.example", "joe@acme.example"};
  CHECK(event_detail(desk.decide(), "mail_came_back") ==
        "The acknowledgement did not reach jane@acme.example: the report names no reason The acknowledgement did not "
        "reach joe@acme.example: the report names no reason");
}

}  // namespace
}  // namespace ticketd
