#include "parsers/clean_text.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "parsers/attachments.h"
#include "parsers/email.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string foreign;
  std::string text;
  std::string line;
};

const Case kCases[] = {
    {"plain", "a b", "a b", "a b"},
    {"line ends of all kinds", "a\r\nb\rc\n\nd\r\r\ne", "a\nb\nc\n\nd\ne", "a b c d e"},
    {"separators, VT and FF end lines", "a\u2028b\u2029c\vd\fe", "a\nb\nc\nd\ne", "a b c d e"},
    {"tabs", "a\tb", "a\tb", "a b"},
    {"C0 controls and DEL", "a\x1b[2J\x07\x7F z", "a[2J z", "a [2J z"},
    {"C1 controls that are windows-1252", "It\u0092s \u0093so\u0094 \u0096 10 \u0080\u0085", "It’s “so” – 10 €…",
     "It’s “so” – 10 €…"},
    {"C1 controls that are nothing", "a\u0081\u008D\u0090z", "az", "az"},
    {"CSI is no CSI", "a\u009B31m", "a›31m", "a›31m"},
    {"overrides, embeddings and isolates", "\u202Da\u202Eb\u202Cc\u2066d\u2067e\u2068f\u2069\u202A\u202B", "abcdef",
     "abcdef"},
    {"no width", "\uFEFFa\u200Bb\u2060cd\u180Ee\u2063f\u206Ag\uFFF9h", "abcdefgh", "abcdefgh"},
    {"soft hyphens in words, and as fillers", "Zei\u00ADle \u00AD\u00AD x\u00AD\u00ADy", "Zei\u00ADle  x\u00ADy",
     "Zei\u00ADle x\u00ADy"},
    {"noncharacters", "a\uFFFE\uFDD0z", "az", "az"},
    {"marks of direction stay, runs of them do not", "\u200Fשלום\u200E (1)\u200F\u200E\u200F",
     "\u200Fשלום\u200E (1)\u200F", "\u200Fשלום\u200E (1)\u200F"},
    {"Arabic letter mark", "a\u061C١", "a\u061C١", "a\u061C١"},
    {"Persian", "می\u200Cخواهم", "می\u200Cخواهم", "می\u200Cخواهم"},
    {"Indic joiners", "ක්\u200Dෂ", "ක්\u200Dෂ", "ක්\u200Dෂ"},
    {"emoji of several", "👨\u200D👩\u200D👧 ❤\uFE0F\u200D🔥 1\uFE0F\u20E3 👍🏽",
     "👨\u200D👩\u200D👧 ❤\uFE0F\u200D🔥 1\uFE0F\u20E3 👍🏽",
     "👨\u200D👩\u200D👧 ❤\uFE0F\u200D🔥 1\uFE0F\u20E3 👍🏽"},
    {"the flag of Wales", "🏴\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F!",
     "🏴\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F!",
     "🏴\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F!"},
    {"tags that are smuggled words", "a\U000E0068\U000E0069z", "az", "az"},
    {"joiners that split Latin words", "ur\u200Cge\u200Dnt", "urgent", "urgent"},
    {"variants of ideographs", "葛\U000E0100城", "葛\U000E0100城", "葛\U000E0100城"},
    {"a run of selectors is one", "a\uFE0F\uFE0E\uFE0Fz", "a\uFE0Fz", "a\uFE0Fz"},
    {"fillers of previews", "Hi \u034F \u200C \u034F \u200C ", "Hi     ", "Hi"},
    {"nothing that is seen", "\u00A0\u200B\u200E\u3164\u2800", "\u00A0\u200E\u3164\u2800", ""},
    {"spaces stay", "a\u00A0b\u3000c", "a\u00A0b\u3000c", "a\u00A0b\u3000c"},
    {"private use and the replacement", "\uE000\uFFFD", "\uE000\uFFFD", "\uE000\uFFFD"},
};

TEST_CASE("What is kept of foreign characters") {
  for (const auto& c : kCases) {
    INFO(c.name);
    CHECK(clean_lines(c.foreign) == c.text);
    CHECK(one_line(c.foreign) == c.line);
  }
}

TEST_CASE("What is clean is safe for a terminal, and stays as it is when it is cleaned again") {
  for (const auto& c : kCases) {
    INFO(c.name);
    CHECK(printable_line(c.line) == c.line);
    CHECK(one_line(c.line) == c.line);
    CHECK(clean_lines(c.text) == c.text);
  }
  std::string all;
  for (char32_t c = 1; c < 0x3000; ++c) {
    if (c < 0x80) {
      all += static_cast<char>(c);
    } else if (c < 0x800) {
      all += {static_cast<char>(0xC0 | (c >> 6U)), static_cast<char>(0x80 | (c & 0x3FU))};
    } else {
      all += {static_cast<char>(0xE0 | (c >> 12U)), static_cast<char>(0x80 | ((c >> 6U) & 0x3FU)),
              static_cast<char>(0x80 | (c & 0x3FU))};
    }
  }
  CHECK(printable_line(one_line(all)) == one_line(all));
  const std::string text = clean_lines(all);
  std::string spaces = text;
  std::replace(spaces.begin(), spaces.end(), '\t', ' ');
  CHECK(printable_text(text) == spaces);
}

TEST_CASE("A text is cleaned the same in pieces") {
  std::string result;
  TextCleaner cleaner(TextCleaner::Form::text);
  for (const std::string piece : {"a\r", "\nb👨", "\u200D", "👩 ", "\u200D", "c"}) cleaner.append(result, piece);
  CHECK(result == "a\nb👨\u200D👩 c");
}

TEST_CASE("A value never becomes another") {
  CHECK(one_value("ann@example.com") == "ann@example.com");
  CHECK(one_value("an\u202En@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("an\u200Bn@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("an\u200En@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("an\u00ADn@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("an\uFE0Fn@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("an\u0092n@example.com") == "an\uFFFDn@example.com");
  CHECK(one_value("علی\u200Cرضا@example.com") == "علی\u200Cرضا@example.com");
}

TEST_CASE("is_blank_text") {
  for (const char* blank :
       {"", " \r\n\t", "\u00A0\n\u00A0", "\uFEFF", "\u200B\u200C\u200D\u2060", "\u00AD\u034F", "\u3000"})
    CHECK(is_blank_text(blank));
  for (const char* text : {"a", "\u00A0.", "👍", "\uFFFD"}) CHECK_FALSE(is_blank_text(text));
}

TEST_CASE("Hidden characters reach no value of a mail") {
  const auto parsed = parse_email(
      "From: =?utf-8?Q?A=E2=80=AEnn=E2=81=A6=C2=9B?= <a\u202Enn@example.com>\nSubject: "
      "=?utf-8?Q?pay=E2=80=8B=E2=80=AEnow=C2=85=EF=BB=BF?=\nMessage-ID: <a\u200B@b>\nContent-Type: text/plain; "
      "charset=utf-8\n\n\uFEFFa\u202Eb\u2028c\u0092\n");
  const auto& email = std::get<Email>(parsed);
  CHECK(email.from->display_name == "Ann›");
  CHECK(email.from->addr_spec == "a\uFFFDnn@example.com");
  CHECK(email.subject == "paynow…");
  CHECK(email.message_id == "a\uFFFD@b");
  CHECK(email.text == "ab\nc’\n");
  CHECK(safe_file_name("in\u202Evoice\u200F\u200B\u0085.pdf\uFEFF") == "invoice….pdf");
}

}  // namespace
}  // namespace ticketd
