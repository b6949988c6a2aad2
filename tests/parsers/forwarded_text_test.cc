#include "parsers/forwarded_text.h"

#include <catch2/catch.hpp>
#include <string>

namespace ticketd {
namespace {

/// The addresses in the headers' From, outermost first, with blanks between; "-" where nothing is passed on.
std::string senders_in(const std::string& text, const std::string& subject = "Fwd: Phones") {
  const auto forwarded = find_forwarded(text, subject);
  if (!forwarded.is_forward) return "-";
  std::string senders;
  for (const auto& header : forwarded.headers)
    senders += (&header == &forwarded.headers.front() ? "" : " ") + header.from.addr_spec;
  return senders;
}

const std::string kHeader =
    "From: Jo Doe <jo@x.example>\nSent: Monday, May 4, 2026 10:31\nTo: Ann <ann@desk.example>\nSubject: Phones\n\n"
    "They are dead.\n";

TEST_CASE("whom a forwarded mail is of") {
  struct Case {
    const char* name;
    std::string text;
    const char* subject;
    const char* senders;
  };
  const std::vector<Case> cases{
      {"a header block in a forward", "See below.\n\n" + kHeader, "FW: Phones", "jo@x.example"},
      {"the same in an answer is a quote", "See below.\n\n" + kHeader, "Re: Phones", "-"},
      {"an answer to a forward", "See below.\n\n" + kHeader, "Re: Fwd: Phones", "-"},
      {"a mark tells it without the subject", "Hi\n\n---------- Forwarded message ---------\n" + kHeader, "Phones",
       "jo@x.example"},
      {"a full header under a subject of its own", "See below.\n\n" + kHeader, "Dead phones", "jo@x.example"},
      {"a header of three lines there",
       "See below.\n\nFrom: Jo <jo@x.example>\nSent: Monday, May 4, 2026 10:31\nSubject: Phones\n\nx\n", "Dead phones",
       "-"},
      {"no header at all", "They called, and are angry.\n", "Fwd: Phones", "-"},
      {"a mark with nothing below", "---------- Forwarded message ---------\nThey are dead.\n", "Fwd: Phones", ""},
      {"a name without an address",
       "From: Jo Doe\nSent: Monday, May 4, 2026 10:31\nTo: Ann Engineer\nSubject: Phones\n\nDead.\n", "FW: Phones", ""},
      {"a name without an address, above one with it",
       "From: Ben\nSent: Monday, May 4, 2026 10:31\nTo: Ann Engineer\nSubject: Phones\n\nDead.\n\n" + kHeader,
       "FW: Phones", " jo@x.example"},
      {"the address on a line of its own",
       "---------- Forwarded message ---------\nFrom: Jo Doe of the very long department\n<jo@x.example>\n"
       "Date: Mon, May 4, 2026 at 10:31 AM\nSubject: Phones\nTo: ann@desk.example\n\nDead.\n",
       "Fwd: Phones", "jo@x.example"},
      {"bold labels and names",
       "*From:* *Jo Doe* <jo@x.example>\n*Sent:* Monday, May 4, 2026 10:31\n*To:* Ann\n*Subject:* Phones\n\nDead.\n",
       "FW: Phones", "jo@x.example"},
      {"a wide colon",
       "发件人：Jo <jo@x.example>\n发送时间：2026年5月4日 10:31\n收件人：ann@desk.example\n主题：Phones\n\nDead.\n",
       "Fwd: Phones", "jo@x.example"},
      {"what was forwarded before",
       "---------- Forwarded message ---------\nFrom: Ben <ben@desk.example>\nDate: Mon, May 4, 2026 at 11:00 AM\n"
       "Subject: Fwd: Phones\nTo: <ann@desk.example>\n\n\n---------- Forwarded message ---------\n" +
           kHeader,
       "Fwd: Phones", "ben@desk.example jo@x.example"},
      {"a header above the mark is not of the mail passed on",
       kHeader +
           "\n---------- Forwarded message ---------\nFrom: Bo <bo@y.example>\nDate: Mon, May 4, 2026 at 9:00 AM\n"
           "Subject: Phones\nTo: <jo@x.example>\n\nDead.\n",
       "Phones", "bo@y.example"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(senders_in(example.text, example.subject) == example.senders);
  }
}

TEST_CASE("a text full of headers is read in bounds") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += kHeader + "\n";
  CHECK(find_forwarded(text, "Fwd: x").headers.size() == 10);
}

}  // namespace
}  // namespace ticketd
