#include "parsers/html_text.h"

#include <catch2/catch.hpp>
#include <string>

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
      {"ends of line breaks", "a</br>b</BR >c", "a\nb\nc\n"},
      {"lines by style", "<span style='display:block'>a</span><span style='display:inline-block'>b</span>c", "a\nbc\n"},
      {"no lines by style", "<body>a<div style='display:inline'>b</div>c", "abc\n"},
      {"other blocks", "<details><summary>a</summary>b</details><fieldset><legend>c</legend>d", "a\nb\nc\nd\n"},
      {"line breaks", "a<br>b<br><br>c", "a\nb\n\nc\n"},
      {"inline tags", "a<b>b</b>c", "abc\n"},
      {"entities", "a&nbsp;&lt;&uuml;&#8364;", "a <ü€\n"},
      {"entities that nothing closes", "caf&eacute &lt b&gt&eacutet&eacute; 5&nbsp&euro", "café < b>été 5 &euro\n"},
      {"what is no entity", "AT&T a&b&& ?a=1&copy=2 &", "AT&T a&b&& ?a=1&copy=2 &\n"},
      {"numbers of nothing", "dial *&#* now; use &#x; A&#B &# B &#; C &#",
       "dial *&#* now; use &#x; A&#B &# B &#; C &#\n"},
      {"numbers that nothing closes", "&#65B&#x41 C&#X42;&#0066;", "ABA CBB\n"},
      {"numbers of no character", "a&#0;b&#1;c&#xFFFE;d&#xD800;e&#x110000;f&#99999999999999;g", "abcdefg\n"},
      {"words that are no entity", "&1; &nosuch; &é; &;", "&1; &nosuch; &é; &;\n"},
      {"entities in a tag", "<img alt='a&amp;b &uuml;&#65; &copy=1 &#; &# &'>", "[a&b üA &copy=1 &#; &# &]\n"},
      {"characters that are none", "a\x01 \x0B\x1F\uFFFE\uFFFFb<b\x01>c\fd\x7F", "a bc d\n"},
      {"hidden parts", "<head><title>t</title><style>s{}</style></head><body>x<script>y</script></body>", "x\n"},
      {"comments of all kinds",
       "a<!-- x --><!--[if mso]>x<b><![endif]--><!--[if !mso]><!-->b<!--<![endif]--><![if !supportLists]>c<![endif]>"
       "<!VR>d<!-->e<!---->f",
       "abcdef\n"},
      {"a comment without an end in a style sheet", "<style><!-- p{} </style>a<!-- x -->b", "ab\n"},
      {"a script that writes", "<SCRIPT>if (a<b) write('<!-- <p title=\"')</SCRIPT >a<!-- x -->b", "ab\n"},
      {"a body that nothing opens", "<style>s{}</style><span>a</span> b<td>c", "a b c\n"},
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

TEST_CASE("What a reader does not see, and what a reader does") {
  const auto c = GENERATE(values<Case>({
      {"a size within letters of none", "<td style='font-size:0'>x<p style='font-size:13px'>a</p>y</td>", "a\n"},
      {"a size within letters of none, by attribute", "<div style='font-size:0px'><font size=2>a</font></div>", "a\n"},
      {"a part of nothing is nothing", "<p style='font-size:0'><span style='font-size:1.2em'>x</span></p>a", "a\n"},
      {"a size in the shorthand", "<p style='font:bold 0/0 a'><b style='font: italic 400 12px/1 Arial'>a</b></p>",
       "a\n"},
      {"columns of a newsletter",
       "<td style='font-size:0px'><div class=c style='font-size:0'><table><tr><td>a</td></tr></table></div></td>",
       "a\n"},
      {"a class of a style sheet", "<style>.t{font-size:14px}</style><td style='font-size:0'><p class=t>a</p></td>",
       "a\n"},
      {"the last display counts", "<p style='display:none;display:block'>a</p>", "a\n"},
      {"the last display hides", "<p style='display:block;display:none'>x</p>a", "a\n"},
      {"the important one counts", "<p style='display:none !important;display:block'>x</p>a", "a\n"},
      {"the last important one counts", "<p style='display:none!important;display:block ! important'>a</p>", "a\n"},
      {"a value that is none changes nothing", "<p style='font-size:0;font-size:big'>x</p>a", "a\n"},
      {"display within display:none", "<div style='display:none'><p style='display:block'>x</p></div>a", "a\n"},
      {"hidden, but displayed", "<p hidden style='display:block'>a</p>", "a\n"},
      {"visible within hidden", "<div style='visibility:hidden'>x<b style='visibility:visible'>a</b>y</div>", "a\n"},
      {"hidden within visible", "<div style='visibility:visible'>a<b style='visibility:hidden'>x</b></div>", "a\n"},
      {"transparent", "<div style='opacity:0.0'><b style='opacity:1'>x</b></div>a", "a\n"},
      {"half transparent", "<div style='opacity:.5'>a</div>", "a\n"},
      {"no height, but nothing is cut", "<div style='max-height:0'>a</div>", "a\n"},
      {"cut, but there is a height", "<div style='max-height:10px;overflow:hidden'>a</div>", "a\n"},
      {"heights do not hold inline", "<span style='max-height:0;overflow:hidden'>a</span>", "a\n"},
      {"heights do not hold in tables", "<table><tr><td style='height:0;overflow:hidden'>a</td></tr></table>", "a\n"},
      {"an inline block of no height", "<span style='display:block;height:0px;overflow:hidden'>x</span>a", "a\n"},
      {"hidden from Outlook only", "<p style='mso-hide:all'>a</p>", "a\n"},
      {"declarations in quotes and comments",
       "<p style=\"background:url('a;display:none');/*;display:none;*/color:red;font-family:'x;display:none\">a</p>",
       "a\n"},
      {"other properties", "<p style='x-display:none;line-height:0;mso-font-size:0'>a</p>", "a\n"},
      {"fillers of a preview", "<div>Hi&nbsp;&zwnj;&nbsp;&#847;&nbsp;&shy;&#8203;</div><p>a</p>", "Hi\n\na\n"},
  }));
  INFO(c.name);
  CHECK(html_to_text(c.html) == c.text);
}

TEST_CASE("What is not closed hides nothing where nothing else is said") {
  const auto c = GENERATE(values<Case>({
      {"a title", "<title>x<p>words", "x\n\nwords\n"},
      {"a style sheet", "<style>p{} <p>words", "p{}\n\nwords\n"},
      {"a script", "<script>x <p>words</p>", "x\n\nwords\n"},
      {"a comment", "<!-- <p>words", "words\n"},
      {"another declaration", "<![if x <p>words", "words\n"},
      {"one of two", "<title>t</title><style>s{}</style><select><p>words", "words\n"},
      {"behind hidden words", "<p style='display:none'>preview</p><title>x<p>words", "x\n\nwords\n"},
      {"other words are enough", "<p>words</p><style>p{}", "words\n"},
      {"nothing is unclosed", "<title>x</title><style>p{}</style>", ""},
  }));
  INFO(c.name);
  CHECK(html_to_text(c.html) == c.text);
}

TEST_CASE("An image within the text leaves a mark") {
  const std::string source = "data:image/png;base64," + std::string(100'000, 'A');
  for (const std::string& src : {" src=\"" + source + "\"", " src='" + source + "'", " src=" + source}) {
    CHECK(html_to_text("<p>a</p><img" + src + "><p>b</p>") == "a\n\n[image]\n\nb\n");
    CHECK(html_to_text("<img" + src + " alt='Error 17'>") == "[Error 17]\n");
    CHECK(html_to_text("<img alt=image.png" + src + ">") == "[image]\n");
    CHECK(html_to_text("a<img width=1 height=1" + src + ">") == "a\n");
  }
  CHECK(html_to_text("<img src='data:image/png;base64," + std::string(9'000, 'A') + "'>") == "[image]\n");
  CHECK(html_to_text("a<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>") == "a\n");
  CHECK(html_to_text("a<img src='cid:x@y'><img src='https://x.example/" + source + "'>") == "a\n");
}

TEST_CASE("What images and links say") {
  const auto c = GENERATE(values<Case>({
      {"an image that says something", "<img alt='Error 17:  no\nline'>", "[Error 17: no line]\n"},
      {"an image that says nothing", "a<img alt=''><img><img alt=' '>b", "ab\n"},
      {"a tracker", "a<img alt='open' width=1 height=1><img alt=x style='width:1px'>b", "ab\n"},
      {"a hidden image", "a<img alt='word' style='display:none'>b", "ab\n"},
      {"names of files",
       "a<img alt='Warning icon'><img alt='image001.png'><img alt='cid:x@y'><img alt='image 1'><img alt=Picture>b",
       "ab\n"},
      {"an emoji", "Thanks <img alt='😊' src=x>", "Thanks 😊\n"},
      {"an image that is a link", "<a href='https://x.example/pay'><img alt='Pay now'></a>",
       "[Pay now] <https://x.example/pay>\n"},
      {"a mail address", "<a href='mailto:ann@x.example?subject=Hi'>write to Ann</a>",
       "write to Ann <ann@x.example>\n"},
      {"a mail address that shows", "<a href='mailto:Ann@x.example'>ann@x.example</a>", "ann@x.example\n"},
      {"a mail address with escapes", "<a href='mailto:a%2Bb@x.example'>Ann</a>", "Ann <a+b@x.example>\n"},
      {"a number", "<a href='tel:+493012345'>call us</a>", "call us <+493012345>\n"},
      {"a number that shows", "<a href='tel:+49-30-12345'>+49 (30) 123 45</a>", "+49 (30) 123 45\n"},
      {"a number that shows without its country", "<a href='tel:+493012345'>030 / 12345</a>", "030 / 12345\n"},
      {"another number", "<a href='tel:+493012345'>030 / 54321</a>", "030 / 54321 <+493012345>\n"},
      {"no address", "<a href='mailto:?subject=x'>share</a>", "share\n"},
      {"a link that shows another host", "<a href='https://evil.example/bank.example'>bank.example</a>",
       "bank.example <https://evil.example/bank.example>\n"},
      {"a link that shows itself without what is left out", "<a href='https://www.X.example/'>x.example</a>",
       "x.example\n"},
      {"a link over lines", "<a href=' https://x.example/a\n b '>here</a>", "here <https://x.example/a%20b>\n"},
      {"a link that turns around", "<a href='https://x.example/\u202Efdp'>here</a>",
       "here <https://x.example/\uFFFDfdp>\n"},
  }));
  INFO(c.name);
  CHECK(html_to_text(c.html) == c.text);
}

TEST_CASE("A page that takes too long to be read as a document loses no words") {
  const auto many = [](std::string_view text) {
    std::string all;
    for (int i = 0; i < 52'000; ++i) all += text;
    return all;
  };
  std::string breaks, open;
  for (int i = 0; i < 590; ++i) {
    breaks += "<br>";
    open += "<div>";
  }
  const std::string words = many("<b>x </b>");
  for (const std::string hidden : {"<style>p{}</style>", "<script>x()</script>", "<p style='display:none'>y</p>"}) {
    CAPTURE(hidden);
    CHECK(html_to_text(breaks + words + hidden + "<p><i>the</i> end</p>").ends_with("x\n\nthe end\n"));
    CHECK(html_to_text(open + words + hidden + "<p>the end</p>").ends_with("the end\n"));
  }
}

TEST_CASE("Lines, lists and tables") {
  const auto c = GENERATE(values<Case>({
      {"an ordered list", "<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"},
      {"an ordered list that starts elsewhere", "<ol start=7><li>a<li>b<li value=20>c<li>d</ol>",
       "7. a\n8. b\n20. c\n21. d\n"},
      {"letters", "<ol type=a start=2><li>a</li><li>b</li></ol>", "b. a\nc. b\n"},
      {"lists in lists", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n  * b\n2. c\n"},
      {"paragraphs in a list", "<ul><li><p>a</p></li><li><p>b</p></li></ul>", "* a\n\n* b\n"},
      {"an item of nothing", "<ul><li></li><li>a</li></ul>b", "* a\nb\n"},
      {"a list without marks", "<ul style='list-style:none'><li>a</li></ul>", "a\n"},
      {"preformatted", "<pre>\n a\n\tb\n\nc\n</pre>d", " a\n\tb\n\nc\n\nd\n"},
      {"preformatted by style", "<div style='white-space:pre-wrap'>a\n  b</div>", "a\n  b\n"},
      {"lines by style", "<div style='white-space:pre-line'>a\n  b</div>", "a\nb\n"},
      {"an end to preformatted", "<pre>a\n<i style='white-space:normal'>b\nc</i></pre>", "a\nb c\n"},
      {"Word's paragraphs",
       "<p class=MsoNormal>a</p><p class=MsoNormal>b</p><p class=MsoNormal>&nbsp;</p><p "
       "class=MsoNormal>c</p>",
       "a\nb\n\nc\n"},
      {"paragraphs without margins", "<p style='margin:0'>a</p><p style='margin:0 0 0 1em'>b</p>", "a\nb\n"},
      {"many blank lines", "a<br><br><br><br><br><p>&nbsp;</p><br>b", "a\n\n\nb\n"},
      {"blank lines that are kept", "<pre>a\n\n\n\n\nb</pre>", "a\n\n\n\n\nb\n"},
      {"a blank line", "<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb\n"},
      {"a table with lines", "<table border=1><tr><th>Line</th><th>State</th></tr><tr><td>1</td><td></td></tr></table>",
       "Line | State\n1 |\n"},
      {"cells of paragraphs",
       "<blockquote>x<table><tr><td style='border:solid 1px'><p>a</p></td><td><p>b</p></td></tr><tr><td><p>c</p></td>"
       "<td><p>d</p></td></tr></table></blockquote>y",
       "> x\n\n> a | b\n> c | d\n\ny\n"},
      {"cells of several lines", "<table border=1><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb c\n"},
      {"a table in a table with lines",
       "<table border=1><tr><td><table border=0><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>",
       "a b\nc\n"},
      {"an indented paragraph", "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>a</blockquote>", "a\n"},
      {"a quote with a line", "<blockquote style='border:none;border-left:solid #ccc 1.0pt'>a</blockquote>", "> a\n"},
      {"a quote without a line", "<blockquote type=cite style='border:none'>a</blockquote>", "> a\n"},
      {"characters that are windows-1252", "It&#146;s&#133;", "It’s…\n"},
  }));
  INFO(c.name);
  CHECK(html_to_text(c.html) == c.text);
}

}  // namespace
}  // namespace ticketd
