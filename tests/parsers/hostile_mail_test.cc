// Mails built to exhaust time, stack or memory. Nothing here measures time: a quadratic step would be seen at once.
#include <catch2/catch.hpp>
#include <functional>

#include "parsers/addresses.h"
#include "parsers/email.h"
#include "parsers/encoded_words.h"
#include "parsers/html_text.h"
#include "parsers/message_ids.h"
#include "parsers/parameters.h"

namespace ticketd {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

Email parsed(const std::string& octets) {
  auto result = parse_email(octets);
  REQUIRE(std::holds_alternative<Email>(result));
  return std::get<Email>(std::move(result));
}

bool has_defect(const Email& email, std::string_view words) {
  for (const std::string& defect : email.defects)
    if (defect.find(words) != std::string::npos) return true;
  return false;
}

const std::string kFrom = "From: Ann <ann@example.com>\nSubject: s\n";

TEST_CASE("Each limit names what was left out, and the text is still read") {
  const auto numbered = [](int count, const std::string& text) {
    std::string result;
    for (int i = 0; i < count; ++i) result += text + std::to_string(i);
    return result;
  };
  const std::string text = "\nContent-Type: text/plain\n\ntext\n", plain = "\n\ntext\n";
  const std::string part = "--x\nContent-Type: image/png; name=a.png\n\nb\n";
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"octets of a field", "X: " + std::string(70'000, 'a') + plain, "larger than the limits"},
      {"octets of the header", repeat("X: " + std::string(5'000, 'a') + "\n", 60) + "\ntext\n",
       "larger than the limits"},
      {"fields", repeat("X: y\n", 2'000) + "\ntext\n", "larger than the limits"},
      {"addresses", "To: " + repeat("a@b.example, ", 1'000) + plain, "To names more addresses"},
      {"parameters", "Content-Type: text/plain" + numbered(200, "; a=b; c") + "=d" + plain, "more parameters"},
      {"parts", "Content-Type: multipart/mixed; boundary=x\n\n--x" + text + repeat(part, 1'500) + "--x--\n",
       "more parts"},
      {"depth",
       "Content-Type: multipart/mixed; boundary=x\n\n--x" + text + "--x\n" +
           repeat("Content-Type: message/rfc822\n\n", 40) + "Subject: in\n\nin\n--x--\n",
       "nested deeper"},
      {"a boundary", "Content-Type: multipart/mixed; boundary=" + std::string(300, 'b') + plain, "boundary is longer"},
  };
  for (const auto& [name, octets, defect] : cases) {
    DYNAMIC_SECTION(name) {
      const Email email = parsed(kFrom + octets);
      CAPTURE(email.defects);
      CHECK(has_defect(email, defect));
      CHECK(email.text.find("text") != std::string::npos);
      CHECK(email.from->addr_spec == "ann@example.com");
    }
  }
}

TEST_CASE("What a part claims to be is data, and no more") {
  const std::string page = "<script>alert(1)</script><img src=http://evil.example/x>";
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"a page called an image", "Content-Type: image/png; name=a.png", page},
      {"a drawing with a script", "Content-Type: image/svg+xml; name=a.svg", "<svg onload=alert(1)>"},
      {"a page attached", "Content-Type: text/html; name=a.html\nContent-Disposition: attachment", page},
      {"a program called a text", "Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment", "MZ\x90"},
      {"an archive", "Content-Type: application/zip; name=a.zip", "PK\x03\x04"},
  };
  for (const auto& [name, fields, content] : cases) {
    DYNAMIC_SECTION(name) {
      const std::string octets = kFrom + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\n" + fields +
                                 "\n\n" + content + "\n--x--\n";
      const Email email = parsed(octets);
      CHECK(email.text == "text");
      REQUIRE(email.attachments.size() == 1);
      CHECK(extract_attachment(octets, email.attachments[0].id) == content);
    }
  }
}

TEST_CASE("Nesting ends at the depth limit") {
  struct Case {
    const char* name;
    std::string octets;
  };
  const std::string message = "Content-Type: message/rfc822\n\n";
  const std::string multipart = "Content-Type: multipart/mixed; boundary=x\n\n--x\n";
  const auto c = GENERATE_COPY(values<Case>({
      {"10,000 messages", kFrom + repeat(message, 10000) + "Subject: in\n\ntext\n"},
      {"100,000 messages", kFrom + repeat(message, 100000) + "Subject: in\n\ntext\n"},
      {"10,000 multiparts", kFrom + repeat(multipart, 10000) + "\ntext\n"},
      {"100,000 multiparts", kFrom + repeat(multipart, 100000) + "\ntext\n"},
  }));
  INFO(c.name);
  const Email email = parsed(c.octets);
  CHECK(email.from->addr_spec == "ann@example.com");
  CHECK(has_defect(email, "nested deeper"));
}

TEST_CASE("Ten thousand boundaries inside one another") {
  std::string octets = kFrom;
  for (int i = 0; i < 10000; ++i)
    octets += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
  CHECK(has_defect(parsed(octets + repeat("--y\n", 300000)), "nested deeper"));
}

TEST_CASE("A header line of 8 MB is cut at the field limit") {
  const Email email = parsed(kFrom + "X: " + std::string(8 << 20, 'a') + "\nTo: bob@example.com\n\ntext\n");
  CHECK(email.to.at(0).addr_spec == "bob@example.com");
  CHECK(email.field("X")->size() <= ParseLimits{}.field_octets);
  CHECK(email.text == "text\n");
  CHECK(has_defect(email, "larger than the limits"));
}

TEST_CASE("More fields and more header than the limits are left out") {
  const Email many = parsed(kFrom + repeat("X: y\n", 200000) + "\ntext\n");
  CHECK(many.header.size() == ParseLimits{}.fields);
  const Email large = parsed(kFrom + repeat("X: " + std::string(1000, 'a') + "\n", 900) + "\ntext\n");
  CHECK(large.header.size() < 300);
  CHECK(large.text == "text\n");
}

TEST_CASE("Folding a million times stays one field") {
  CHECK(parsed(kFrom + "X: a\n" + repeat(" b\n", 1000000) + "\ntext\n").text == "text\n");
}

TEST_CASE("Lines that are no fields") {
  CHECK(parsed(kFrom + repeat("garbage\n", 500000) + "\ntext\n").from->addr_spec == "ann@example.com");
  CHECK(parsed(kFrom + repeat("garbage\nX-A: y\n", 100000) + "\ntext\n").text == "text\n");
  CHECK(parsed(kFrom + repeat("garbage\ngarbage\nReceived: y\n", 50000) + "\ntext\n").text.ends_with("\n\ntext\n"));
  CHECK(parsed(kFrom + repeat(" \nX-A: y\ngarbage\n", 100000) + "Content-Type: text/plain\n\ntext\n").text == "text\n");
  CHECK(parsed(kFrom + repeat("garbage\ngarbage\nTo: y\n", 1000) + "\ntext\n").text.ends_with("\n\ntext\n"));
  CHECK(parsed(kFrom + repeat(" \n", 500000) + "\ntext\n").from->addr_spec == "ann@example.com");
  CHECK(std::holds_alternative<ParseError>(parse_email(std::string(8 << 20, '\r'))));
  CHECK(std::holds_alternative<ParseError>(parse_email(std::string(8 << 20, '\n'))));
  CHECK(std::holds_alternative<ParseError>(parse_email(std::string(8 << 20, ':'))));
}

TEST_CASE("A boundary of 10,000 octets is refused, and not searched for") {
  const std::string boundary = "b" + std::string(10000, 'a');
  const Email email =
      parsed(kFrom + "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n" + std::string(4 << 20, 'a'));
  CHECK(has_defect(email, "boundary is longer"));
  CHECK(email.text.size() == ParseLimits{}.text_octets);
}

TEST_CASE("Lines that are nearly delimiters") {
  const std::string head = kFrom + "Content-Type: multipart/mixed; boundary=" + std::string(200, 'a') + "\n\n";
  CHECK(parsed(head + repeat("--" + std::string(199, 'a') + "\n", 20000)).attachments.empty());
  CHECK(parsed(head + std::string(4 << 20, '-')).attachments.empty());
  CHECK(parsed(head + "--" + std::string(200, 'a') + std::string(4 << 20, ' ') + "\n\ntext").text == "text");
}

TEST_CASE("100,000 parts end at the limit of parts") {
  const Email email = parsed(kFrom + "Content-Type: multipart/mixed; boundary=x\n\n" +
                             repeat("--x\nContent-Type: image/png; name=a.png\n\nb\n", 100000) + "--x--\n");
  CHECK(email.attachments.size() == ParseLimits{}.parts - 1);
  CHECK(has_defect(email, "more parts"));
  CHECK(email.attachments.back().size == 1);
}

TEST_CASE("Addresses without end") {
  struct Case {
    const char* name;
    std::string field;
    std::size_t mailboxes;
  };
  const auto c = GENERATE(values<Case>({
      {"a million commas", std::string(1000000, ','), 0},
      {"half a million words", repeat("a,", 500000), 500},
      {"a million parentheses", std::string(1000000, '('), 0},
      {"closed ones", repeat("()", 500000), 0},
      {"a million quotes", std::string(999999, '"'), 0},
      {"a million angle brackets", std::string(1000000, '<'), 0},
      {"a million square brackets", std::string(1000000, '['), 1},
      {"encoded words without end", repeat("=?utf-8?q?a", 100000), 1},
      {"a million at signs", std::string(1000000, '@'), 1},
      {"quotes in angles", repeat("<\"", 300000), 1},
      {"comments in angles", repeat("<(", 300000), 0},
      {"words without commas", repeat("a b. ", 200000), 1},
  }));
  INFO(c.name);
  CHECK(parse_addresses(c.field, 500).size() == c.mailboxes);
}

TEST_CASE("Parameters without end") {
  std::string sections = "a/b";
  for (int i = 0; i < 100000; ++i) sections += "; name*" + std::to_string(i) + "=x";
  const auto value = parse_parameterized(sections);
  CHECK(value.truncated);
  CHECK(value.text("name") == std::string(100, 'x'));
  CHECK(parse_parameterized("a/b; " + std::string(1000000, '(')).value == "a/b");
  CHECK(parse_parameterized("a/b; " + repeat("x ", 500000)).parameters.empty());
  CHECK(parse_parameterized("a/b; x=" + repeat("y ", 500000)).parameters.size() == 1);
  CHECK(parse_parameterized("a/b; " + repeat("x \"", 300000)).parameters.empty());
  CHECK(parse_parameterized(std::string(1000000, ';')).value.empty());
}

TEST_CASE("Encoded words and identifiers without end") {
  CHECK(decode_encoded_words(repeat("=?utf-8?q?a", 100000)).size() == 1100000);
  CHECK(decode_encoded_words(repeat("=?", 500000)).size() == 1000000);
  CHECK(decode_encoded_words(repeat("=?utf-8?q?a?= ", 100000)) == std::string(100000, 'a') + " ");
  CHECK(decode_encoded_words(repeat("=?utf-8?q?a?==?iso-8859-1?q?b?=", 20000)) == repeat("ab", 20000));
  CHECK(parse_message_ids(repeat("<a@b> ", 200000), 50).size() == 50);
  CHECK(parse_message_ids(std::string(1000000, '<'), 50).empty());
  CHECK(parse_message_ids(repeat("<(", 500000), 50).size() <= 50);
}

TEST_CASE("HTML deeper than it can be read keeps its words") {
  const auto deep = "first " + repeat("<div>", 50000) + "inner" + repeat("</span>", 200000) + " last";
  const auto text = html_to_text(deep);
  CHECK(text.find("first") != text.npos);
  CHECK(text.find("inner") != text.npos);
  CHECK(text.find("last") != text.npos);
  CHECK(html_to_text(repeat("<dl><dd>", 20000) + "word" + repeat("</font>", 20000)).find("word") != std::string::npos);
  CHECK(html_to_text(repeat("<b><i><p>", 80000) + "word" + repeat("</b></i>", 80000)).find("word") !=
        std::string::npos);
  std::string attributes;
  for (int i = 0; i < 4000; ++i) attributes += " a" + std::to_string(i) + "=1";
  CHECK(html_to_text(repeat("<p" + attributes + ">", 60) + "word").find("word") != std::string::npos);
  CHECK(html_to_text(repeat("<div>", 400) + "deep" + repeat("</div>", 400) + "<b>end</b>") == "deep\nend\n");
}

TEST_CASE("HTML without end") {
  CHECK(html_to_text(repeat("<div>", 100000) + "x") == "x\n");
  CHECK(html_to_text(repeat("<b>", 100000) + "x") == "x\n");
  CHECK(html_to_text(repeat("<blockquote>", 500) + "x") == repeat("> ", 10) + "x\n");
  CHECK(html_to_text(repeat("<blockquote>", 100000) + "x") == "x\n");
  std::string attributes = "<p ";
  for (int i = 0; i < 100000; ++i) attributes += "a" + std::to_string(i) + "=1 ";
  CHECK(html_to_text(attributes + ">x y") == "x y\n");
  CHECK(html_to_text("<a b='>" + attributes + "'>x").starts_with("x"));
  CHECK(html_to_text(std::string(1000000, '<')).size() < 5000000);
  CHECK(html_to_text(repeat("&", 1000000)).size() < 5000000);
  CHECK(html_to_text(repeat("<a href=\"http://x\">", 50000)).size() < 5000000);
  CHECK(html_to_text(repeat("<!--", 300000)).size() < 5000000);
}

TEST_CASE("Files without end inside a text or a TNEF part") {
  const std::string tnef = kFrom + "Content-Type: application/ms-tnef\n\n" + std::string("\x78\x9F\x3E\x22\0\0", 6);
  const std::string empty_file("\x02\x02\x90\x06\0\0\0\0\0\0\0\x02\x0F\x80\x06\0\0\0\0\0\0\0", 22);
  const Email files = parsed(tnef + repeat(empty_file, 500000));
  CHECK(files.attachments.size() == 201);
  CHECK(has_defect(files, "more files than the limit"));
  CHECK(parsed(tnef + std::string(8 << 20, '\0')).attachments.at(0).name == "winmail.dat");
  CHECK(has_defect(parsed(tnef + repeat("\x01", 1 << 20)), "is cut short"));
  CHECK(parsed(kFrom + "\n" + repeat("begin 644 a\n#0V%T\n`\nend\n", 100000)).attachments.size() == 100);
  CHECK(parsed(kFrom + "\n" + repeat("begin 644 a\nM\n", 300000)).attachments.empty());
  CHECK(parsed(kFrom + "Content-Type: text/plain; format=flowed\n\n" + repeat("> \n>> \n", 300000)).text.size() >
        1000000);
}

TEST_CASE("The headers of all parts together are bounded") {
  const std::string part = "--x\nContent-Type: image/png; name=" + std::string(60'000, 'n') + ".png\n\nb\n";
  const Email email =
      parsed(kFrom + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n" + repeat(part, 500) + "--x--\n");
  CHECK(email.text.starts_with("text\n"));
  CHECK(has_defect(email, "larger than the limits"));
  const auto images = std::ranges::count(email.attachments, "image/png", &Attachment::media_type);
  CHECK(images > 60);
  CHECK(images < 80);
}

TEST_CASE("Names that collide a thousand times stay unique") {
  std::string octets = kFrom + "Content-Type: multipart/mixed; boundary=x\n\n";
  for (int i = 0; i < 400; ++i) octets += "--x\nContent-Type: image/png; name=a.png\n\nb\n";
  for (int i = 2; i < 402; ++i)
    octets += "--x\nContent-Type: image/png; name=\"a (" + std::to_string(i) + ").png\"\n\nb\n";
  const Email email = parsed(octets);
  std::vector<std::string> names;
  for (const Attachment& a : email.attachments) names.push_back(a.name);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(names.size() == 800);
}

}  // namespace
}  // namespace ticketd
