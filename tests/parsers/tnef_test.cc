#include "parsers/tnef.h"

#include <catch2/catch.hpp>

#include "parsers/email.h"
#include "parsers/enclosures.h"
#include "parsers/html_text.h"
#include "parsers/rtf_text.h"

namespace ticketd {
namespace {

using namespace std::string_literals;

std::string number(std::uint32_t value, std::size_t octets) {
  std::string result;
  for (std::size_t i = 0; i < octets; ++i) result += static_cast<char>(value >> (8 * i));
  return result;
}

std::string attribute(int level, std::uint32_t id, const std::string& data) {
  return number(static_cast<std::uint32_t>(level), 1) + number(id, 4) +
         number(static_cast<std::uint32_t>(data.size()), 4) + data + "\0\0"s;
}

std::string padded(std::string data) {
  while (data.size() % 4 != 0) data += '\0';
  return data;
}

std::string property(std::uint32_t type, std::uint32_t id, const std::string& value) {
  return number(type, 2) + number(id, 2) + number(1, 4) + number(static_cast<std::uint32_t>(value.size()), 4) +
         padded(value);
}

std::string properties(std::initializer_list<std::string> all) {
  std::string result = number(static_cast<std::uint32_t>(all.size()), 4);
  for (const std::string& each : all) result += each;
  return result;
}

std::string utf16(const std::string& ascii) {
  std::string result;
  for (char c : ascii) result += std::string{c, '\0'};
  return result + "\0\0"s;
}

const std::string kHead = number(0x223E9F78, 4) + "\0\0"s;
const std::string kNewFile = attribute(2, 0x00069002, "");

std::string title(const std::string& name) { return attribute(2, 0x00018010, name + "\0"s); }
std::string data(const std::string& octets) { return attribute(2, 0x0006800F, octets); }
std::string file_properties(std::initializer_list<std::string> all) {
  return attribute(2, 0x00069005, properties(all));
}
std::string message_properties(std::initializer_list<std::string> all) {
  return attribute(1, 0x00069003, properties(all));
}
const std::string kInterface("\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", 16);

/// `name=octets` of every file.
std::string shown(const TnefMessage& message) {
  std::string result;
  for (const TnefFile& file : message.files) result += file.name + "=" + std::string(file.octets) + ";";
  return result;
}

struct Case {
  const char* name;
  std::string stream;
  std::string files;
  std::string defect;
};

TEST_CASE("read_tnef finds the files") {
  const std::string long_name = property(0x1F, 0x3707, utf16("long name.txt"));
  const std::string named = number(0x1F, 2) + number(0x8001, 2) + std::string(16, 'g') + number(1, 4) + number(6, 4) +
                            padded("a\0b\0\0\0"s) + number(1, 4) + number(2, 4) + padded("x\0"s);
  const std::string many = number(0x1003, 2) + number(0x6000, 2) + number(3, 4) + std::string(12, 'n');
  const std::string inner = kHead + attribute(1, 0x0002800C, "inside\0"s) + kNewFile + title("b.txt") + data("bb");
  const auto c = GENERATE_COPY(values<Case>({
      {"no attribute", kHead, "", ""},
      {"two files", kHead + kNewFile + title("a.txt") + data("aa") + kNewFile + title("b.txt") + data("bb"),
       "a.txt=aa;b.txt=bb;", ""},
      {"data before the name", kHead + kNewFile + data("aa") + title("a.txt"), "a.txt=aa;", ""},
      {"no name", kHead + kNewFile + data("aa"), "=aa;", ""},
      {"a name without data is no file", kHead + kNewFile + title("a.txt"), "", ""},
      {"an empty file", kHead + kNewFile + title("a.txt") + data(""), "a.txt=;", ""},
      {"the long name wins", kHead + kNewFile + title("LONGNA~1.TXT") + data("aa") + file_properties({long_name}),
       "long name.txt=aa;", ""},
      {"data among the properties", kHead + kNewFile + file_properties({property(0x102, 0x3701, "aa"), long_name}),
       "long name.txt=aa;", ""},
      {"named and multiple properties are passed over",
       kHead + kNewFile + data("aa") + file_properties({named, many, long_name}), "long name.txt=aa;", ""},
      {"a message inside",
       kHead + kNewFile + title("m") + file_properties({property(0x0D, 0x3701, kInterface + inner)}) + kNewFile +
           title("c") + data("cc"),
       "m.txt=inside;b.txt=bb;c=cc;", ""},
      {"zeros at the end", kHead + kNewFile + title("a") + data("aa") + "\0\0\r\n"s, "a=aa;", ""},
      {"garbage at the end", kHead + kNewFile + title("a") + data("aa") + "garbage at the end", "a=aa;",
       "does not end where its attributes do"},
      {"cut short", kHead + kNewFile + title("a") + data("aa") + kNewFile + data(std::string(50, 'b')).substr(0, 20),
       "a=aa;", "is cut short"},
      {"an unknown property type", kHead + kNewFile + data("aa") + file_properties({property(0x77, 1, "x"), long_name}),
       "=aa;", "holds damaged properties"},
      {"a property longer than its list",
       kHead + kNewFile + data("aa") + attribute(2, 0x00069005, properties({long_name}).substr(0, 20)), "=aa;",
       "holds damaged properties"},
      {"a count without properties", kHead + attribute(1, 0x00069003, "\xFF\xFF\xFF\xFF"), "",
       "holds damaged properties"},
  }));
  INFO(c.name);
  const auto message = read_tnef(c.stream);
  REQUIRE(message.has_value());
  CHECK(shown(*message) == c.files);
  CHECK(message->defect == c.defect);
}

TEST_CASE("read_tnef refuses what does not start like TNEF") {
  CHECK_FALSE(read_tnef("").has_value());
  CHECK_FALSE(read_tnef("\x78\x9F\x3E").has_value());
  CHECK_FALSE(read_tnef("PK\x03\x04 a zip file").has_value());
}

TEST_CASE("read_tnef reads the body in the code page that the stream names") {
  const std::string page = attribute(1, 0x00069007, number(1251, 4) + number(0, 4));
  CHECK(read_tnef(kHead + page + attribute(1, 0x0002800C, "\xCF\xF0\xE8\xE2\xE5\xF2\0"s))->text == "Привет");
  CHECK(read_tnef(kHead + message_properties({property(0x1F, 0x1000, utf16("plain"))}))->text == "plain");
  const std::string html = property(0x102, 0x1013, "<p>\xFC</p>") + number(3, 2) + number(0x3FDE, 2) + number(28591, 4);
  CHECK(read_tnef(kHead + attribute(1, 0x00069003, number(2, 4) + html))->html == "<p>ü</p>");
}

TEST_CASE("read_tnef stops at its limits") {
  std::string files = kHead;
  for (int i = 0; i < 300; ++i) files += kNewFile + data("x");
  CHECK(read_tnef(files)->files.size() == TnefLimits{}.files);
  CHECK(read_tnef(files)->defect == "holds more files than the limit");

  std::string nested = kHead + kNewFile + data("x");
  for (int i = 0; i < 100; ++i)
    nested = kHead + kNewFile + title("m") + file_properties({property(0x0D, 0x3701, kInterface + nested)});
  CHECK(read_tnef(nested)->defect == "is nested deeper than the limit");

  const std::string list = number(0x1003, 2) + number(0x6000, 2) + number(100000, 4) + std::string(400000, 'n');
  CHECK(read_tnef(kHead + attribute(1, 0x00069003, number(1, 4) + list))->defect ==
        "holds more properties than the limit");
}

std::string compressed(const std::string& kind, const std::string& content) {
  return number(0, 4) + number(0, 4) + kind + number(0, 4) + content;
}

TEST_CASE("read_tnef finds the class of the message") {
  CHECK(read_tnef(kHead + attribute(1, 0x00078008, "IPM.Note\0"s))->message_class == "IPM.Note");
  CHECK(
      read_tnef(kHead + message_properties({property(0x1F, 0x001A, utf16("REPORT.IPM.Note.IPNRN"))}))->message_class ==
      "REPORT.IPM.Note.IPNRN");
  CHECK(read_tnef(kHead)->message_class.empty());
}

TEST_CASE("decompress_rtf") {
  // The dictionary starts with {\rtf1\ansi; the reference to the write position ends the data.
  const std::string hello = compressed("LZFu", "\x41\x00\x08hello\x0D\xE0"s);
  CHECK(decompress_rtf(hello, 100) == "{\\rtf1\\anshello");
  CHECK_FALSE(decompress_rtf(hello, 5).has_value());
  CHECK(decompress_rtf(compressed("MELA", "{plain}"), 100) == "{plain}");
  CHECK_FALSE(decompress_rtf(hello.substr(0, 20), 100).has_value());
  CHECK_FALSE(decompress_rtf(compressed("ABCD", "x"), 100).has_value());
  CHECK_FALSE(decompress_rtf("short", 100).has_value());
  TextBudget budget{100, 20};
  CHECK(decompress_rtf(hello, budget) == "{\\rtf1\\anshello");
  CHECK(budget.rtf == 5);
  CHECK_FALSE(decompress_rtf(hello, budget).has_value());
  CHECK(budget.rtf == 0);
  std::size_t html = 4;
  CHECK(html_to_text("a<b>c</b>", html) == "a\n");
  CHECK(html == 0);
}

Email mail_with(const std::string& stream, const std::string& text) {
  const auto parsed = parse_email("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n" + text +
                                  "\n--x\nContent-Type: application/ms-tnef; name=winmail.dat\n\n" + stream +
                                  "\n--x\nContent-Type: text/csv; name=last.csv\n\nc\n--x--\n");
  return std::get<Email>(parsed);
}

std::string names(const Email& email) {
  std::string result;
  for (const Attachment& a : email.attachments) result += a.name + ";";
  return result;
}

TEST_CASE("A TNEF part gives its files in its place") {
  const std::string file = kNewFile + title("..\\a.txt") + data("aa");
  const std::string body = attribute(1, 0x0002800C, "from Outlook\0"s);
  const Email both = mail_with(kHead + body + file, "own text");
  CHECK(names(both) == "a.txt;last.csv;");
  CHECK(both.text == "from Outlook\n\nown text");
  CHECK(both.text_origin == TextOrigin::attached);
  CHECK(mail_with(kHead + body + file, "Text from Outlook").text_origin == TextOrigin::own);
  CHECK(both.defects.empty());
  CHECK(mail_with(kHead + body + file, "").text == "from Outlook");
  const Email cut = mail_with(kHead + file + attribute(1, 0x0002800C, std::string(100, 'a')).substr(0, 50), "t");
  CHECK(names(cut) == "winmail.dat;a.txt;last.csv;");
  CHECK(cut.defects == std::vector<std::string>{"a TNEF part is cut short"});
  const Email broken = mail_with("no TNEF at all", "t");
  CHECK(names(broken) == "winmail.dat;last.csv;");
  CHECK(broken.defects == std::vector<std::string>{"a TNEF part cannot be read"});
  CHECK(names(mail_with(kHead, "t")) == "winmail.dat;last.csv;");
  const std::string rtf = message_properties({property(0x102, 0x1009, compressed("MELA", "{rtf}"))});
  CHECK(names(mail_with(kHead + rtf, "t")) == "last.csv;");
  CHECK(mail_with(kHead + rtf, "t").text == "rtf\n\nt");
  const std::string picture = message_properties({property(0x102, 0x1009, compressed("MELA", "{\\pict 0a0b}"))});
  CHECK(names(mail_with(kHead + picture, "t")) == "body.rtf;last.csv;");
}

TEST_CASE("No words of a TNEF body are lost, and none are shown twice") {
  const auto with_body = [](const std::string& words) { return kHead + attribute(1, 0x0002800C, words + "\0"s); };
  CHECK(mail_with(with_body("The printer\r\nis broken, again."), "The printer is\nbroken - again").text ==
        "The printer is\nbroken - again");
  CHECK(mail_with(with_body("Der Drucker geht nicht"), "-- \nlist footer").text ==
        "Der Drucker geht nicht\n\n-- \nlist footer");
  CHECK(mail_with(with_body("All of it, and more"), "all of it").text == "All of it, and more");
  CHECK(mail_with(with_body("not there"), "there, not here").text == "not there\n\nthere, not here");
  CHECK(mail_with(with_body("印刷できません"), "印刷\nできません").text == "印刷\nできません");
  CHECK(mail_with(with_body("seen"), " \n\t").text == "seen");
  const std::string part = "\n--x\nContent-Type: application/ms-tnef; name=winmail.dat\n\n";
  CHECK(mail_with(with_body("first") + part + with_body("second") + part + with_body("first"), "own").text ==
        "first\n\nsecond\n\nown");
}

TEST_CASE("A message inside TNEF keeps who wrote what when") {
  const std::string time = number(0x40, 2) + number(0x0039, 2) + number(0xF331A800, 4) + number(0x01DCAA22, 4);
  const std::string fields =
      number(5, 4) + property(0x1F, 0x0037, utf16("Broken printer")) + property(0x1F, 0x0C1A, utf16("Ann Lee")) +
      property(0x1F, 0x0065, utf16("ann@customer.example")) + property(0x1F, 0x0E04, utf16("Bob")) + time;
  const auto inside = [](const std::string& inner) {
    return *read_tnef(kHead + kNewFile + file_properties({property(0x0D, 0x3701, kInterface + kHead + inner)}));
  };
  const std::string header =
      "From: Ann Lee <ann@customer.example>\nTo: Bob\nDate: 2026-03-02 09:00 UTC\n"
      "Subject: Broken printer\n\n";
  CHECK(shown(inside(attribute(1, 0x00069003, fields) + attribute(1, 0x0002800C, "Help"))) ==
        "Broken printer.txt=" + header + "Help;");
  CHECK(shown(inside(attribute(1, 0x00069003, fields))) == "Broken printer.txt=" + header + ";");
  const std::string html = message_properties({property(0x102, 0x1013, "<p>Help</p>")});
  CHECK(shown(inside(attribute(1, 0x00018004, "S\0"s) + html)) == "S.txt=Subject: S\n\nHelp\n;S.html=<p>Help</p>;");
}

TEST_CASE("A file that a TNEF part only names is said to be missing") {
  const std::string method = number(3, 2) + number(0x3705, 2) + number(4, 4);
  const std::string path = property(0x1F, 0x370D, utf16("\\\\server\\plan.doc"));
  const std::string link = attribute(2, 0x00069005, number(2, 4) + method + path);
  const Email email = mail_with(kHead + kNewFile + title("plan.doc") + data("") + link, "t");
  CHECK(email.defects ==
        std::vector<std::string>{"a TNEF part names a file that is not in the mail: \\\\server\\plan.doc"});
  CHECK(read_tnef(kHead + kNewFile + title("a.txt"))->missing == std::vector<std::string>{"a.txt"});
}

struct RtfCase {
  const char* name;
  std::string_view rtf;
  std::string_view text;
};

TEST_CASE("rtf_to_text") {
  const auto c = GENERATE(values<RtfCase>({
      {"paragraphs", "{\\rtf1\\ansi a\\par\r\nb\\tab c}", "a\nb\tc"},
      {"what is no text", "{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}{\\colortbl;}a}", "a"},
      {"octets of the code page", "{\\rtf1\\ansicpg1251 \\'cf\\'f0\\'e8}", "При"},
      {"octets that make one character", "{\\rtf1\\ansicpg932 \\'82\\'a0}", "あ"},
      {"Unicode, with what old readers show", "{\\rtf1 \\u8211?x\\u-3913 ?{\\uc0\\u252 b}\\u252\\'fcc}",
       "–x\xEF\x82\xB7übüc"},
      {"surrogates", "{\\rtf1 \\u-10179?\\u-8704?}", "😀"},
      {"signs", "{\\rtf1 \\{a\\}\\\\b\\~c\\ldblquote d}", "{a}\\b c“d"},
      {"HTML inside", "{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 a\\htmlrtf }\\htmlrtf0 b}", "ab"},
      {"octets passed over", "{\\rtf1 a\\bin3 {{{b}", "ab"},
      {"cut", "{\\rtf1 a\\", "a"},
      {"no RTF", "plain", "plain"},
  }));
  INFO(c.name);
  CHECK(rtf_to_text(c.rtf) == c.text);
}

TEST_CASE("Who wants no texts of TNEF parts gets the same enclosures") {
  const std::string html = property(0x0102, 0x1013, "<p>words</p>"), picture = property(0x0102, 0x1013, "<br>");
  const std::string rtf = property(0x0102, 0x1009, "{\\pict 00}"), file = kNewFile + title("a.txt") + data("b");
  std::string octets = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n";
  for (const std::string& stream :
       {message_properties({html}) + file, message_properties({picture}) + file, message_properties({html}),
        message_properties({html, rtf}) + file, message_properties({picture, rtf}) + file})
    octets += "--x\nContent-Type: application/ms-tnef\n\n" + kHead + stream + "\n";
  const SplitMail mail = split_mail(octets, {});
  const auto read = [&](ContainerTexts texts) {
    std::vector<std::string> names;
    TextBudget budget;
    const auto notes = visit_enclosures(mail, select_bodies(mail), {}, budget, texts, [&](const Enclosure& each) {
      names.push_back(each.name);
      return true;
    });
    return std::tuple(names, notes.texts.size(), budget.html, budget.rtf);
  };
  const auto [names, texts, html_left, rtf_left] = read(ContainerTexts::wanted);
  CHECK(names == std::vector<std::string>{"a.txt", "a.txt", "a.txt", "a.txt", "body.rtf"});
  CHECK(texts == 3);
  CHECK(read(ContainerTexts::unwanted) == std::tuple(names, std::size_t{0}, html_left, rtf_left));
}

}  // namespace
}  // namespace ticketd
