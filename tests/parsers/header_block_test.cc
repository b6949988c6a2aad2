// Where a header ends: text that is taken for a field is lost, and a field that is taken for text is missed.
#include <catch2/catch.hpp>

#include "parsers/email.h"

namespace ticketd {
namespace {

Email parsed(const std::string& octets) {
  auto result = parse_email(octets);
  REQUIRE(std::holds_alternative<Email>(result));
  return std::get<Email>(std::move(result));
}

struct Case {
  const char* name;
  std::string octets, subject, text;
};

void check(const Case& c) {
  INFO(c.name);
  const Email email = parsed(c.octets);
  CHECK(email.subject == c.subject);
  CHECK(email.text == c.text);
}

const std::string kHead = "From: a@b.example\nTo: c@d.example\nSubject: s\n";
const std::string kDated = kHead + "Date: Mon, 6 Jul 2026 09:15:00 +0200\n";
const std::string kWhole = kDated + "Message-ID: <1@b>\nMIME-Version: 1.0\nContent-Type: text/plain\n";

TEST_CASE("Behind a line of blanks") {
  check(GENERATE(values<Case>({
      {"a word with a colon", kDated + " \nNote: the phone is down\n\nbye\n", "s", "Note: the phone is down\n\nbye\n"},
      {"a text that begins like a field", kHead + "  \nTo: is the first word\nDate: as soon as you can\n\nbye\n", "s",
       "To: is the first word\nDate: as soon as you can\n\nbye\n"},
      {"a form of words that are fields elsewhere",
       kHead + " \nImportance: high\nOrganisation: Hafen\nFault: no dial tone\n\nthanks\n", "s",
       "Importance: high\nOrganisation: Hafen\nFault: no dial tone\n\nthanks\n"},
      {"a text that holds a field the mail does not have", kHead + " \nI see this:\nMessage-ID: <2@b>\n\nbye\n", "s",
       "I see this:\nMessage-ID: <2@b>\n\nbye\n"},
      {"an indented text", kHead + "  \n  the fax, too\n\nbye\n", "s", "  the fax, too\n\nbye\n"},
      {"a field that no text has", kDated + "X-A:\n \nX-B: 1\n\nbody\n", "s", "body\n"},
      {"a field that the mail does not have yet", kDated + "X-A:\n \nMessage-ID: <a@b>\n\nbody\n", "s", "body\n"},
      {"fields that nobody knows above the sender",
       "Received: from a by b;\n \nComments: none\nAutocrypt: addr=a\n x\nSpeech-Act: inform\n" + kHead + "\nbody\n",
       "s", "body\n"},
      {"no field above the sender", "Received: from a by b;\n \nno field\n" + kHead + "\nbody\n", "s", "body\n"},
      {"the encoding behind a field that nobody knows",
       kWhole + "X-A: 1\n \nKeywords: fax\nContent-Transfer-Encoding: base64\n\nYm9keQ==\n", "s", "body"},
      {"the rest of a list", "From: a@b.example\nSubject: s\nTo: c@d.example,\n \n e@f.example\n\nbody\n", "s",
       "body\n"},
      {"the address of a name", "From: a@b.example\nSubject: s\nTo: Ann\n \n\t<e@f.example>\n\nbody\n", "s", "body\n"},
      {"lines of blanks", kDated + "X-A: 1\n \n \nX-B: 1\n\nbody\n", "s", "body\n"},
  })));
}

TEST_CASE("At a line that is no field") {
  check(GENERATE(values<Case>({
      {"a text without a line above", kDated + "Hello, no line above\nDate: tomorrow\nSubject: of it\n\nbye\n", "s",
       "Hello, no line above\nDate: tomorrow\nSubject: of it\n\nbye\n"},
      {"a form without a line above", kHead + "The lift is stuck.\nPriority: 1\nSender: the porter\n\nbye\n", "s",
       "The lift is stuck.\nPriority: 1\nSender: the porter\n\nbye\n"},
      {"a text that names a date", kHead + "The lift is stuck.\nPlease come.\nDate: Mon, 6 Jul 2026 10:00\n\nbye\n",
       "s", "The lift is stuck.\nPlease come.\nDate: Mon, 6 Jul 2026 10:00\n\nbye\n"},
      {"a field that the mail does not have yet", kDated + "junk\nMIME-Version: 1.0\n\nbody\n", "s", "body\n"},
      {"further behind", kDated + "junk\nmore of it\nMIME-Version: 1.0\n\nbody\n", "s", "body\n"},
      {"the encoding behind a field that nobody knows",
       kWhole + "junk\nFace: x\nContent-Transfer-Encoding: base64\n\nYm9keQ==\n", "s", "body"},
  })));
}

TEST_CASE("A part needs no field of a mail") {
  const Email email = parsed(kWhole.substr(0, kWhole.find("Content-Type")) +
                             "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n \n"
                             "From: the porter\nTo: all@d.example\n\nThe lift is stuck.\n--x--\n");
  CHECK(email.text == "From: the porter\nTo: all@d.example\n\nThe lift is stuck.");
}

}  // namespace
}  // namespace ticketd
