#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd::monsters {

/// A mail built to exhaust time, stack or memory.
struct Monster {
  std::string name;
  std::function<std::string()> make;
};

inline std::string times(std::size_t count, std::string_view text) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

/// `format` holds one {}: the number of the repetition.
inline std::string numbered(std::size_t count, const std::string& format) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += fmt::format(fmt::runtime(format), i);
  return result;
}

inline const std::string kHead =
    "From: Ann <ann@customer.example>\r\nTo: support@desk.example\r\nSubject: Urgent: fax\r\nMessage-ID: "
    "<m@customer>\r\n";

/// A mail with further header fields and one text.
inline std::string mail(const std::string& fields, const std::string& body = "It is down.\r\n") {
  return kHead + fields + "\r\n" + body;
}

inline std::string text(std::string_view type, const std::string& body, std::string_view encoding = "8bit") {
  return mail(fmt::format("Content-Type: {}\r\nContent-Transfer-Encoding: {}\r\n", type, encoding), body);
}

inline std::string html(const std::string& body) { return text("text/html; charset=utf-8", body); }

inline std::string mixed(const std::string& parts) {
  return mail("Content-Type: multipart/mixed; boundary=x\r\n", parts + "--x--\r\n");
}

inline std::string little_endian(std::size_t value, int octets) {
  std::string result;
  for (int i = 0; i < octets; ++i) result += static_cast<char>(value >> 8 * i & 0xFF);
  return result;
}

/// A part whose stream holds nothing but one body: a binary property.
inline std::string tnef_of(std::size_t tag, const std::string& body) {
  const std::string property = little_endian(1, 4) + little_endian(tag, 4) + little_endian(1, 4) +
                               little_endian(body.size(), 4) + body + std::string((4 - body.size() % 4) % 4, '\0');
  return "--x\r\nContent-Type: application/ms-tnef\r\n\r\n" + little_endian(0x223E9F78, 4) + little_endian(1, 2) +
         '\1' + little_endian(0x00069003, 4) + little_endian(property.size(), 4) + property + little_endian(0, 2) +
         "\r\n";
}

/// With an RTF body of that many octets, compressed: references to one letter (MS-OXRTFCP).
inline std::string tnef_of_rtf(std::size_t size) {
  std::string rtf = std::string("\0{\\rtf1 a", 9);
  std::size_t at = 207 + 8;
  while (rtf.size() < size) {
    rtf += '\xFF';
    for (int i = 0; i < 8; ++i, at += 17) {
      const std::size_t reference = (at - 1) % 4096 << 4 | 15;
      rtf += static_cast<char>(reference >> 8);
      rtf += static_cast<char>(reference & 0xFF);
    }
  }
  const std::size_t end = at % 4096 << 4;
  rtf += '\1';
  rtf += static_cast<char>(end >> 8);
  rtf += static_cast<char>(end & 0xFF);
  rtf = little_endian(rtf.size() + 12, 4) + little_endian(at - 207, 4) + "LZFu" + little_endian(0, 4) + rtf;
  return tnef_of(0x10090102, rtf);
}

/// `scale` divides their sizes, for programs that are slow by design (sanitizers).
inline std::vector<Monster> structures(std::size_t scale) {
  const std::size_t million = 1'000'000 / scale, mb = (1U << 20U) / scale;
  return {
      {"a million parts", [=] { return mixed(times(million, "--x\r\n\r\nb\r\n")); }},
      {"a million attachments",
       [=] { return mixed(times(million, "--x\r\nContent-Type: image/png; name=a.png\r\n\r\nb\r\n")); }},
      {"10,000 levels",
       [=] { return mail(numbered(10'000, "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n")); }},
      {"a million levels of one boundary",
       [=] { return mail(times(million, "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n")); }},
      {"a million messages in one another",
       [=] { return mail(times(million, "Content-Type: message/rfc822\r\n\r\n")); }},
      {"300,000 near-boundary lines under 30 boundaries of 200 octets",
       [=] {
         const std::string common(195, 'a');
         std::string octets = kHead;
         for (int i = 0; i < 30; ++i)
           octets += fmt::format("Content-Type: multipart/mixed; boundary={0}{1:03}\r\n\r\n--{0}{1:03}\r\n", common, i);
         return octets + "\r\n" + times(300'000 / scale, "--" + common + "zzz\r\n");
       }},
      {"50 MB of dashes", [=] { return mixed("--x\r\n\r\n" + std::string(50 * mb, '-') + "\r\n"); }},
      {"50 MB of lines of dashes", [=] { return mixed("--x\r\n\r\n" + times(13 * mb, "--\r\n")); }},
      {"1,000 names of 60 KB",
       [=] {
         const std::string name(60'000, 'n');
         return mixed(times(1'000 / scale, "--x\r\nContent-Type: image/png; name=" + name + ".png\r\n\r\nb\r\n"));
       }},
      {"a report of 999 messages",
       [=] {
         return mail("Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n",
                     times(999, "--x\r\nContent-Type: text/rfc822-headers\r\n\r\n" + times(1'000 / scale, "X: y\r\n") +
                                    "\r\n"));
       }},
      {"a million lines of uuencode", [=] { return mail("", times(million, "begin 644 a\r\n")); }},
      {"50 MB of TNEF",
       [=] { return text("application/ms-tnef; name=winmail.dat", "\x78\x9f\x3e\x22" + std::string(50 * mb, '\1')); }},
  };
}

inline std::vector<Monster> bodies(std::size_t scale) {
  return {
      {"999 HTML parts of 50 KB",
       [=] {
         return mixed(times(999, "--x\r\nContent-Type: text/html\r\n\r\n" + times(10'000 / scale, "<b>x ") + "\r\n"));
       }},
      {"17 HTML parts of 550 elements and 400,000 ends of others",
       [=] {
         const auto page = times(550, "<div>") + "x" + times(400'000 / scale, "</b>");
         return mixed(times(17, "--x\r\nContent-Type: text/html\r\n\r\n" + page + "\r\n"));
       }},
      {"an HTML part of items and ends of items",
       [=] { return html(times(550, "<div>") + times(233'000 / scale, "<li>") + times(220'000 / scale, "</li>")); }},
      {"990 TNEF parts of RTF that is eight times as large",
       [=] { return mixed(times(990, tnef_of_rtf(29'000 / scale))); }},
      {"an HTML part and a TNEF part of HTML, of control characters",
       [=] {
         const std::string page((2U << 20U) / scale, '\1');
         return mixed("--x\r\nContent-Type: text/html\r\n\r\n" + page + "\r\n" + tnef_of(0x10130102, page));
       }},
      {"an HTML part and 998 texts of 50 KB that repeat each other",
       [=] {
         const auto words = times(10'000 / scale, "word ");
         return mixed("--x\r\nContent-Type: text/html\r\n\r\n" + words + "\r\n" +
                      times(998, "--x\r\nContent-Type: text/plain\r\n\r\n" + words + "\r\n"));
       }},
      {"an HTML part and 2 MB of opened links",
       [=] {
         return mixed("--x\r\nContent-Type: text/html\r\n\r\nwords\r\n--x\r\n\r\n" + times(1'000'000 / scale, " <") +
                      "\r\n");
       }},
      {"999 texts of 50 KB",
       [=] {
         return mixed(times(999, "--x\r\nContent-Type: text/plain\r\n\r\n" + times(10'000 / scale, "word ") + "\r\n"));
       }},
  };
}

inline std::vector<Monster> headers(std::size_t scale) {
  const std::size_t million = 1'000'000 / scale, mb = (1U << 20U) / scale;
  const auto field = [](std::string name, std::string value) { return mail(name + ": " + value + "\r\n"); };
  std::vector<Monster> found{
      {"a header line of 50 MB", [=] { return field("X", std::string(50 * mb, 'a')); }},
      {"a header of 50 MB in short fields", [=] { return mail(times(8 * mb, "X: y\r\n")); }},
      {"a field folded 10 million times", [=] { return mail("X: a\r\n" + times(10 * million, " b\r\n")); }},
      {"10 million lines that are no fields", [=] { return mail(times(10 * million, "junk\r\n")); }},
      {"500,000 To fields", [=] { return mail(numbered(500'000 / scale, "To: a{}@b.example\r\n")); }},
      {"500,000 From fields", [=] { return numbered(500'000 / scale, "From: a{}@b.example\r\n") + mail(""); }},
      {"four addresses in 30,000 brackets each",
       [=] {
         const auto wrapped = " <" + times(30'000 / scale, "[") + "a@b.example" + times(30'000 / scale, "]") + ">\r\n";
         return "From:" + wrapped + "To:" + wrapped + "Cc:" + wrapped + "Reply-To:" + wrapped + "\r\nIt is down.\r\n";
       }},
      {"a million encoded words", [=] { return field("Subject", times(million, "=?utf-8?q?a?= ")); }},
      {"encoded words without end", [=] { return field("Subject", times(million, "=?utf-8?b?YQ=?=")); }},
      {"a subject of labels", [=] { return field("Subject", times(million, "urgent not high ")); }},
      {"a subject of reply marks", [=] { return field("Subject", times(million, "Re: ")); }},
      {"a subject of tags", [=] { return field("Subject", times(million, "[TKT-1] ")); }},
      {"1,000 fields that tell machines",
       [=] { return mail(times(1'000, "Precedence: a\r\nX-Spam-Status: no\r\nAuto-Submitted: no\r\n")); }},
  };
  for (const auto* name : {"From", "To", "Cc", "Reply-To", "Sender"})
    for (const auto& [what, value] :
         std::vector<std::pair<std::string, std::string>>{{"100,000 addresses", "a@b.example, "},
                                                          {"a million parentheses", "("},
                                                          {"a million commas", ","},
                                                          {"a million quotes", "\""},
                                                          {"a million angles", "<"},
                                                          {"groups", "g:a@b;"},
                                                          {"8-bit names", "\xE4 <a@b>,"}}) {
      const std::size_t count = value.size() > 4 ? 100'000 : million;
      found.push_back({fmt::format("{}: {}", name, what), [name = std::string(name), value = value, count] {
                         return name + ": " + times(count, value) + "\r\n" + mail("");
                       }});
    }
  for (const auto* name : {"References", "In-Reply-To", "Message-ID"})
    found.push_back({fmt::format("{}: 500,000 ids", name), [=] {
                       return std::string(name) + ": " + numbered(500'000 / scale, "<{}@b> ") + "\r\n" + mail("");
                     }});
  for (const auto* name : {"Content-Type: image/png", "Content-Disposition: attachment"})
    for (const auto* format :
         {"; name*{0}*=utf-8''%C3%A4", "; filename*{0}=x", "; a{0}=\"b\"", "; filename*0=x", "; (c"})
      found.push_back({fmt::format("{} with 100,000 of {}", name, format),
                       [=] { return mail(name + numbered(100'000, format) + "\r\n"); }});
  return found;
}

inline std::vector<Monster> texts(std::size_t scale) {
  const std::size_t mb = (1U << 20U) / scale;
  std::vector<Monster> found;
  for (const auto& [what, value] :
       std::vector<std::pair<std::string, std::string>>{{"one word", "a"},
                                                        {"one line", "word "},
                                                        {"lines", "word\r\n"},
                                                        {"blank lines", "\r\n"},
                                                        {"lone CRs", "\r"},
                                                        {"NULs", std::string(1, '\0')},
                                                        {"quotes", "> "},
                                                        {"quoted lines", "> a\r\n"},
                                                        {"URLs", "http://a.b/"},
                                                        {"signature marks", "-- \r\n"},
                                                        {"reply intros", "On Mon, A <a@b> wrote:\r\n"},
                                                        {"forward marks", "-----Original Message-----\r\nFrom: a\r\n"},
                                                        {"sender labels", "From: \xC3\xA4\r\n"},
                                                        {"8 bit", "\xE4\xF6"},
                                                        {"broken UTF-8", "\xC3"},
                                                        {"control characters", "\x1B[31m"},
                                                        {"flowed", "a \r\n"}}) {
    found.push_back({"50 MB text of " + what, [=] {
                       return text("text/plain; charset=utf-8; format=flowed", times(50 * mb / value.size(), value));
                     }});
    found.push_back({"50 MB text without a charset of " + what,
                     [=] { return text("text/plain", times(50 * mb / value.size(), value)); }});
  }
  for (const auto* charset : {"iso-2022-jp", "utf-7", "hz-gb-2312", "gb18030", "utf-16", "nonsense"})
    found.push_back({fmt::format("50 MB of escapes in {}", charset), [=] {
                       return text(fmt::format("text/plain; charset={}", charset), times(12 * mb, "\x1B$B+~{"));
                     }});
  for (const auto& [what, value] : std::vector<std::pair<std::string, std::string>>{
           {"nothing", "="}, {"zeros", "AAAA"}, {"lines", "YWFh\r\n"}, {"no base64", "\xE4"}, {"blank", " "}}) {
    found.push_back({"50 MB of base64 of " + what,
                     [=] { return text("text/plain", times(50 * mb / value.size(), value), "base64"); }});
    found.push_back({"50 MB of quoted-printable of " + what,
                     [=] { return text("text/plain", times(50 * mb / value.size(), value), "quoted-printable"); }});
  }
  return found;
}

inline std::vector<Monster> styles(std::size_t scale) {
  const std::size_t mb = (1U << 20U) / scale;
  return {
      {"HTML: a style attribute of 5 MB",
       [=] { return html("<p style='" + times(5 * mb / 10, "color:red;") + "'>x"); }},
      {"HTML: 60 style attributes of 30 KB",
       [=] { return html(times(60, "<p style=\"" + times(3'000 / scale, "a:(';b:\\;") + "\">x")); }},
      {"HTML: 100,000 declarations",
       [=] { return html(times(20, "<p style='" + numbered(5'000 / scale, "a{0}:0;") + "'>x")); }},
      {"HTML: 100,000 declarations that hide",
       [=] { return html(times(40, "<p style='" + times(2'500 / scale, "font:0/0 a;") + "'>x")); }},
  };
}

constexpr auto kRepeatedInPages = std::to_array<const char*>({"<div>",
                                                              "<b>",
                                                              "</b>",
                                                              "<blockquote>",
                                                              "<a href='http://a.b/'>",
                                                              "<img src=x>",
                                                              "<!--",
                                                              "<",
                                                              "&",
                                                              "&#x41;",
                                                              "&nbsp;",
                                                              "<ul><li>",
                                                              "<td>x",
                                                              "<pre>\n",
                                                              "<![CDATA[",
                                                              "<![if x]>",
                                                              "<!-- x -->",
                                                              "<style><!--",
                                                              "<ol><li>",
                                                              "<img alt='x y'>",
                                                              "<a href='tel:1'>1 </a>",
                                                              "<table border=1><tr><td>x<td>y",
                                                              "<div style='font-size:0'>x<p style='font-size:1px'>",
                                                              "&#8238;",
                                                              "\xE2\x80\x8D",
                                                              "\xC2\x92",
                                                              "<svg><p>",
                                                              "<script>",
                                                              "<br>",
                                                              "<p hidden>",
                                                              "<span style='display:none'>x",
                                                              "</",
                                                              "<a b=\"",
                                                              "\xE4",
                                                              "&#",
                                                              "&#1;",
                                                              "<p title='&&&&'>",
                                                              "<x>",
                                                              "&nosuch;",
                                                              "\x01",
                                                              "\f",
                                                              "\xEF\xBF\xBE"});

inline std::vector<Monster> pages(std::size_t scale) {
  const std::size_t mb = (1U << 20U) / scale;
  std::vector<Monster> found{
      {"HTML: one tag of 20 MB", [=] { return html("<p title='" + std::string(20 * mb, 'a') + "'>x"); }},
      {"HTML: a tag of 100,000 attributes", [=] { return html("<p " + numbered(100'000, "a{}=1 ") + ">x"); }},
      {"HTML: a million attributes of one name",
       [=] { return html("<p " + times(1'000'000 / scale, "style='color:red' ") + ">x"); }},
      {"HTML: 50,000 elements and 200,000 ends of others",
       [=] { return html(times(50'000 / scale, "<div>") + "x" + times(200'000 / scale, "</span>")); }},
      {"HTML: 20,000 definitions and 20,000 ends of others",
       [=] { return html(times(20'000 / scale, "<dl><dd>") + "x" + times(20'000 / scale, "</font>")); }},
      {"HTML: 60 tags of 4,000 attributes",
       [=] { return html(times(60, "<p" + numbered(4'000 / scale, " a{}=1") + ">") + "x"); }},
      {"HTML: a style of 20 MB", [=] { return html("<style>" + std::string(20 * mb, 'a') + "</style>x"); }},
      {"HTML: tables in tables", [=] { return html(times(2 * mb, "<table><tr><td>x")); }},
  };
  for (const auto* value : kRepeatedInPages)
    found.push_back({fmt::format("50 MB of {}", value),
                     [=, text = std::string(value)] { return html(times(50 * mb / text.size(), text)); }});
  return found;
}

/// What the CPU of the others is measured by.
inline Monster ordinary(std::size_t scale) {
  return {"an ordinary text of 50 MB",
          [=] { return text("text/plain; charset=utf-8", times((50U << 20U) / scale / 6, "word\r\n")); }};
}

inline std::vector<Monster> all(std::size_t scale) {
  std::vector<Monster> found;
  for (auto& group : {structures(scale), bodies(scale), headers(scale), texts(scale), styles(scale), pages(scale)})
    found.insert(found.end(), group.begin(), group.end());
  return found;
}

}  // namespace ticketd::monsters
