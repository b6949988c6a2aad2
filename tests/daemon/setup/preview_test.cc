#include "daemon/ctl/setup/preview.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

PreviewedMail mail_of(const std::string& from, const std::string& subject, Outcome outcome, bool acknowledges) {
  PreviewedMail mail;
  mail.email.emplace();
  mail.email->subject = subject;
  mail.email->from = Mailbox{"", from};
  mail.decision.outcome = outcome;
  mail.decision.acknowledges = acknowledges;
  if (outcome == Outcome::new_ticket) mail.decision.ticket.emplace().priority = Priority::urgent;
  return mail;
}

TEST_CASE("setup: what mails would become takes a line each") {
  Preview preview{"support", 3, {}, {}};
  preview.mails = {mail_of("tom@acme.example", "Urgent: no dial tone", Outcome::new_ticket, true),
                   mail_of("daemon@acme.example", "Away\x1b[2J", Outcome::ignored, false),
                   mail_of("", "", Outcome::quarantined, false)};
  preview.mails.back().email.reset();
  CHECK(preview_lines(preview, 100) ==
        "Becomes     Acknowledged  Subject               From\n"
        "Urgent      yes           Urgent: no dial tone  tom@acme.example\n"
        "ignored     no            Away\xEF\xBF\xBD[2J              daemon@acme.example\n"
        "quarantine  no                                  (no sender)\n");
}

TEST_CASE("setup: no such line is longer than the terminal is wide") {
  Preview preview{"support", 1, {}, {}};
  const std::string longest(300, 'x');
  preview.mails = {mail_of(longest + "@acme.example", "ä" + longest, Outcome::new_ticket, true)};
  for (const std::size_t width : {1U, 40U, 80U, 120U}) {
    INFO(width);
    const auto lines = preview_lines(preview, width);
    for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != std::string::npos; at = end + 1) {
      const auto line = lines.substr(at, end - at);
      CHECK(shorten(line, width) == line);
    }
  }
  CHECK(preview_lines(preview, 80).find("xxx…  xxx") != std::string::npos);
}

}  // namespace
}  // namespace ticketd
