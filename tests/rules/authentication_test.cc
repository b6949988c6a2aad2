#include "rules/authentication.h"

#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {
namespace {

using Verdict = SenderAuthentication::Verdict;

struct Case {
  const char* name;
  std::vector<std::string> fields;  ///< Authentication-Results, topmost first
  Verdict verdict;
};

const std::vector<Case> kCases{
    {"no word of the server", {}, Verdict::failed},
    {"the word of another server", {"other.example; dmarc=pass header.from=acme.example"}, Verdict::failed},
    {"dmarc passes", {"mx.example.com; dmarc=pass header.from=acme.example"}, Verdict::passed},
    {"dmarc passes, and does not say of whom", {"mx.example.com; dmarc=pass"}, Verdict::passed},
    {"dmarc passes of another", {"mx.example.com; dmarc=pass header.from=evil.example"}, Verdict::failed},
    {"dmarc fails, whatever else passes",
     {"mx.example.com; dmarc=fail header.from=acme.example; dkim=pass header.d=acme.example"},
     Verdict::failed},
    {"dmarc fails beside one that passes", {"mx.example.com; dmarc=pass; dmarc=fail"}, Verdict::failed},
    {"dmarc says nothing, dkim passes",
     {"mx.example.com; dmarc=none; dkim=pass header.d=acme.example"},
     Verdict::passed},
    {"dkim by its identifier", {"mx.example.com; dkim=pass header.i=@acme.example"}, Verdict::passed},
    {"dkim of a domain below", {"mx.example.com; dkim=pass header.d=mail.acme.example"}, Verdict::passed},
    {"dkim of a sister", {"mx.example.com; dkim=pass header.d=b.acme.example"}, Verdict::passed},
    {"spf in angle brackets", {"mx.example.com; spf=pass smtp.mailfrom=<x@acme.example>"}, Verdict::passed},
    {"Exchange Online, which names no server",
     {"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass header.d=acme.example;dmarc=pass "
      "action=none header.from=acme.example;compauth=pass reason=100"},
     Verdict::failed},
    {"dkim of somebody else", {"mx.example.com; dkim=pass header.d=evil.example"}, Verdict::failed},
    {"dkim of a name that only ends alike", {"mx.example.com; dkim=pass header.d=notacme.example"}, Verdict::failed},
    {"dkim of a whole top-level domain", {"mx.example.com; dkim=pass header.d=example"}, Verdict::failed},
    {"dkim fails", {"mx.example.com; dkim=fail header.d=acme.example"}, Verdict::failed},
    {"one of two signatures passes",
     {"mx.example.com; dkim=fail header.d=acme.example; dkim=pass header.d=acme.example"},
     Verdict::passed},
    {"spf passes", {"mx.example.com; spf=pass smtp.mailfrom=bounce@acme.example"}, Verdict::passed},
    {"spf passes, by the domain alone", {"mx.example.com; spf=pass smtp.mailfrom=acme.example"}, Verdict::passed},
    {"spf of another", {"mx.example.com; spf=pass smtp.mailfrom=x@evil.example"}, Verdict::failed},
    {"spf of HELO is no word about From", {"mx.example.com; spf=pass smtp.helo=acme.example"}, Verdict::failed},
    {"none", {"mx.example.com; none"}, Verdict::failed},
    {"a forged one below the server's own",
     {"mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass header.from=acme.example"},
     Verdict::failed},
    {"another server's above it", {"relay.example; dmarc=fail", "mx.example.com; dmarc=pass"}, Verdict::passed},
    {"the server's name in other case", {"MX.EXAMPLE.COM 1; dmarc=pass"}, Verdict::passed},
    {"a name that begins alike", {"mx.example.com.evil.example; dmarc=pass"}, Verdict::failed},
    {"a result in a comment", {"mx.example.com; dkim=fail (dmarc=pass)"}, Verdict::failed},
};

TEST_CASE("who is shown to be the sender") {
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  for (const auto& example : kCases) {
    INFO(example.name);
    auto email = customer_mail();
    for (const auto& field : example.fields) email.header.push_back({"Authentication-Results", field});
    const auto found = authenticate_sender(email, ruleset);
    INFO(found.reason);
    CHECK(found.verdict == example.verdict);
    CHECK_FALSE(found.reason.empty());
  }
}

TEST_CASE("a server whose filters write a field each") {
  struct Mail {
    const char* name;
    std::vector<std::pair<std::string, std::string>> header;  ///< topmost first
    Verdict verdict;
  };
  const std::pair<std::string, std::string> outside{"Received", "from acme.example by mx.example.com with ESMTPS; now"};
  const std::pair<std::string, std::string> lmtp{"Received", "from mx by imap (with ESMTP)\twith LMTP id 1; now"};
  const auto of = [](const std::string& methods) {
    return std::pair<std::string, std::string>{"Authentication-Results", "mx.example.com; " + methods};
  };
  const auto dmarc = of("dmarc=none header.from=acme.example");
  const auto spf = of("spf=pass smtp.mailfrom=acme.example");
  const auto dkim = of("dkim=pass header.d=acme.example");
  const std::vector<Mail> mails{
      {"three of them", {dmarc, spf, dkim, outside}, Verdict::passed},
      {"the one that says nothing first", {of("dkim=none"), spf, outside}, Verdict::passed},
      {"others between",
       {dmarc, {"Received-SPF", "pass"}, {"Authentication-Results", "x; none"}, spf, outside},
       Verdict::passed},
      {"below the one about the final delivery", {lmtp, dmarc, spf, outside}, Verdict::passed},
      {"a fail above the pass", {of("spf=fail smtp.mailfrom=acme.example"), spf, outside}, Verdict::failed},
      {"a fail below the pass", {spf, of("spf=fail smtp.mailfrom=acme.example"), outside}, Verdict::failed},
      {"a fail of another method", {of("spf=fail smtp.mailfrom=x.example"), dkim, outside}, Verdict::passed},
      {"dmarc fails in the last", {spf, dkim, of("dmarc=fail header.from=acme.example"), outside}, Verdict::failed},
      {"the sender's own below the line", {dmarc, outside, dkim}, Verdict::failed},
      {"the sender's own below the server's, which is below the line", {outside, dmarc, dkim}, Verdict::failed},
      {"so, and a line of the sender's", {outside, dmarc, dkim, outside}, Verdict::failed},
      {"so, behind a final delivery", {lmtp, outside, dmarc, dkim, outside}, Verdict::failed},
      {"no line at all", {dmarc, dkim}, Verdict::failed},
  };
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  for (const auto& mail : mails) {
    INFO(mail.name);
    auto email = customer_mail();
    email.header.clear();
    for (const auto& [name, value] : mail.header) email.header.push_back({name, value});
    email.header.push_back({"From", "Jane Doe <jane@acme.example>"});
    CHECK(authenticate_sender(email, ruleset).verdict == mail.verdict);
  }
}

TEST_CASE("no name of a host makes its delivery a final one") {
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  for (const auto* name :
       {"with (LMTP)", "with lmtp", "x by y with LMTP", "with;lmtp", "x by y with LMTP (", "x with LMTP )("}) {
    INFO(name);
    auto email = customer_mail();
    email.header = {
        {"Authentication-Results", "mx.example.com; dmarc=none"},
        {"Received", std::string("from ") + name + " (evil [192.0.2.1])\tby mx.example.com with ESMTP; now"},
        {"Authentication-Results", "mx.example.com; dkim=pass header.d=acme.example"},
        {"Received", "from evil.example by mx.example.com with ESMTP; now"},
        {"From", "Jane Doe <jane@acme.example>"}};
    CHECK(authenticate_sender(email, ruleset).failed());
  }
}

TEST_CASE("domains are in line by the organization that holds them") {
  struct Pair {
    const char* signer;
    const char* from;
    bool in_line;
  };
  const Pair pairs[] = {
      {"mail.acme.co.uk", "acme.co.uk", true},
      {"acme.co.uk", "mail.acme.co.uk", true},
      {"a.acme.co.uk", "b.acme.co.uk", true},
      {"ACME.co.uk.", "acme.co.uk", true},
      {"evil.co.uk", "acme.co.uk", false},
      {"co.uk", "acme.co.uk", false},
      {"evil.co.uk", "co.uk", false},
      {"evil.github.io", "acme.github.io", false},
      {"evil.github.io", "github.io", false},
      {"evil.com", "acme.com", false},
      {"com", "acme.com", false},
      {"xn--mnchen-3ya.example", "münchen.example", true},
      {"[192.0.2.1]", "[198.51.2.1]", false},
      {"192.0.2.1", "198.51.2.1", false},
      {"", "acme.com", false},
  };
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  for (const auto& [signer, from, in_line] : pairs) {
    INFO(signer << " for " << from);
    auto email = customer_mail();
    email.from = Mailbox{"", std::string("x@") + from};
    email.header = {{"Authentication-Results", std::string("mx.example.com; dkim=pass header.d=") + signer}};
    CHECK(authenticate_sender(email, ruleset).failed() != in_line);
  }
}

TEST_CASE("without a trusted server nothing is checked") {
  auto email = customer_mail();
  email.header.push_back({"Authentication-Results", "mx.example.com; dmarc=fail"});
  const auto found = authenticate_sender(email, sample_ruleset());
  CHECK(found.verdict == Verdict::unchecked);
  CHECK_FALSE(found.failed());
}

TEST_CASE("a mail with two From fields is nobody's") {
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  auto email = customer_mail();
  email.header.push_back({"Authentication-Results", "mx.example.com; dmarc=pass"});
  email.header.push_back({"From", "eve@evil.example"});
  CHECK(authenticate_sender(email, ruleset).failed());
  email.from.reset();
  email.header.clear();
  CHECK(authenticate_sender(email, ruleset).failed());
}

TEST_CASE("a mail with two senders in one From field is nobody's") {
  auto ruleset = sample_ruleset();
  ruleset.authserv_id = "mx.example.com";
  auto email = customer_mail();
  email.header.push_back({"Authentication-Results", "mx.example.com; dmarc=pass"});
  CHECK_FALSE(authenticate_sender(email, ruleset).failed());
  for (const auto* both : {"jane@acme.example, eve@evil.example", "jane@acme.example eve@evil.example",
                           "Jane <jane@acme.example> <eve@evil.example>"}) {
    INFO(both);
    for (auto& field : email.header)
      if (field.name == "From") field.value = both;
    CHECK(authenticate_sender(email, ruleset).failed());
  }
}

TEST_CASE("who may be forged is no staff, and a tag alone leads him nowhere") {
  DeskCase desk = reply_case();
  desk.ruleset.authserv_id = "mx.example.com";
  desk.context.candidates[0].via = Candidate::Via::tag;
  CHECK(desk.decide().outcome == Outcome::new_ticket);
  desk.add_field("Authentication-Results", "mx.example.com; dmarc=pass header.from=acme.example");
  CHECK(desk.decide().outcome == Outcome::follow_up);
  desk.email.from = Mailbox{"Ann", "ann@example.com"};
  for (auto& field : desk.email.header)
    if (field.name == "From") field.value = "ann@example.com";
  desk.context.candidates[0].via = Candidate::Via::our_message_id;
  CHECK(desk.decide().outcome != Outcome::staff);
  desk.email.header.back().value = "mx.example.com; dmarc=pass header.from=example.com";
  CHECK(desk.decide().outcome == Outcome::staff);
}

DeskCase unauthenticated() {
  DeskCase desk;
  desk.ruleset.authserv_id = "mx.example.com";
  desk.email.subject = "Buy at https://evil.example";
  desk.email.references = {"buy@evil.example"};
  desk.add_field("Authentication-Results", "mx.example.com; dmarc=fail header.from=acme.example");
  return desk;
}

TEST_CASE("who may be forged is answered without a word of the mail") {
  const auto decision = unauthenticated().decide();
  REQUIRE(decision.outgoing.size() == 1);
  const auto& octets = decision.outgoing[0].octets;
  CHECK(octets.find("evil") == std::string::npos);
  CHECK(field_of(octets, "Subject") == "[SUP-200] Your message");
  CHECK(field_of(octets, "In-Reply-To") == "<m1@acme.example>");
  CHECK(
      event_detail(decision, "sender_unauthenticated") ==
      "The sender failed authentication, so the address may be forged. mx.example.com says dmarc=fail, which does not "
      "show that the mail comes from acme.example.");
}

TEST_CASE("who may be forged brings nobody into the ticket") {
  auto desk = unauthenticated();
  desk.email.to.push_back({"", "eve@evil.example"});
  desk.email.cc = {{"Eve", "eve@evil.example"}};
  CHECK(desk.decide().participants == std::vector<std::string>{"jane@acme.example"});
  SECTION("an authenticated sender does") {
    desk.email.header.back().value = "mx.example.com; dmarc=pass header.from=acme.example";
    CHECK(desk.decide().participants == std::vector<std::string>{"jane@acme.example", "eve@evil.example"});
  }
  SECTION("two senders do not, whether a server is trusted or not") {
    desk.ruleset.authserv_id.clear();
    for (auto& field : desk.email.header)
      if (field.name == "From") field.value = "jane@acme.example, eve@evil.example";
    CHECK(desk.decide().participants == std::vector<std::string>{"jane@acme.example"});
  }
}

TEST_CASE("who is authenticated is quoted, and no event is needed") {
  auto desk = unauthenticated();
  desk.email.header.back().value = "mx.example.com; dmarc=pass header.from=acme.example";
  const auto decision = desk.decide();
  CHECK(field_of(decision.outgoing.at(0).octets, "Subject").find("evil") != std::string::npos);
  CHECK_FALSE(has_event(decision, "sender_unauthenticated"));
}

TEST_CASE("a follow-up that may be forged says so, and its answer quotes nothing") {
  auto desk = reply_case("Re: [SUP-17] Fax prints blank pages: Urgent");
  desk.ruleset.authserv_id = "mx.example.com";
  const auto decision = desk.decide();
  CHECK(has_event(decision, "sender_unauthenticated"));
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(field_of(decision.outgoing[0].octets, "Subject") == "[SUP-17] Your message");
}

TEST_CASE("a bounce authenticates nobody, and need not") {
  auto desk = unauthenticated();
  desk.add_field("Return-Path", "<>");
  CHECK_FALSE(has_event(desk.decide(), "sender_unauthenticated"));
}

}  // namespace
}  // namespace ticketd
