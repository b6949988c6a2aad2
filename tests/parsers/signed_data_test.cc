#include "parsers/signed_data.h"

#include <catch2/catch.hpp>

#include "parsers/email.h"

namespace ticketd {
namespace {

using namespace std::string_literals;

const std::string kSigned = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"s;
const std::string kData = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"s;

/// A value of the definite form (X.690 §8.1.3).
std::string value(char tag, const std::string& content) {
  std::string length(1, static_cast<char>(content.size()));
  if (content.size() >= 128)
    length = {'\x82', static_cast<char>(content.size() >> 8U), static_cast<char>(content.size() & 0xFFU)};
  return tag + length + content;
}

/// Of the indefinite form.
std::string open_value(char tag, const std::string& content) { return tag + "\x80"s + content + "\0\0"s; }

const std::string kStart = value('\x02', "\1") + value('\x31', "");
std::string der(const std::string& octets) {
  return value('\x30', kSigned + value('\xA0', value('\x30', kStart + value('\x30', kData + value('\xA0', octets)) +
                                                                 value('\x31', "signers"))));
}
std::string ber(const std::string& octets) {
  return open_value(
      '\x30',
      kSigned +
          open_value('\xA0', open_value('\x30', kStart + open_value('\x30', kData + open_value('\xA0', octets)))));
}

TEST_CASE("signed_content") {
  const std::string entity(300, 'e');
  CHECK(signed_content(der(value('\x04', entity))) == entity);
  CHECK(signed_content(ber(value('\x04', entity))) == entity);
  CHECK(signed_content(ber(open_value('\x24', value('\x04', "ab") + value('\x04', "") + value('\x04', "c")))) == "abc");
  CHECK(signed_content(der(value('\x24', value('\x04', "ab") + value('\x04', "c")))) == "abc");
  CHECK_FALSE(signed_content("").has_value());
  CHECK_FALSE(signed_content(der("")).has_value());  // a detached signature
  CHECK_FALSE(signed_content(value('\x30', kData + value('\xA0', ""))).has_value());
  const std::string whole = der(value('\x04', entity));
  for (std::size_t size = 0; size < 300; ++size) CHECK_FALSE(signed_content(whole.substr(0, size)).has_value());
  CHECK_FALSE(signed_content("\x30\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s).has_value());
}

Email mail_with(const std::string& pkcs7) {
  return std::get<Email>(parse_email(
      "From: a@b.example\nContent-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: binary\n\n" +
      pkcs7));
}

TEST_CASE("An opaquely signed mail is read, and one that cannot be says so") {
  const Email email = mail_with(ber(value('\x04', "Content-Type: text/html\r\n\r\n<p>The words</p>\r\n")));
  CHECK(email.text == "The words\n");
  CHECK(email.defects.empty());
  CHECK(email.attachments.size() == 1);
  for (const auto& sealed : {"nonsense"s, ber(value('\x04', "no header")), value('\x30', kData)}) {
    const Email unread = mail_with(sealed);
    CHECK(unread.text.empty());
    CHECK(unread.defects == std::vector<std::string>{"the text is encrypted or signed and cannot be shown"});
  }
  CHECK(std::get<Email>(parse_email("From: a@b.example\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n"
                                    "Content-Type: application/octet-stream\n\nsecret\n--x--\n"))
            .defects.size() == 1);
}

TEST_CASE("What the signature of the whole mail covers is its own text") {
  const auto of = [](const std::string& content) { return mail_with(der(value('\x04', content))); };
  const std::string take = "Content-Type: text/plain\n\n#take\n";
  CHECK(of(take).text == "#take\n");
  CHECK(of(take).text_origin == TextOrigin::own);
  CHECK(of("From: a@b.example\nSubject:\n\nhello\n").text == "hello\n");
  CHECK(of("From: jo@c.example\n\n#take\n").text == "From: jo@c.example\n\n#take\n");
  CHECK(of("From: jo@c.example\n\n#take\n").text_origin == TextOrigin::enclosed);
  CHECK(of("Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: text/plain; name=a\n\n#take\n--y--\n")
            .text_origin == TextOrigin::attached);
}

TEST_CASE("A signed file is another's text") {
  const std::string file = der(value('\x04', "Content-Type: text/plain\n\n#take\n"));
  const Email email = std::get<Email>(
      parse_email("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n \n--x\nContent-Type: "
                  "application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: binary\n\n" +
                  file + "\n--x--\n"));
  CHECK(email.text == "From: (nobody)\n\n#take\n");
  CHECK(email.text_origin == TextOrigin::enclosed);
}

}  // namespace
}  // namespace ticketd
