#include "rules/staff_mail.h"

#include <catch2/catch.hpp>

#include "parsers/ascii.h"
#include "tests/rules/staff_desk.h"

namespace ticketd {

TEST_CASE("What staff write above the line goes to the customer, and is the answer") {
  StaffDesk desk;
  const auto decision = desk.write("Please replace the toner.\n" + quoted_notification());
  CHECK(decision.outcome == Outcome::staff);
  CHECK(sent_to_customer(decision).find("Please replace the toner.") != std::string::npos);
  CHECK(sent_to_customer(decision).find("swordfish") == std::string::npos);
  CHECK(decision.ticket->responded_at == desk.now);
  CHECK(decision.ticket->status == TicketStatus::open);
  CHECK(has_event(decision, "reply_sent"));
}

TEST_CASE("A quote without marks hides no answer, however a mail program broke its lines") {
  StaffDesk desk;
  const std::string quote =
      "\n" + cut_line_of(kOurs) + "\n\nNew Normal\nticket.\nThe secret password\n is swordfish.\n";
  CHECK(sent_to_customer(desk.write("Please replace the toner.\n" + quote)).find("replace the toner") !=
        std::string::npos);
  CHECK(has_event(desk.write("Please replace the toner.\n" + quote), "reply_sent"));
}

TEST_CASE("What a mail server appends below the quote hides no answer") {
  StaffDesk desk;
  const std::string footer = "\nThis message is confidential.\n";
  CHECK(has_event(desk.write("Please replace the toner.\n" + quoted_notification() + footer), "reply_sent"));
  CHECK(desk.write("#take\n" + quoted_notification() + footer).ticket->assignee == "Ann Engineer");
}

TEST_CASE("An answer is sent as a whole, or not at all, when a piece of it looks like another mail") {
  for (const char* text : {
           "please look at the header that you sent:\n\nFrom: bob@x.example\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n"
           "To: jane@acme.example\nSubject: test\n\nIt was refused because of SPF.\n",
           "your log:\n\n----- Original Message -----\nINVITE failed\n\nSo the trunk is down, we repair it by 5 pm.\n",
           "please set:\n\nFrom: Monday\nTo: Friday\nDate: 1.12.2026\nSubject: holiday\n\nand then save.\n",
           "You wrote:\n> it rings\n",
       }) {
    INFO(text);
    StaffDesk desk;
    const auto sent = sent_to_customer(desk.write(text + quoted_notification()));
    const std::string words(trim(text));
    const bool is_whole = sent.find(words.substr(words.rfind('\n') + 1)) != std::string::npos;
    CHECK((sent.empty() || is_whole));
  }
}

TEST_CASE("Short answers between the lines of a quote are not lost") {
  for (const char* answer : {"No", "Not new", "New", "is"}) {
    INFO(answer);
    StaffDesk desk;
    const auto decision =
        desk.write("Hello, my answers stand below.\n\nOn Tuesday, Support wrote:\n> " + cut_line_of(kOurs) +
                   "\n>\n> New Normal ticket.\n" + answer + "\n>\n> The secret password is swordfish.\n");
    CHECK(sent_to_customer(decision).empty());
    CHECK(has_event(decision, "staff_mail_refused"));
  }
}

TEST_CASE("An answer that quotes nothing is new as a whole") {
  StaffDesk desk;
  CHECK(sent_to_customer(desk.write("Please replace the toner.\n")).find("replace the toner") != std::string::npos);
}

TEST_CASE("Commands stand alone on the first lines") {
  StaffDesk desk;
  SECTION("take sends nothing") {
    const auto decision = desk.write("#take\n" + quoted_notification());
    CHECK(decision.ticket->assignee == "Ann Engineer");
    CHECK(sent_to_customer(decision).empty());
    CHECK_FALSE(decision.ticket->responded_at);
  }
  SECTION("several, and a text") {
    const auto decision = desk.write("#take\n\n#priority high phones too\n#resolve\nDone.\n" + quoted_notification());
    CHECK(decision.ticket->assignee == "Ann Engineer");
    CHECK(decision.ticket->priority == Priority::high);
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(sent_to_customer(decision).find("Done.") != std::string::npos);
  }
  SECTION("an estimate is told to the customer") {
    const auto decision = desk.write("#estimate 2h\n");
    CHECK(decision.ticket->estimate_at == desk.now + 2h);
    CHECK_FALSE(sent_to_customer(decision).empty());
  }
  SECTION("a note stays here") {
    const auto decision = desk.write("#note\nThey never pay.\n");
    CHECK(sent_to_customer(decision).empty());
    CHECK(std::ranges::any_of(decision.messages, [](const Message& message) {
      return message.direction == Direction::note && message.text == "They never pay.";
    }));
  }
  SECTION("behind a no-break space too") {
    CHECK(sent_to_customer(desk.write("\u00A0#note\nThey never pay.\n")).empty());
  }
  SECTION("a note on its line") {
    const auto decision = desk.write("#note They never pay.\nNever.\n");
    CHECK(sent_to_customer(decision).empty());
    CHECK(decision.messages.at(0).text == "They never pay.\nNever.");
  }
  SECTION("a resolution on its line") {
    const auto decision = desk.write("#resolve The card was replaced.\nPlease test.\n");
    CHECK(sent_to_customer(decision).find("The card was replaced.\nPlease test.") != std::string::npos);
    CHECK(decision.ticket->status == TicketStatus::resolved);
  }
  SECTION("with a blank behind the sign") { CHECK(sent_to_customer(desk.write("# Note\nThey never pay.\n")).empty()); }
  SECTION("words about spam stay here") {
    const auto decision = desk.write("#spam\nA phisher, ignore him.\n");
    CHECK(sent_to_customer(decision).empty());
    CHECK(decision.ticket->status == TicketStatus::closed);
  }
}

TEST_CASE("What can't be carried out is explained to staff, and nothing of it is done") {
  StaffDesk desk;
  const auto text = GENERATE(
      std::string("#take\n#frobnicate\nHello\n"), std::string("#priority enormous\n"), std::string("#assign Nobody\n"),
      std::string("#take\n#estimate yesterday\n"), std::string("#merge 17\n"), std::string("#resolve\n#note\nboth\n"),
      std::string("We tried\n#resolve\n"), std::string("We tried\n# prio normal\n"),
      std::string("Hi\n\u00A0#\u00A0liar\n"), std::string("I am out of the office until Monday.\n"),
      std::string("Ich bin nicht im B\u00FCro.\n"), std::string("#take it\n"), std::string("#spam a phisher\n"),
      "#take\n" + quoted_notification() + "\nWe replaced the card, please test.\n",
      std::string("#merge 12\nSee there.\n"), std::string("\n"), quoted_notification(),
      quoted_notification() + "\nPlease replace the toner.\n", "#resolve\n" + quoted_notification() + "\nDone.\n",
      "Hello\n" + quoted_notification() + "It works now.\n> Regards\n");
  INFO(text);
  const auto decision = desk.write(text);
  CHECK(has_event(decision, "staff_mail_refused"));
  CHECK(sent_to_customer(decision).empty());
  CHECK(decision.ticket->assignee.empty());
  CHECK(decision.ticket->status == TicketStatus::new_);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"ann@example.com"});
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].direction == Direction::note);
}

TEST_CASE("Commands that speak against each other are refused by name") {
  struct Case {
    const char* name;
    const char* text;
    const char* words;
  };
  const Case cases[] = {
      {"merged twice", "#merge 12\n#merge 13\n", "#merge must be the last command"},
      {"an estimate of the other ticket", "#merge 12\n#estimate 2h\n", "#merge must be the last command"},
      {"the other ticket as spam", "#merge 12\n#spam\n", "#spam and #merge can't stand in one mail"},
      {"spam merged", "#spam\n#merge 12\n", "#spam and #merge can't stand in one mail"},
      {"the other ticket taken", "#merge 12\n#take\n", "#merge must be the last command"},
      {"an answer to spam", "#spam\n#resolve\nSorry.\n", "#spam and #resolve can't stand in one mail"},
      {"an estimate to spam", "#estimate 2h\n#spam\n", "#spam and #estimate can't stand in one mail"},
      {"an estimate behind a note", "#note\n#estimate 2h\nPsst.\n", "#note and #estimate can't stand in one mail"},
      {"a resolution behind a note", "#note\n#resolve\n", "#note and #resolve can't stand in one mail"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    StaffDesk desk;
    desk.context.other = ticket_17();
    desk.context.other->number = TicketId{12};
    const auto decision = desk.write(c.text);
    CHECK(sent_to_customer(decision).empty());
    CHECK_FALSE(decision.absorbed);
    CHECK_FALSE(decision.sender_standing);
    CHECK(decision.ticket->number == TicketId{17});
    CHECK(event_detail(decision, "staff_mail_refused").find(c.words) != std::string::npos);
  }
}

TEST_CASE("What is done before a merge is done to the ticket that is merged") {
  StaffDesk desk;
  desk.context.other = ticket_17();
  desk.context.other->number = TicketId{12};
  const auto decision = desk.write("#take\n#merge 12\n");
  CHECK(decision.ticket->number == TicketId{12});
  CHECK(decision.ticket->assignee == "Ann Engineer");
  REQUIRE(decision.absorbed);
  CHECK(decision.absorbed->number == TicketId{17});
}

TEST_CASE("Spam is merged by mail no more than by hand") {
  StaffDesk desk;
  desk.context.other = ticket_17();
  desk.context.other->number = TicketId{12};
  desk.context.candidates[0].blocked_by = TicketId{17};
  const auto decision = desk.write("#merge 12\n");
  CHECK_FALSE(decision.absorbed);
  CHECK(event_detail(decision, "staff_mail_refused").find("marked as spam") != std::string::npos);
}

TEST_CASE("Staff work on what they reported themselves when they answer what they were told as staff") {
  StaffDesk desk;
  auto& candidate = desk.context.candidates[0];
  candidate.ticket.requester = {"Ann Engineer", "ann@example.com"};
  candidate.participants = {"ann@example.com"};
  SECTION("a notification is answered with orders") {
    const auto decision = desk.write("#take\n" + quoted_notification());
    CHECK(decision.outcome == Outcome::staff);
    CHECK(decision.ticket->assignee == "Ann Engineer");
  }
  SECTION("what the customer gets is answered as a customer") {
    MailDraft draft;
    draft.to = {{"Ann Engineer", "ann@example.com"}};
    draft.body = "We have your request.\n";
    desk.context.answered[0].kind = OutboxKind::acknowledgement;
    desk.context.answered[0].octets = compose_mail(draft, desk.ruleset, desk.now, kOurs.substr(0, 32)).octets;
    const auto decision = desk.write("#take\n");
    CHECK(decision.outcome == Outcome::follow_up);
    CHECK(decision.ticket->assignee.empty());
  }
}

TEST_CASE("Nobody is told of their own words") {
  StaffDesk desk;
  auto ben = desk.ruleset.staff[0];
  ben.name = "Ben";
  ben.email = "ben@example.com";
  desk.ruleset.staff.push_back(ben);
  auto& candidate = desk.context.candidates[0];
  candidate.ticket.requester = {"Ann Engineer", "ann@example.com"};
  candidate.ticket.priority = Priority::urgent;
  candidate.participants = {"ann@example.com"};
  desk.context.answered.clear();
  const auto decision = desk.write("It is still dead.\n");
  CHECK(decision.outcome == Outcome::follow_up);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"ben@example.com"});
}

TEST_CASE("No word of a notification ever reaches the customer") {
  StaffDesk desk;
  const auto text = GENERATE(
      std::string("Fixed.\n\n> The secret password is swordfish.\n"),
      std::string("The secret password is swordfish.\n\nFixed.\n"),
      std::string("> New Normal ticket.\n\nFixed, see below.\n\n> The secret password is swordfish.\n"),
      std::string(
          "Fixed.\n\n-----Original Message-----\nFrom: Support\nSent: Tuesday\nTo: Ann\nSubject: x\n\nThe secret "
          "password is swordfish.\n"),
      "The secret password is swordfish.\n" + quoted_notification(),
      std::string("Fixed.\n\nFr\u00E1: Support\nEfni: New Normal ticket: Fax prints blank pages\n\nx\n"),
      std::string("Fixed.\n\nAm Dienstag schrieb Support:\n\n  The secret password is swordfish.\n"),
      std::string("Fixed.\n\nThe\u00A0secret\u00A0password\u00A0is\u00A0swordfish.\n"),
      std::string("Fixed.\n\n\u00A0\u00A0The secret password is swordfish.\n"),
      std::string("Fixed.\n\n* The secret password is swordfish.\n"),
      std::string("Fixed.\n\n| The secret password is swordfish.\n"),
      std::string("Fixed.\n\nThe  secret  password  is  swordfish.\n"),
      std::string("Fixed.\n\nThe secret\npassword\nis swordfish.\n"),
      std::string("Fixed.\n\n* The secret\n* password is\n* swordfish.\n"),
      std::string("Fixed: password is swordfish\n"), std::string("Fixed. the SECRET PASSWORD is swordfish\n"),
      std::string("Fixed.\n\nThe sec\u200Bret pass\u00ADword is swordfish.\n"),
      std::string("Fixed.\n\nThe secret p\u00E1ssword is swordfish.\n"),
      std::string("#resolve The secret password is swordfish.\n"));
  INFO(text);
  const auto decision = desk.write(text);
  CHECK(sent_to_customer(decision).find("swordfish") == std::string::npos);
  CHECK(has_event(decision, "staff_mail_refused"));
}

TEST_CASE("The line above which an answer stands is found however a mail program changed it") {
  StaffDesk desk;
  auto cut = cut_line_of(kOurs);
  SECTION("no-break spaces") {
    for (auto at = cut.find(' '); at != cut.npos; at = cut.find(' ', at + 2)) cut.replace(at, 1, "\u00A0");
  }
  SECTION("broken, and quoted") { cut.replace(cut.find(" this"), 1, "\n> "); }
  SECTION("doubled spaces") { cut.replace(cut.find(" this"), 1, "  "); }
  const auto decision =
      desk.write("Please replace the toner.\n\n> " + cut + "\n>\n> The secret password is swordfish.\n");
  CHECK(sent_to_customer(decision).find("replace the toner") != std::string::npos);
  CHECK(sent_to_customer(decision).find("swordfish") == std::string::npos);
}

TEST_CASE("What the customer wrote or was sent may be quoted to him") {
  StaffDesk desk;
  desk.context.candidates[0].texts_of_customer = {"Hello,\nthe secret password is swordfish.\n"};
  CHECK(
      sent_to_customer(desk.write("You wrote \"The secret password is swordfish\". Change it.\n")).find("swordfish") !=
      std::string::npos);
  const auto named = desk.write("About \"Fax prints blank pages\": it works.\n");
  INFO(event_detail(named, "staff_mail_refused"));
  CHECK(has_event(named, "reply_sent"));
  CHECK(has_event(desk.write("This is a New Normal ticket: The secret password\n"), "staff_mail_refused"));
}

TEST_CASE("Only who got the mail may answer it, from an address that is shown to be theirs") {
  StaffDesk desk;
  const auto is_obeyed = [&] { return desk.write("#take\n").ticket->assignee == "Ann Engineer"; };
  CHECK(is_obeyed());
  SECTION("it went to somebody else") { desk.context.answered[0].recipients = {"ben@example.com"}; }
  SECTION("a customer got it too") { desk.context.answered[0].recipients = {"jane@acme.example", "ann@example.com"}; }
  SECTION("it is what customers get") { desk.context.answered[0].kind = OutboxKind::reply; }
  SECTION("it answers no mail of ours") { desk.context.answered.clear(); }
  SECTION("authentication is checked, and nothing speaks for the sender") {
    desk.ruleset.authserv_id = "mx.example.com";
  }
  SECTION("an automatic answer") { desk.add_field("Auto-Submitted", "auto-replied"); }
  SECTION("two senders") { desk.email.header = {{"From", "ann@example.com, eve@evil.example"}}; }
  CHECK_FALSE(is_obeyed());
  CHECK(sent_to_customer(desk.write("Hello, customer\n")).empty());
}

TEST_CASE("What nothing shows to be of staff is no note of theirs") {
  StaffDesk desk;
  desk.context.answered.clear();
  SECTION("anybody could have written it") {
    const auto decision = desk.write("We agreed to pay them.\n");
    CHECK(decision.messages.at(0).direction == Direction::in);
    CHECK(has_event(decision, "sender_unverified"));
  }
  SECTION("the server says that it is Ann") {
    desk.ruleset.authserv_id = "mx.example.com";
    desk.add_field("Authentication-Results", "mx.example.com; dmarc=pass header.from=example.com");
    CHECK(desk.write("We agreed to pay them.\n").messages.at(0).direction == Direction::note);
  }
}

TEST_CASE("What staff attach goes along, but for the pictures of a signature") {
  StaffDesk desk;
  const std::string body =
      "From: Ann <ann@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\n\r\nSee the file.\r\n"
      "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; "
      "filename*=UTF-8''R%C3%A4tsel.pdf\r\n\r\n"
      "%PDF-1\r\n"
      "--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n\r\nPNG\r\n--b--\r\n";
  desk.arrived.octets = body;
  desk.email.attachments = std::get<Email>(parse_email(body)).attachments;
  const auto decision = desk.write("See the file.\n");
  REQUIRE(decision.outgoing.size() == 1);
  const auto sent = std::get<Email>(parse_email(decision.outgoing[0].octets));
  REQUIRE(sent.attachments.size() == 1);
  CHECK(sent.attachments[0].name == "R\u00e4tsel.pdf");
  CHECK(sent.attachments[0].media_type == "application/pdf");
  CHECK(extract_attachment(decision.outgoing[0].octets, 1).value().starts_with("%PDF-1"));
  CHECK(sent.text.find("See the file.") != std::string::npos);
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].direction == Direction::out);
  CHECK(decision.keeps_raw);
}

TEST_CASE("An attached mail is not passed on, for ours may be in it") {
  struct Case {
    const char* name;
    const char* file;
    const char* type;
    std::string octets;
  };
  const std::vector<Case> cases{
      {"a mail", "orig", "message/rfc822", "Subject: x\r\n\r\nswordfish"},
      {"what Outlook packs", "orig", "application/ms-tnef", "x"},
      {"an item of Outlook's", "orig", "application/vnd.ms-outlook", "x"},
      {"by its name", "Orig.MSG", "application/octet-stream", "x"},
      {"a stored mail by its name", "orig.eml", "application/octet-stream", "x"},
      {"a web archive", "orig.mht", "application/octet-stream", "x"},
      {"by its first line", "a.txt", "text/plain", "Content-Transfer-Encoding: base64\r\n\r\nAAAA"},
      {"by its first line, below a blank one", "a.txt", "text/plain", "\r\nFrom: support@example.com\r\n\r\nAAAA"},
      {"a mailbox", "a.bin", "application/octet-stream", "From jane@acme.example Tue Nov 24\nSubject: x\n"},
      {"its words", "a.txt", "text/plain", "Remember: the secret password\nis swordfish"},
  };
  const auto& example = GENERATE_REF(from_range(cases));
  INFO(example.name);
  StaffDesk desk;
  desk.arrived.octets = fmt::format(
      "From: Ann <ann@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee.\r\n"
      "--b\r\nContent-Type: {}; name={}\r\nContent-Disposition: attachment\r\n\r\n{}\r\n--b--\r\n",
      example.type, example.file, example.octets);
  desk.email.attachments = {{1, example.file, example.type, 20, "", false}};
  const auto decision = desk.write("See the file.\n");
  CHECK(has_event(decision, "staff_mail_refused"));
  CHECK(sent_to_customer(decision).empty());
}

TEST_CASE("Of a mail that was too large nothing is sent") {
  StaffDesk desk;
  desk.arrived.oversize = true;
  const auto decision = desk.write("Hello\n");
  CHECK(has_event(decision, "staff_mail_refused"));
  CHECK(sent_to_customer(decision).empty());
}

TEST_CASE("A page is repeated until somebody has the ticket or answers, whatever else staff write") {
  StaffDesk desk;
  desk.context.candidates[0].ticket.priority = Priority::urgent;
  desk.context.candidates[0].ticket.notices.paged_at = desk.now - 1min;
  CHECK(desk.write("#note\nI have seen it.\n").ticket->check_at == desk.now + 9min);
  CHECK(desk.write("We are looking at it.\n").ticket->check_at != desk.now + 9min);
  CHECK(desk.write("#take\n").ticket->check_at != desk.now + 9min);
}

TEST_CASE("The ticket that a merge names is known before the store is asked") {
  CHECK(merge_target_of("#take\n\n#merge #12\n") == TicketId{12});
  CHECK_FALSE(merge_target_of("Hello\n#merge 12\n"));
  CHECK_FALSE(merge_target_of("#merge twelve\n"));
}

}  // namespace ticketd
