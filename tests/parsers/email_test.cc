#include "parsers/email.h"

#include <catch2/catch.hpp>
#include <utility>

#include "parsers/attachments.h"

namespace ticketd {
namespace {

Email parsed(const std::string& octets, const ParseLimits& limits = {}) {
  auto result = parse_email(octets, limits);
  REQUIRE(std::holds_alternative<Email>(result));
  return std::get<Email>(std::move(result));
}

const std::string kTwoParts =
    "From: Ann <ann@example.com>\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nbody\n--x\n"
    "Content-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: base64\n\nYSxi\n--x--\n";

TEST_CASE("An attachment is extracted by its id") {
  const Email email = parsed(kTwoParts);
  REQUIRE(email.attachments.size() == 1);
  CHECK(email.attachments[0] == Attachment{1, "a.csv", "text/csv", 3, "", false});
  CHECK(extract_attachment(kTwoParts, 1) == "a,b");
  CHECK(extract_attachment(kTwoParts, 0) == std::nullopt);
  CHECK(extract_attachment(kTwoParts, 2) == std::nullopt);
  CHECK(extract_attachment("", 1) == std::nullopt);
}

std::string text_of(const std::string& fields, const std::string& body) {
  return std::get<Email>(parse_email("From: a@b.example\n" + fields + "\n\n" + body)).text;
}

TEST_CASE("A footer behind a base64 text is text") {
  CHECK(text_of("Content-Transfer-Encoding: base64", "aGVsbG8=\n_____\nthe list, its owner\n") ==
        "hello\n_____\nthe list, its owner\n");
  CHECK(text_of("Content-Type: text/plain; charset=iso-8859-8\nContent-Transfer-Encoding: base64",
                "+ezl7SDy7O0=\n_____\nthe list, its owner\n") == "שלום עלם\n_____\nthe list, its owner\n");
}

TEST_CASE("A text that is called base64 and is none stays as it is") {
  const std::string base64 = "Content-Transfer-Encoding: base64";
  for (const char* text : {"This is no base64 at all: the phones are down!\n", "Hello,\n\nphones are down\n",
                           "Hello\n\nThe phones are down, please help.\n", "\nтелефоны не работают\n",
                           "Lift\nit is stuck between two floors, please send somebody!\n",
                           "Aufzugstillstand\n\nEr steht zwischen zwei Stockwerken, bitte kommen!\n",
                           "03012345\nis the number of the lift that is stuck.\n"})
    CHECK(text_of(base64, text) == text);
  for (const char* word : {"Help\n", "HELP\nHelp\n", "Restart", "20261126"}) CHECK(text_of(base64, word) == word);
  CHECK(text_of(base64, "SGVscA==") == "Help");
  CHECK(text_of(base64, "Okay") == "Okay");
  CHECK(text_of("Content-Type: text/plain; charset=iso-8859-1\n" + base64, "Z3L83w==") == "grüß");
  CHECK(text_of(base64, "  aGVs bG8=\n") == "hello");
  CHECK(text_of(base64, "aGVs*bG8gd29ybGQsIGhvdyBhcmUgeW91Pw==\n") == "hello world, how are you?");
  CHECK(text_of(base64, "aGVsbG8gd29ybG") == "hello worl");
}

TEST_CASE("An HTML text without a charset parameter is read as it declares itself") {
  const std::string body = "<p>\xB1</p>";
  for (const char* meta : {"<META charset=iso-8859-2>", "<meta charset = 'ISO-8859-2' />",
                           "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-2\">",
                           "<meta name=x content=charset><meta charset=\"iso-8859-2\">"})
    CHECK(text_of("Content-Type: text/html", meta + body).starts_with("ą"));
  CHECK(text_of("Content-Type: text/html; charset=x-unknown", "<meta charset=iso-8859-2>" + body).starts_with("ą"));
  CHECK(text_of("Content-Type: text/html; charset=iso-8859-1", "<meta charset=iso-8859-2>" + body).starts_with("±"));
  CHECK(text_of("Content-Type: text/html", "<meta charset=iso-8859-2>ą").starts_with("ą"));
}

TEST_CASE("An attached message is extracted as it was sent") {
  const std::string message = "Subject: in\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\nt\n--y--";
  const std::string octets =
      "From: a@b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nbody\n--x\n"
      "Content-Type: message/rfc822\n\n" +
      message + "\n--x--\n";
  const Email email = parsed(octets);
  REQUIRE(email.attachments.size() == 1);
  CHECK(email.attachments[0].name == "in.eml");
  CHECK(extract_attachment(octets, 1) == message);
  CHECK(email.text == "body");
}

TEST_CASE("A mail that only encloses another says what that says") {
  const std::string inner = "From: Jo <jo@c.example>\nSubject: =?utf-8?q?Hilfe?=\n\nphones are down\n";
  const std::string shown = "From: Jo <jo@c.example>\nSubject: Hilfe\n\nphones are down";
  const auto mixed = [&](const std::string& text, const std::string& more = "") {
    return text_of("Content-Type: multipart/mixed; boundary=x",
                   "--x\n\n" + text + "\n--x\nContent-Type: message/rfc822\n\n" + inner + "--x\n" + more + "--x--\n");
  };
  CHECK(text_of("Content-Type: message/rfc822", inner) == shown + '\n');
  CHECK(text_of("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
                "RnJvbTogYUBiClN1YmplY3Q6IGluCgp3b3Jkcwo=\n") == "From: a@b\nSubject: in\n\nwords\n");
  CHECK(mixed(" ") == shown);
  CHECK(mixed("see below") == "see below");
  CHECK(text_of("Content-Type: multipart/digest; boundary=x",
                "--x\n\n" + inner + "--x\n\nSubject: two\n\n2\n--x--\n") == shown);
  CHECK(text_of("Content-Type: message/rfc822", "Content-Type: message/rfc822\n\n" + inner) == shown + '\n');
  CHECK(text_of("Content-Type: message/rfc822", "Subject: no words\n\n").empty());
}

TEST_CASE("A report does not speak with the words of the mail that it returns") {
  const std::string parts =
      "--x\n\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\nFinal-Recipient: "
      "rfc822; "
      "b@c.example\nAction: failed\nStatus: 5.1.1\n--x\nContent-Type: message/rfc822\n\nSubject: in\n\nwords\n--x--\n";
  CHECK(text_of("Content-Type: multipart/report; boundary=x", parts).empty());
  CHECK(text_of("Content-Type: multipart/mixed; boundary=x", parts).empty());
}

TEST_CASE("field finds the first of a name, whatever its case") {
  const Email email = parsed("X-A: 1\nx-a: 2\n\n");
  CHECK(*email.field("X-a") == "1");
  CHECK((email.field("X-B") == nullptr));
}

TEST_CASE("Header values stay raw but for their folding") {
  const Email email = parsed("Subject: =?utf-8?q?a?=\n\t=?utf-8?q?b?=\n\n");
  CHECK(*email.field("Subject") == "=?utf-8?q?a?=\t=?utf-8?q?b?=");
  CHECK(email.subject == "ab");
}

TEST_CASE("Without any field there is no mail") {
  for (const char* octets :
       {"", "\n\n", "just text\n", "\nno: field behind the blank line is text", "From a@b Mon Jul 6\n"}) {
    INFO(octets);
    const bool error = std::holds_alternative<ParseError>(parse_email(octets));
    CHECK(error == (std::string_view(octets).find("no:") == std::string_view::npos));
  }
}

TEST_CASE("Limits leave out, and say so") {
  ParseLimits limits;
  limits.text_octets = 5;
  const Email text = parsed("From: a@b\nContent-Type: text/plain; charset=utf-8\n\nabcdä\n", limits);
  CHECK(text.text == "abcd");  // the cut falls between characters
  CHECK(text.defects.size() == 1);
  limits.addresses = 2;
  const Email many = parsed("To: a@b, c@d\nTo: e@f\n\n", limits);
  CHECK(many.to.size() == 2);
  limits.parts = 2;
  const Email parts = parsed(kTwoParts, limits);
  CHECK(parts.attachments.empty());
  CHECK(parts.text == "body");
}

TEST_CASE("content_digest tells mails apart") {
  const Email email = parsed(kTwoParts);
  const auto digest_of = [](const std::string& octets) { return content_digest(parsed(octets), octets); };
  const auto changed_digest = [&](const Email& changed) { return content_digest(changed, kTwoParts); };
  const std::string digest = digest_of(kTwoParts);
  CHECK(digest.size() == 64);
  CHECK(digest == digest_of("X-Relay: another way\nReceived: x\n" + kTwoParts));
  Email changed = email;
  changed.text += "!";
  CHECK(changed_digest(changed) != digest);
  changed = email;
  changed.subject = "s";
  CHECK(changed_digest(changed) != digest);
  changed = email;
  changed.attachments[0].name = "b.csv";
  CHECK(changed_digest(changed) != digest);
  changed = email;
  changed.date = Time{};
  CHECK(changed_digest(changed) != digest);
  changed = email;
  changed.from->addr_spec.insert(0, std::exchange(changed.from->display_name, {}));
  CHECK(changed_digest(changed) != digest);
}

TEST_CASE("content_digest tells attachments apart by what is in them, not by how they travel") {
  const auto digest_of = [](const std::string& fields, const std::string& body) {
    const std::string octets = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nbody\n--x\n" +
                               fields + "\n\n" + body + "\n--x--\n";
    return content_digest(parsed(octets), octets);
  };
  const std::string csv = "Content-Type: text/csv; name=a.csv\n", base64 = "Content-Transfer-Encoding: base64";
  const auto digest = digest_of(csv + base64, "YSxiCg==");
  CHECK(digest_of(csv + base64, "YyxiCg==") != digest);
  CHECK(digest_of(csv + "Content-Transfer-Encoding: quoted-printable", "a=2Cb\n") == digest);
  CHECK(digest_of(csv + "Content-Transfer-Encoding: 8bit", "a,b\n") == digest);
  CHECK(digest_of(csv + "Content-Transfer-Encoding: 8bit", "a,b\r\n") == digest);
  const std::string fax = "Content-Type: image/tiff; name=fax.tif\n";
  CHECK(digest_of(fax + base64, "QUFB") != digest_of(fax + base64, "QUJB"));
  CHECK(digest_of(fax + base64, "QUFB") == digest_of(fax + base64, "QU\r\nFB"));
}

/// The plain form and, in a multipart/mixed, HTML before and behind a picture: as Apple Mail writes.
std::string apple(const std::string& plain, bool plain_first = true) {
  const std::string form = "--a\nContent-Type: text/plain\n\n" + plain + "\n";
  const std::string html =
      "--a\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/html\n\n<p>before</p>\n"
      "--m\nContent-Type: image/png; name=p.png\n\nPNG\n--m\nContent-Type: text/html\n\n<p>behind</p>\n--m--\n";
  return text_of("Content-Type: multipart/alternative; boundary=a",
                 (plain_first ? form + html : html + form) + "--a--\n");
}

TEST_CASE("HTML before and behind a picture is one form") {
  for (const bool plain_first : {true, false}) {
    CHECK(apple(" ", plain_first) == "before\nbehind\n");
    CHECK(apple("This message requires an HTML viewer.", plain_first) == "before\nbehind\n");
    CHECK(apple("all of it", plain_first) == "all of it");
  }
}

TEST_CASE("Plain text within the HTML form is shown whichever form is") {
  const auto mail = [](const std::string& plain) {
    return text_of(
        "Content-Type: multipart/alternative; boundary=a",
        "--a\n\n" + plain +
            "\n--a\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/html\n\n<p>html</p>\n"
            "--m\n\na footer\n--m\nContent-Type: text/html\n\n<p>more</p>\n--m--\n--a--\n");
  };
  CHECK(mail("") == "html\nmore\na footer");
  CHECK(mail("plain") == "plain\na footer");
}

TEST_CASE("HTML is another form of the plain text that says something") {
  const auto mail = [](const std::string& first, const std::string& second) {
    return text_of("Content-Type: multipart/alternative; boundary=a",
                   "--a\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\n" + first +
                       "\n--m\nContent-Type: image/png; name=a.png\n\nx\n--m\n\n" + second +
                       "\n--m--\n--a\nContent-Type: text/html\n\n<p>html</p>\n--a--\n");
  };
  CHECK(mail("plain", " ") == "plain");
  CHECK(mail("plain", "This message requires an HTML viewer.") == "plain\nThis message requires an HTML viewer.");
  CHECK(mail("", "plain") == "plain");
  CHECK(mail("plain", "more") == "plain\nmore");
  CHECK(mail(" ", "") == "html\n");
}

TEST_CASE("A text beside what somebody put before it is shown, however short it is") {
  const std::string notice =
      "Take care: this mail was sent by somebody outside the harbour office. Open its files and follow its links only "
      "where you know its sender and have asked for what it brings.";
  const auto mail = [&](const std::string& html) {
    return text_of("Content-Type: multipart/mixed; boundary=x",
                   "--x\n\n" + notice + "\n--x\nContent-Type: text/html\n\n" + html + "\n--x--\n");
  };
  for (const std::string text : {"Our lift is stuck.", "Lift stuck"})
    CHECK(mail("<p>" + text + "</p><p>" + notice + "</p>").find(text) != std::string::npos);
  CHECK(mail("<p>" + notice + "</p><p><a href='https://a.example/'>harbour office</a></p>") == notice);
  CHECK(mail("<img alt='The sign of the harbour'><p>" + notice + "</p>") == notice);
}

TEST_CASE("What nobody reads does not count for the limit") {
  const std::string much(3'000'000, 'A');
  for (const auto& bulk : {"<img src=\"data:image/png;base64," + much + "\">",
                           "<img src=data:image/png;base64," + much + ">", "<p title='" + much + "'>",
                           "<style>" + much + "</style>", "<script>" + much + "</script>", "<!-- " + much + " -->"}) {
    INFO(bulk.substr(0, 20));
    const std::string text = text_of("Content-Type: text/html", "<p>before</p>" + bulk + "<p>behind</p>");
    CHECK(text.starts_with("before\n"));
    CHECK(text.ends_with("behind\n"));
  }
  const Email cut = parsed("From: a@b.example\nContent-Type: text/html\n\n<style>" + much + "</style><p>" + much);
  CHECK(cut.text.size() > 2'000'000);
  CHECK(cut.defects == std::vector<std::string>{"the text is longer than the limit"});
}

struct NameCase {
  const char* name;
  std::string_view given;
  std::string_view safe;
};

TEST_CASE("safe_file_name") {
  const auto c = GENERATE(values<NameCase>({
      {"plain", "a.pdf", "a.pdf"},
      {"UTF-8", "Übersicht.pdf", "Übersicht.pdf"},
      {"Unix path", "../../etc/passwd", "passwd"},
      {"Windows path", "C:\\TEMP\\a.png", "a.png"},
      {"hidden file", "..a.sh", "a.sh"},
      {"trailing dots", "a.exe. .", "a.exe"},
      {"control characters", "a\x01\n b", "a b"},
      {"right-to-left override", "evil\xE2\x80\xAEgnp.exe", "evilgnp.exe"},
      {"isolate",
       "a\xE2\x81\xA6"
       "b",
       "ab"},
      {"only dots", "../..", ""},
      {"dots and blanks", ". . ...", ""},
      {"blanks before a dot", "\u00A0.", ""},
      {"a device behind a dot", ".con.txt", "_con.txt"},
      {"a device behind dots and blanks", ". .NUL", "_NUL"},
      {"a device before a blank", "aux .h", "_aux .h"},
      {"a device behind what is not seen", "c\xE2\x80\x8Bon.txt", "_con.txt"},
      {"a device with a stream", "con:a", "con_a"},
      {"a port with a superscript", "COM¹.txt", "_COM¹.txt"},
      {"an option", "-rf", "_-rf"},
      {"an option behind a folder and a dot", "a/.--help", "_--help"},
      {"no device", "console.txt", "console.txt"},
      {"slashes in other forms", "a⁄b∕c／d＼e⧸f", "a_b_c_d_e_f"},
      {"slashes in other forms, and dots", "..／..／passwd", "_.._passwd"},
      {"soft hyphen, word joiner, tag", "a\xC2\xAD\xE2\x81\xA0\xF3\xA0\x81\xA1.txt", "a.txt"},
      {"joiners of Persian and of emoji", "می\xE2\x80\x8Cخواهم.txt", "می\xE2\x80\x8Cخواهم.txt"},
      {"nothing", "", ""},
  }));
  INFO(c.name);
  CHECK(safe_file_name(c.given) == c.safe);
  CHECK(safe_file_name(c.safe) == c.safe);
}

TEST_CASE("safe_file_name keeps the extension of a long name") {
  const std::string name = safe_file_name(std::string(300, 'a') + ".pdf");
  CHECK(name.size() == 200);
  CHECK(name.ends_with(".pdf"));
  CHECK(safe_file_name(std::string(300, 'a')).size() == 200);
  std::string umlauts;
  for (int i = 0; i < 150; ++i) umlauts += "ä";
  CHECK(safe_file_name("a" + umlauts + ".pdf") == "a" + umlauts.substr(0, 194) + ".pdf");
  CHECK(safe_file_name(std::string(199, 'a') + ". " + std::string(99, 'b')) == std::string(199, 'a'));
  std::string blanks;
  for (int i = 0; i < 100; ++i) blanks += "\u00A0";
  CHECK(safe_file_name(blanks + "a").empty());  // nothing is left that can be seen
}

TEST_CASE("Names that a file system takes for one are told apart") {
  std::string octets = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n";
  for (const char* name : {"A.txt", "a.TXT", "\xC3\xBC.txt", "u\xCC\x88.txt", "stra\xC3\x9F\x65", "STRASSE"})
    octets += "--x\nContent-Type: image/png; name=\"" + std::string(name) + "\"\n\nb\n";
  const auto email = std::get<Email>(parse_email(octets));
  std::vector<std::string> names;
  for (const Attachment& a : email.attachments) names.push_back(a.name);
  CHECK(names == std::vector<std::string>{"A.txt", "a (2).TXT", "ü.txt", "u\xCC\x88 (2).txt", "straße", "STRASSE (2)"});
}

std::string mixed(const std::string& parts) {
  return "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + parts + "--x--\n";
}

TEST_CASE("A text that is a file is read when nothing else is there, and stays a file") {
  const std::string file = "--x\nContent-Type: text/plain; name=a.txt\n\nthe words\n";
  const Email alone = parsed(mixed(file));
  CHECK(alone.text == "the words");
  REQUIRE(alone.attachments.size() == 1);
  CHECK(alone.attachments[0].name == "a.txt");
  CHECK(extract_attachment(mixed(file), 1) == "the words");
  CHECK(parsed(mixed("--x\n\nbody\n" + file)).text == "body");
  CHECK(parsed(mixed("--x\nContent-Type: text/csv\n\n1,2\n")).text.empty());
  CHECK(parsed(mixed("--x\nContent-Type: text/plain; name=a.log\n\n" + std::string(70'000, 'a') + "\n")).text.empty());
  CHECK(
      parsed("From: a@b.example\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nwords\n")
          .text == "words\n");
}

TEST_CASE("HTML beyond what is read of one mail is left out") {
  const std::string page = "--x\nContent-Type: text/html\n\n<p>" + std::string(1'100'000, 'a') + "</p>\n";
  const Email email = parsed(mixed(page + page + page));
  CHECK(email.text.size() < 2'200'000);
  CHECK(email.defects == std::vector<std::string>{"the text is longer than the limit"});
  CHECK(parsed(mixed("--x\nContent-Type: text/html\n\n<p>a\n--x\nContent-Type: text/html\n\n<p>b\n")).defects.empty());
}

TEST_CASE("A page without a label, or with half of one, is HTML") {
  const std::string page = " <!DOCTYPE html><p>Hello <b>you</b></p>";
  CHECK(text_of("X: y", page) == "Hello you\n");
  CHECK(text_of("Content-Type: html", "<HTML><p>Hello <b>you</b></p></HTML>") == "Hello you\n");
  CHECK(text_of("Content-Type: text/plain", page) == page);
  CHECK(text_of("X: y", "<htm> is no tag") == "<htm> is no tag");
}

TEST_CASE("The ids of enclosed mails, in every form") {
  const auto ids = [](const std::string& fields, const std::string& body) {
    return parsed(mixed("--x\n" + fields + "\n\n" + body + "\n")).returned_ids;
  };
  const std::vector<std::string> one{"a@b"};
  CHECK(ids("Content-Type: message/rfc822", "Message-ID: <a@b>\n\ntext") == one);
  CHECK(ids("Content-Type: text/rfc822-headers", "Message-ID: <a@b>") == one);
  CHECK(ids("Content-Type: message/global-headers", "Message-ID: <a@b>") == one);
  const std::string base64 = "\nContent-Transfer-Encoding: base64";
  CHECK(ids("Content-Type: message/rfc822" + base64, "TWVzc2FnZS1JRDogPGFAYj4KCnRleHQK") == one);
  CHECK(ids("Content-Type: message/global\nContent-Transfer-Encoding: quoted-printable", "Message-ID:=20<a@b>\n\nx") ==
        one);
  CHECK(ids("Content-Type: text/plain", "Message-ID: <a@b>").empty());
  CHECK(parsed("From: a@b.example\nContent-Type: message/rfc822" + base64 + "\n\nTWVzc2FnZS1JRDogPGFAYj4KCnRleHQK\n")
            .returned_ids == one);
}

}  // namespace
}  // namespace ticketd
