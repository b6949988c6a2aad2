#include <catch2/catch.hpp>
#include <string>

#include "parsers/email.h"

namespace ticketd {
namespace {

struct MethodCase {
  const char* name;
  std::string mail;  ///< behind its From field
  const char* method;
};

const std::string kEvent = "BEGIN:VEVENT\r\nSUMMARY:s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

std::string calendar(const std::string& parameters, const std::string& properties = {}) {
  return "Content-Type: text/calendar" + parameters + "\n\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + properties + kEvent;
}

std::string mixed(const std::string& part) {
  return "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nwords\n--x\n" + part + "\n--x--\n";
}

TEST_CASE("The method of a calendar in the mail") {
  const auto c = GENERATE(values<MethodCase>({
      {"none", "Subject: s\n\nMETHOD:REPLY\n", ""},
      {"a parameter", calendar("; method=REPLY"), "REPLY"},
      {"in lower case and quotes", calendar("; charset=utf-8; method=\"counter\""), "COUNTER"},
      {"a property", calendar("", "METHOD:CANCEL\r\n"), "CANCEL"},
      {"a property in lower case", calendar("", "method: Request\r\n"), "REQUEST"},
      {"a property of an event", calendar("") + "METHOD:REPLY\r\n", ""},
      {"a parameter that is no word", calendar("; method=\"a b\"", "METHOD:REPLY\r\n"), "REPLY"},
      {"a word without end", calendar("; method=" + std::string(1000, 'A')), ""},
      {"in base64",
       "Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n"
       "QkVHSU46VkNBTEVOREFSCk1FVEhPRDpSRVBMWQo=\n",
       "REPLY"},
      {"a part", mixed(calendar("; method=REPLY")), "REPLY"},
      {"an attached file", mixed("Content-Disposition: attachment; filename=a.ics\n" + calendar("; method=REPLY")),
       "REPLY"},
      {"of an enclosed mail", mixed("Content-Type: message/rfc822\n\nSubject: in\n" + calendar("; method=REPLY")), ""},
  }));
  INFO(c.name);
  CHECK(std::get<Email>(parse_email("From: a@b.example\n" + c.mail)).calendar_method == c.method);
}

}  // namespace
}  // namespace ticketd
