#include "parsers/html_text.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view html;
  std::string_view text;
};

TEST_CASE("html_to_text") {
  const auto c = GENERATE(values<Case>({
      {"nothing", "", ""},
      {"plain", "just text", "just text\n"},
      {"white space collapses", "a \n\t b", "a b\n"},
      {"paragraphs", "<p>a</p><p>b</p>", "a\n\nb\n"},
      {"divisions", "<div>a</div><div>b</div>", "a\nb\n"},
      {"line breaks", "a<br>b<br><br>c", "a\nb\n\nc\n"},
      {"inline tags", "a<b>b</b>c", "abc\n"},
      {"entities", "a&nbsp;&lt;&uuml;&#8364;", "a <ü€\n"},
      {"hidden parts", "<head><title>t</title><style>s{}</style></head><body>x<script>y</script></body>", "x\n"},
      {"hidden by its style", "<div>a<div style='Display: none !important'>x<br>y<img>z</div>b</div>", "ab\n"},
      {"font of size zero", "a<span style=\"font-size:0px;color:#fff\">x</span>b", "ab\n"},
      {"font of less than one", "<span style='font-size:0.9em'>x</span>", "x\n"},
      {"no height", "<div style='max-height:0;overflow:hidden'>x</div>a", "a\n"},
      {"hidden, nested", "<p hidden>x<b>y</b><i>z</p>a", "a\n"},
      {"nothing but what is hidden", "<div style='display:none'>x</div>", "x\n"},
      {"tracker", "a<img src=\"https://t.example/p.gif\" width=1 height=1>b", "ab\n"},
      {"rule", "<div>a<hr>b</div>", "a\n________________________________\nb\n"},
      {"list", "<ul><li>a</li><li>b</li></ul>", "* a\n* b\n"},
      {"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"},
      {"quote", "a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n\nd\n"},
      {"preformatted", "<pre>a\nb</pre>", "a\nb\n"},
      {"link", "<a href=\"https://x.example/y\">here</a>", "here <https://x.example/y>\n"},
      {"link that shows its address", "<a href=\"https://x.example/\">https://x.example/</a>", "https://x.example/\n"},
      {"link that shows its host", "<a href=\"https://x.example/\">x.example</a>", "x.example\n"},
      {"other schemes", "<a href=\"javascript:x\">here</a>", "here\n"},
      {"UTF-8 whatever it says", "<meta http-equiv=content-type content='text/html; charset=iso-8859-1'>ä", "ä\n"},
      {"broken", "<p>a<p>b</div></b><i>c", "a\n\nbc\n"},
  }));
  INFO(c.name);
  CHECK(html_to_text(c.html) == c.text);
}

}  // namespace
}  // namespace ticketd
