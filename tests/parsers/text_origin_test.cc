// Whose words the text of a mail are, as far as their place tells.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "parsers/email.h"

namespace ticketd {
namespace {

Email parsed(const std::string& fields, const std::string& body) {
  auto result = parse_email("From: Ann <ann@example.com>\nSubject: Re: fax\n" + fields + "\n\n" + body);
  REQUIRE(std::holds_alternative<Email>(result));
  return std::get<Email>(std::move(result));
}

/// Parts of a multipart/mixed.
Email mixed(const std::vector<std::string>& parts) {
  std::string body;
  for (const auto& part : parts) body += "--x\n" + part + "\n";
  return parsed("Content-Type: multipart/mixed; boundary=x", body + "--x--\n");
}

const std::string kBlank = "Content-Type: text/plain\n\n \n";
const std::string kFile = "Content-Type: text/plain; name=trace.log\nContent-Disposition: attachment\n\n#take\n";
const std::string kMail = "Content-Type: message/rfc822\n\n";

TEST_CASE("The text of a file or of another mail is not the sender's own") {
  CHECK(mixed({"Content-Type: text/plain\n\nhello", kFile}).text_origin == TextOrigin::own);
  CHECK(mixed({kFile}).text_origin == TextOrigin::attached);
  CHECK(mixed({kBlank, kFile}).text.empty());
  CHECK(mixed({"Content-Type: text/plain; name=a.txt\n\n#take"}).text_origin == TextOrigin::attached);
  CHECK(mixed({kBlank, kMail + "Subject: s\n\n#take"}).text_origin == TextOrigin::enclosed);
}

TEST_CASE("An enclosed mail begins with a line of ours, whatever it lacks") {
  const Email email = mixed({kBlank, kMail + "Content-Type: text/plain\n\n#spam"});
  CHECK(email.text_origin == TextOrigin::enclosed);
  CHECK(email.text == "From: (nobody)\n\n#spam");
}

TEST_CASE("The first enclosed mail that says anything speaks") {
  const std::string silent = kMail + "From: fax@c.example\nSubject: page\n\n";
  CHECK(mixed({silent, silent, kMail + "Subject: three\n\nthe lift is stuck"}).text ==
        "Subject: three\n\nthe lift is stuck");
  CHECK(mixed({silent, "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogYgoKd29yZHM="})
            .text == "Subject: b\n\nwords");
}

}  // namespace
}  // namespace ticketd
