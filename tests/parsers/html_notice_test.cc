#include "parsers/html_notice.h"

#include <catch2/catch.hpp>

#include "parsers/email.h"

namespace ticketd {
namespace {

std::string text_of(const std::string& fields_and_body) {
  return std::get<Email>(parse_email("From: Ann <ann@example.com>\n" + fields_and_body)).text;
}

std::string alternative(const std::string& plain, const std::string& html) {
  return text_of("Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\n" +
                 plain + "\n--x\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--x--\n");
}

TEST_CASE("A plain form that says nothing gives way to the HTML") {
  for (const std::string plain : {"",
                                  "\n\n",
                                  "\u00A0\n \u00A0",
                                  "\uFEFF",
                                  "\u200B\u200C\u2060",
                                  "\u00AD",
                                  "This is an HTML message. Please use an HTML capable mail program to read it.",
                                  "To view the message, please use an HTML compatible email viewer!",
                                  "Your mail client does not support HTML.",
                                  "Your email client cannot read this email.\nTo view it online, "
                                  "please go here in your browser:\nhttps://x.example/view?id=1",
                                  "View this email in your browser <https://x.example/1>",
                                  "This is a multi-part message in MIME format.",
                                  "Ihr E-Mail-Programm unterstützt leider keine HTML-Nachrichten.",
                                  "Diese Nachricht wird als HTML verschickt.",
                                  "Votre logiciel de messagerie ne prend pas en charge le HTML.",
                                  "Si no puede ver este mensaje, ábralo en su navegador.",
                                  "Il tuo client di posta non supporta i messaggi HTML.",
                                  "Uw e-mailprogramma ondersteunt geen HTML.",
                                  "Seu programa de e-mail não suporta HTML.",
                                  "Twój program pocztowy nie obsługuje HTML.",
                                  "Din e-postklient stöder inte HTML.",
                                  "Если письмо не отображается, откройте его в браузере.",
                                  "此邮件为HTML格式。"}) {
    INFO(plain);
    CHECK(alternative(plain, "<p>The fax is down.</p>") == "The fax is down.\n");
    CHECK(alternative(plain, "<p> &nbsp;<img src=x></p>").find("fax") == std::string::npos);
  }
}

TEST_CASE("A notice that the HTML begins with does not keep the HTML from being read") {
  const std::string notice = "View this email in your browser", words(300, 'a');
  CHECK(alternative(notice, "<p>" + notice + "</p><p>" + words + "</p>").find(words) != std::string::npos);
}

TEST_CASE("A plain form that says something stays") {
  CHECK(alternative("The *fax* is down.", "<p>The <b>fax</b> is down.</p>") == "The *fax* is down.");
  CHECK(alternative("The HTML page is *down*.", "<p>The HTML page is <b>down</b>.</p>") == "The HTML page is *down*.");
  CHECK(alternative("Your mail client does not support HTML.", "<p>&nbsp;</p>") ==
        "Your mail client does not support HTML.");
  const std::string first = "The fax is down! You see this, for your mail client does not support HTML.";
  CHECK(alternative(first, "<p>else</p>") == first);
  const std::string tall = "My browser " + std::string(1000, 'a');
  CHECK(alternative(tall, "<p>else</p>") == tall);
  CHECK(alternative("\u00A0", "<p>&nbsp;</p>").empty());
}

TEST_CASE("Blank texts of both forms keep no text from being read") {
  CHECK(text_of("Content-Type: multipart/mixed; boundary=x\n\n--x\n\n\u00A0\n--x\nContent-Type: text/html\n\n\n--x\n\n"
                "The fax is down.\n--x--\n") == "The fax is down.");
  CHECK(text_of("\n \u00A0\n").empty());
}

TEST_CASE("A blank text beside an HTML one does not make it an attachment") {
  const std::string octets =
      "From: Ann <ann@example.com>\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; "
      "charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C2=A0\n\n--x\nContent-Type: text/html\n\n<p>The "
      "fax is down.</p>\n--x--\n";
  const auto parsed = parse_email(octets);
  const auto& email = std::get<Email>(parsed);
  CHECK(email.text == "The fax is down.\n");
  CHECK(email.attachments.empty());
}

}  // namespace
}  // namespace ticketd
