#include "rules/compose.h"

#include <catch2/catch.hpp>

#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";

MailDraft plain_draft() {
  MailDraft draft;
  draft.kind = OutboxKind::acknowledgement;
  draft.ticket = TicketId{123};
  draft.to = {{"Jane Doe", "jane@acme.example"}};
  draft.subject = "phones down";
  draft.body = "Hello,\n\nwe are on it.\n";
  draft.in_reply_to = "m2@acme.example";
  draft.references = {"m1@acme.example", "m2@acme.example"};
  draft.replies_to_mail = true;
  return draft;
}

OutgoingMail composed(const MailDraft& draft) { return compose_mail(draft, sample_ruleset(), tuesday_ten(), kToken); }

const std::vector<std::string> kExpectedFields{"Date",           "From",
                                               "Reply-To",       "To",
                                               "Subject",        "Message-ID",
                                               "In-Reply-To",    "References",
                                               "Auto-Submitted", "X-Auto-Response-Suppress",
                                               "Precedence",     "MIME-Version",
                                               "Content-Type"};

bool has_only_crlf(const std::string& octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] == '\r' && (i + 1 == octets.size() || octets[i + 1] != '\n')) return false;
    if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return false;
  }
  return octets.ends_with("\r\n");
}

std::size_t longest_line(const std::string& octets) {
  std::size_t longest = 0;
  for (std::size_t start = 0; start < octets.size();) {
    const std::size_t end = octets.find("\r\n", start);
    longest = std::max(longest, end - start);
    start = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("An automatic mail has exactly the promised header fields") {
  const auto mail = composed(plain_draft());
  CHECK(field_names(mail.octets) == kExpectedFields);
  CHECK(field_of(mail.octets, "Date") == "Tue, 24 Nov 2026 10:00:00 +0000");
  CHECK(field_of(mail.octets, "From") == "Example Support <support@example.com>");
  CHECK(field_of(mail.octets, "Reply-To") == "<support@example.com>");
  CHECK(field_of(mail.octets, "To") == "Jane Doe <jane@acme.example>");
  CHECK(field_of(mail.octets, "Subject") == "[SUP-123] phones down");
  CHECK(field_of(mail.octets, "Message-ID") == "<0123456789abcdef0123456789abcdef@example.com>");
  CHECK(field_of(mail.octets, "In-Reply-To") == "<m2@acme.example>");
  CHECK(field_of(mail.octets, "References") == "<m1@acme.example> <m2@acme.example>");
  CHECK(field_of(mail.octets, "Auto-Submitted") == "auto-replied");
  CHECK(field_of(mail.octets, "X-Auto-Response-Suppress") == "All");
  CHECK(field_of(mail.octets, "Precedence") == "bulk");
  CHECK(mail.message_id == "0123456789abcdef0123456789abcdef@example.com");
  CHECK(mail.reverse_path == "support@example.com");
  CHECK(mail.recipients == std::vector<std::string>{"jane@acme.example"});
}

TEST_CASE("Who wrote a mail decides what it says of itself") {
  auto draft = plain_draft();
  draft.replies_to_mail = false;
  CHECK(field_of(composed(draft).octets, "Auto-Submitted") == "auto-generated");
  draft.automatic = false;
  const auto mail = composed(draft);
  for (const auto* name : {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"})
    CHECK(field_of(mail.octets, name).empty());
}

TEST_CASE("The null reverse-path is for automatic mails only") {
  auto ruleset = sample_ruleset();
  ruleset.null_reverse_path = true;
  auto draft = plain_draft();
  CHECK(compose_mail(draft, ruleset, tuesday_ten(), kToken).reverse_path.empty());
  draft.automatic = false;
  CHECK(compose_mail(draft, ruleset, tuesday_ten(), kToken).reverse_path == "support@example.com");
}

TEST_CASE("Nothing that a customer wrote adds a header field, a recipient or a line") {
  const std::pair<const char*, std::string> attacks[] = {
      {"CRLF", "x\r\nBcc: evil@example.org"},
      {"LF", "x\nBcc: evil@example.org"},
      {"CR", "x\rBcc: evil@example.org"},
      {"CRLF twice: a body", "x\r\n\r\nevil"},
      {"NUL", std::string("x\0Bcc: evil@example.org", 23)},
      {"U+2028",
       "x\xE2\x80\xA8"
       "Bcc: evil@example.org"},
      {"U+0085",
       "x\xC2\x85"
       "Bcc: evil@example.org"},
      {"ESC", "x\x1b[2JBcc: evil@example.org"},
      {"vertical tab and form feed", "x\v\fBcc: evil@example.org"},
      {"an encoded word of CRLF", "=?utf-8?Q?x=0D=0ABcc:_evil@example.org?="},
      {"an encoded word of CRLF in B", "=?utf-8?B?eA0KQmNjOiBldmlsQGV4YW1wbGUub3Jn?="},
      {"quotes", "\"x\" <evil@example.org>, \"y"},
      {"a backslash before the closing quote", "x, y\\"},
      {"octets that are no UTF-8", "x\xff\xfe\nBcc: evil@example.org"},
      {"a comma", "x, evil@example.org"},
      {"angle brackets", "x> <evil@example.org"},
  };
  for (const auto& [name, value] : attacks) {
    DYNAMIC_SECTION(name) {
      auto draft = plain_draft();
      draft.subject = value;
      draft.to[0].display_name = value;
      draft.to.push_back({"", value});
      draft.to.push_back({"", value + "@acme.example"});
      draft.cc.push_back({value, "jane@acme.example\r\nRCPT TO:<evil@example.org>"});
      draft.in_reply_to = "a@b";
      draft.references = {"a@b", value, "<" + value + ">"};
      const auto mail = composed(draft);
      CHECK(field_names(mail.octets) == kExpectedFields);
      CHECK(mail.recipients == std::vector<std::string>{"jane@acme.example"});
      CHECK(field_of(mail.octets, "To").ends_with(" <jane@acme.example>"));
      CHECK(has_only_crlf(mail.octets));
      CHECK(mail.octets.find('\0') == std::string::npos);
      CHECK(mail.octets.find('\x1b') == std::string::npos);
      // What stands encoded in the value never reaches a reader as an encoded word of ours.
      CHECK(mail.octets.find("=0D") == std::string::npos);
      CHECK(mail.octets.find("?B?eA0K") == std::string::npos);
    }
  }
}

TEST_CASE("Message ids are repeated only when they can stand in a field") {
  auto draft = plain_draft();
  for (const std::string id : {"a b@c", "a@b>\r\n <c", "a<b@c", "", "a\x01@b", "\xC3\xBC@b", "a\tb"}) {
    INFO(id);
    draft.in_reply_to = id;
    draft.references = {id, "good@b"};
    const auto mail = composed(draft);
    CHECK(field_of(mail.octets, "In-Reply-To").empty());
    CHECK(field_of(mail.octets, "References") == "<good@b>");
  }
  draft.in_reply_to = std::string(2000, 'a') + "@b";
  CHECK(field_of(composed(draft).octets, "In-Reply-To").empty());
}

TEST_CASE("References keep the first and the last nine") {
  auto draft = plain_draft();
  draft.references.clear();
  for (int i = 1; i <= 10; ++i) draft.references.push_back(fmt::format("m{}@x", i));
  CHECK(field_of(composed(draft).octets, "References").starts_with("<m1@x> <m2@x>"));
  for (int i = 11; i <= 30; ++i) draft.references.push_back(fmt::format("m{}@x", i));
  CHECK(field_of(composed(draft).octets, "References") ==
        "<m1@x> <m22@x> <m23@x> <m24@x> <m25@x> <m26@x> <m27@x> <m28@x> <m29@x> <m30@x>");
}

TEST_CASE("Lines are folded and never too long") {
  auto draft = plain_draft();
  draft.subject = std::string(5000, 'x');
  draft.body = std::string(100000, 'y') + "\n" + std::string(3000, ' ') + "\n";
  for (int i = 0; i < 60; ++i)
    draft.cc.push_back(
        {std::string(300, '"'), fmt::format("{}{}@{}.example", std::string(50, 'a'), i, std::string(60, 'b'))});
  for (int i = 0; i < 40; ++i) draft.references.push_back(fmt::format("{}{}@x", std::string(240, 'r'), i));
  const auto mail = composed(draft);
  CHECK(longest_line(mail.octets) <= 300);
  CHECK(has_only_crlf(mail.octets));
  CHECK(mail.recipients.size() == 61);

  draft = plain_draft();
  draft.subject = "A subject of many short words that has to be folded once or twice, for it is long; so it is";
  draft.to[0].display_name = "Höflich Grüßend, die Abteilung für ausgesprochen lange Namen und Titel";
  draft.body = "Zeile mit Umlauten: äöüß und einem sehr langen Rest, der mehr als 76 Spalten füllt.\n";
  CHECK(longest_line(composed(draft).octets) <= 78);
}

TEST_CASE("A long subject is cut between characters and keeps its tag") {
  auto draft = plain_draft();
  for (const std::string unit : {"x", "ü", "漢", "😀", "e\xCC\x81"}) {
    draft.subject.clear();
    while (draft.subject.size() < 1000) draft.subject += unit;
    const auto subject = field_of(composed(draft).octets, "Subject");
    INFO(subject);
    CHECK(subject.starts_with("[SUP-123] "));
    CHECK(subject.find("=EF=BF=BD") == std::string::npos);
    CHECK(subject.size() < 1100);
  }
}

TEST_CASE("Addresses are written to once, and only when they can be") {
  auto draft = plain_draft();
  draft.to = {{"Jane", "jane@acme.example"}, {"", "Jane@Acme.example"}, {"", "MAILER-DAEMON"}};
  draft.cc = {{"", "JANE@ACME.EXAMPLE"}, {"Bob", "bob@acme.example"}};
  CHECK(composed(draft).recipients == std::vector<std::string>{"jane@acme.example", "bob@acme.example"});
  draft.to = {{"", "no address"}};
  draft.cc.clear();
  const auto mail = composed(draft);
  CHECK(mail.recipients.empty());
  CHECK(field_of(mail.octets, "To") == "undisclosed-recipients:;");
}

TEST_CASE("What can stand in an envelope") {
  const std::string local64(64, 'a');
  const std::pair<std::string, bool> cases[] = {
      {"jane@acme.example", true},
      {"jane.doe+tag@mail.acme.example", true},
      {"o'hara@acme.example", true},
      {"\"jane.doe\"@acme.example", true},
      {"a..b.@acme.example", true},
      {"user@localhost", true},
      {"jörg@exämple.de", true},
      {local64 + "@acme.example", true},
      {local64 + "a@acme.example", false},
      {"a@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(63, 'd') + "." +
           std::string(63, 'e'),
       false},
      {"", false},
      {"@acme.example", false},
      {"jane@", false},
      {"jane", false},
      {"jane@acme..example", false},
      {"jane@.example", false},
      {"jane@acme.example.", false},
      {"jane@-acme.example", false},
      {"jane@[127.0.0.1]", false},
      {"erased-1@erased.invalid", false},
      {"jane@acme.INVALID", false},
      {"jane@invalid.example", true},
      {"a@b@acme.example", false},
      {"\"a@b\"@acme.example", false},
      {"a,b@acme.example", false},
      {"a;b@acme.example", false},
      {"a:b@acme.example", false},
      {"a(b)@acme.example", false},
      {"<jane@acme.example>", false},
      {"jane doe@acme.example", false},
      {"\"jane doe\"@acme.example", false},
      {"\"a\\\"b\"@acme.example", false},
      {"jane@acme.example\r\nRCPT TO:<x@y>", false},
      {"jane@acme.example\n", false},
      {std::string("jane\0@acme.example", 18), false},
      {"jane@acme.example SIZE=1", false},
      {"ja\xE2\x80\xA8ne@acme.example", false},
      {"ja\xffne@acme.example", false},
      {"=?utf-8?Q?a?=@acme.example", false},
      {"ja\xE2\x80\xAEne@acme.example", false},
  };
  for (const auto& [address, is_good] : cases) {
    INFO(address);
    CHECK(is_envelope_address(address) == is_good);
  }
}

TEST_CASE("An international support domain gives ASCII message ids") {
  auto ruleset = sample_ruleset();
  ruleset.support.address = "hilfe@exämple.de";
  const auto mail = compose_mail(plain_draft(), ruleset, tuesday_ten(), kToken);
  CHECK(mail.message_id == "0123456789abcdef0123456789abcdef@xn--exmple-cua.de");
  CHECK(field_of(mail.octets, "From") == "Example Support <hilfe@exämple.de>");
}

TEST_CASE("Whole mails") {
  auto draft = plain_draft();
  SECTION("plain") { check_golden("compose_plain.eml", composed(draft).octets); }
  SECTION("international") {
    draft.to = {{"Jürgen Groß-Müller, 株式会社", "juergen@acme.example"}, {"O'Hara, \"Bob\" \\", "bob@acme.example"}};
    draft.cc = {{"", "jörg@exämple.de"}};
    draft.subject = "Störung: キューが応答しません – seit heute früh, bitte dringend prüfen";
    draft.body = "Grüße!\n\nMehr unter https://portal.example.com/?a=1&b=<2> (bitte lesen).\n  eingerückt\n";
    draft.language = "de";
    check_golden("compose_international.eml", composed(draft).octets);
  }
  SECTION("traps of transport") {
    draft.automatic = false;
    draft.ticket.reset();
    draft.body =
        "From here on\n.\n..dots\r\nMAIL FROM:<evil@example.org>\rlone CR\n\ttab and blank \n"
        "--=_0123456789abcdef0123456789abcdef--\n=3D\nesc \x1b[2J nul " +
        std::string(1, '\0') + "<script>alert('1')</script>\n" + std::string(74, 'a') + " .From the end";
    check_golden("compose_traps.eml", composed(draft).octets);
  }
}

}  // namespace ticketd
