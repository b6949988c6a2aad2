// Where the text of a mail stands under another name, or where it does not belong.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "parsers/email.h"

namespace ticketd {
namespace {

Email parsed(const std::string& octets) {
  auto result = parse_email("From: a@b.example\n" + octets);
  REQUIRE(std::holds_alternative<Email>(result));
  return std::get<Email>(std::move(result));
}

std::string mixed(const std::string& parts) {
  return "Content-Type: multipart/mixed; boundary=x\n\n" + parts + "--x--\n";
}

TEST_CASE("A text under an unusual type is read when nothing else is there, and stays a file") {
  const auto alone = [](const std::string& fields, const std::string& body) {
    const Email email = parsed(fields + "\n\n" + body);
    CHECK(email.attachments.size() == 1);
    CHECK((email.text.empty() || email.text_origin == TextOrigin::attached));
    return email.text;
  };
  CHECK(alone("Content-Type: application/xhtml+xml", "<?xml version='1.0'?><html><p>some <b>words</b></p></html>") ==
        "some words\n");
  CHECK(alone("Content-Type: plain/text", "words") == "words");
  CHECK(alone("Content-Type: application/octet-stream", "Grüße") == "Grüße");
  CHECK(alone("Content-Type: application/json\nContent-Transfer-Encoding: base64", "eyJhIjoxfQ==") == "{\"a\":1}");
  CHECK(alone("Content-Type: application/octet-stream", "a\x01").empty());
  CHECK(alone("Content-Type: application/octet-stream", "\xFC").empty());
  CHECK(alone("Content-Type: application/pdf", "words").empty());
}

TEST_CASE("What is no text by its type gives way to what is") {
  const auto part = [](const std::string& type, const std::string& body) {
    return "--x\nContent-Type: " + type + "\n\n" + body + "\n";
  };
  const std::string odd = part("text/x-foo", "odd words"), xhtml = part("application/xhtml+xml", "<p>a page");
  CHECK(parsed(mixed(odd)).text == "odd words");
  CHECK(parsed(mixed(odd)).text_origin == TextOrigin::attached);
  CHECK(parsed(mixed(odd + xhtml)).text == "a page\n");
  CHECK(parsed(mixed(odd + part("text/plain; name=a.txt", "a file"))).text == "a file");
  CHECK(parsed(mixed(odd + xhtml + part("text/plain", "body"))).text == "body");
  CHECK(parsed(mixed(part("application/octet-stream", "a file"))).text.empty());
}

TEST_CASE("Text behind the last part is named") {
  const auto defects = [](const std::string& behind) { return parsed(mixed("--x\n\nbody\n") + behind).defects; };
  const std::vector<std::string> named{"there is text behind the last part"};
  CHECK(defects("").empty());
  CHECK(defects(std::string("\n \r\n\0", 5)).empty());
  CHECK(defects("\nmore words\n") == named);
  CHECK(defects("--x\n\nmore words\n--x--\n") == named);
  const auto nested = [](const std::string& behind) {
    return parsed(mixed("--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\nbody\n--y--\n" + behind)).defects;
  };
  CHECK(nested("\n").empty());
  CHECK(nested("more words\n") == named);
}

}  // namespace
}  // namespace ticketd
