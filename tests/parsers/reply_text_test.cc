#include "parsers/reply_text.h"

#include <catch2/catch.hpp>
#include <string>

#include "parsers/html_text.h"

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view text;
  std::string_view written;
  QuoteCut cut;
};

void check(const Case& c) {
  INFO(c.name);
  const ReplyText reply = split_reply(c.text, "");
  CHECK(reply.written(c.text) == c.written);
  CHECK(reply.cut == c.cut);
}

constexpr auto kNone = QuoteCut::none;
constexpr auto kSure = QuoteCut::sure;
constexpr auto kUnsure = QuoteCut::unsure;

TEST_CASE("New text above an attribution") {
  check(GENERATE(values<Case>({
      {"Gmail", "Yes.\n\nOn Mon, 4 May 2020 at 10:31, Jo Doe <jo@x.example> wrote:\n\n> Is it?\n", "Yes.", kSure},
      {"Gmail, wrapped",
       "Yes.\n\nOn Mon, May 4, 2020 at 10:31 AM Jo Doe via Desk <\nsupport@x.example> wrote:\n\n> q\n", "Yes.", kSure},
      {"Apple Mail", "Yes.\n\nOn 4 May 2020, at 10:31, Jo Doe <jo@x.example> wrote:\n\nIs it?\n", "Yes.", kSure},
      {"Thunderbird", "Ja.\n\nAm 04.05.20 um 10:31 schrieb Jo Doe:\n> Ist es?\n", "Ja.", kSure},
      {"Yahoo", "Yes.\n\n    On Monday, May 4, 2020, 10:31:00 AM GMT+2, Jo <jo@x.example> wrote:  \n \n Is it?\n",
       "Yes.", kSure},
      {"Zoho", "Yes.\n\n---- On Mon, 04 May 2020 10:31:00 +0200 Jo <jo@x.example> wrote ----\n\nIs it?\n", "Yes.",
       kSure},
      {"French", "Oui.\n\nLe lun. 4 mai 2020 à 10:31, Jo <jo@x.example> a écrit :\n\n> Q\n", "Oui.", kSure},
      {"Spanish", "Sí.\n\nEl lun, 4 may 2020 a las 10:31, Jo (<jo@x.example>) escribió:\n\n> Q\n", "Sí.", kSure},
      {"Italian", "Sì.\n\nIl giorno lun 4 mag 2020 alle ore 10:31 Jo <jo@x.example> ha scritto:\n\n> Q\n", "Sì.",
       kSure},
      {"Dutch", "Ja.\n\nOp ma 4 mei 2020 om 10:31 schreef Jo <jo@x.example>:\n\n> Q\n", "Ja.", kSure},
      {"Portuguese", "Sim.\n\nEm seg., 4 de mai. de 2020 às 10:31, Jo <jo@x.example> escreveu:\n\n> Q\n", "Sim.",
       kSure},
      {"Polish", "Tak.\n\npon., 4 maj 2020 o 10:31 Jo <jo@x.example> napisał(a):\n\n> Q\n", "Tak.", kSure},
      {"Swedish", "Ja.\n\nDen mån 4 maj 2020 kl 10:31 skrev Jo <jo@x.example>:\n\n> Q\n", "Ja.", kSure},
      {"Norwegian", "Ja.\n\nman. 4. mai 2020 kl. 10:31 skrev Jo <jo@x.example>:\n\n> Q\n", "Ja.", kSure},
      {"Russian", "Да.\n\nпн, 4 мая 2020 г. в 10:31, Jo <jo@x.example>:\n\n> Q\n", "Да.", kSure},
      {"Russian, verb", "Да.\n\n04.05.2020 10:31, Jo пишет:\nQ\n", "Да.", kSure},
      {"Chinese", "是。\n\nJo <jo@x.example> 于2020年5月4日周一 10:31写道：\n\n> Q\n", "是。", kSure},
      {"Japanese", "はい。\n\n2020年5月4日(月) 10:31 Jo <jo@x.example>:\n\n> Q\n", "はい。", kSure},
      {"a language unknown here", "Bai.\n\n2020(e)ko mai. 4(a) 10:31, Jo <jo@x.example> zioen:\n\nQ\n", "Bai.", kSure},
      {"without date, above marks", "Yes.\n\nJo Doe wrote:\n> Is it?\n", "Yes.", kUnsure},
  })));
}

TEST_CASE("New text above a header block") {
  check(GENERATE(values<Case>({
      {"Outlook", "Yes.\n\n-----Original Message-----\nFrom: Jo\nSent: Monday\nTo: D\nSubject: S\n\nIs it?\n", "Yes.",
       kSure},
      {"Outlook, German", "Ja.\n\nVon: Jo <jo@x.example>\nGesendet: Montag, 4. Mai 2020\nAn: D\nBetreff: S\n\nQ\n",
       "Ja.", kSure},
      {"Outlook, French", "Oui.\n\nDe : Jo <jo@x.example>\nEnvoyé : lundi\nÀ : D\nObjet : S\n\nQ\n", "Oui.", kSure},
      {"Outlook, Chinese", "是\n\n发件人: Jo\n发送时间: 2020年5月4日\n收件人: D\n主题: S\n\nQ\n", "是", kSure},
      {"Outlook on the web", "Yes.\n________________________________\nFrom: Jo\nSent: Monday\nTo: D\nSubject: S\n\nQ\n",
       "Yes.", kSure},
      {"bold labels", "Yes.\n\n*From:* Jo\n*Sent:* Monday\n*To:* D\n*Subject:* S\n\nQ\n", "Yes.", kSure},
      {"labels unknown here",
       "Ya.\n________________________________\nDari: Jo <jo@x.example>\nDikirim: 04.05.2020 10:31\nQ\n", "Ya.", kSure},
      {"a separator alone", "Ja.\n\n-------- Ursprüngliche Nachricht --------\nQ\n", "Ja.", kSure},
      {"a ticket system's line", "Yes.\n\n## Please reply above this line ##\n\nQ\n", "Yes.", kSure},
  })));
}

TEST_CASE("Prose is not cut") {
  check(GENERATE(values<Case>({
      {"nothing", "", "", kNone},
      {"no quote", "It is broken.\n\nJo\n", "It is broken.\n\nJo", kNone},
      {"wrote in prose", "On Monday he wrote: help\n", "On Monday he wrote: help", kNone},
      {"wrote at a line's end", "On Monday my boss wrote:\nhelp me\n", "On Monday my boss wrote:\nhelp me", kNone},
      {"two fields", "To: all\nSubject: x\n\nhelp\n", "To: all\nSubject: x\n\nhelp", kNone},
      {"only a header block", "From: a\nDate: b\nTo: c\n", "From: a\nDate: b\nTo: c", kNone},
      {"a log", "2024-05-03 10:30:00 a@x.example: failed\nsee above\n",
       "2024-05-03 10:30:00 a@x.example: failed\nsee above", kNone},
      {"rules between parts", "one\n---\ntwo\n", "one\n---\ntwo", kNone},
      {"greedy intro", "On 2 hosts run:\n\ntelnet\n\nThen look.\n", "On 2 hosts run:\n\ntelnet\n\nThen look.", kNone},
      {"own quote above text", "> as the manual says\n\nThat fails.\n", "> as the manual says\n\nThat fails.", kUnsure},
      {"only a quote", "> help\n", "> help", kUnsure},
      {"attribution above all", "On 4 May 2020, at 10:31, Jo <jo@x.example> wrote:\n\nhelp\n", "help", kUnsure},
  })));
}

TEST_CASE("Answers below and between quotes") {
  check(GENERATE(values<Case>({
      {"below", "On 4 May 2020 10:31, Jo <j@x.example> wrote:\n> q\n> r\n\nYes.\n", "Yes.", kUnsure},
      {"between", "On 4 May 2020 10:31, Jo <j@x.example> wrote:\n> q\nYes.\n> r\nNo.\n", "> q\nYes.\n> r\nNo.",
       kUnsure},
      {"greeting above", "Hi,\n\n> q\n\nYes.\n\n> rest\n", "Hi,\n\n> q\n\nYes.", kUnsure},
      {"wrapped quote",
       "Yes.\n\n> This is a line that a mail program has found to be much too long for\nit\n> to stand\n", "Yes.",
       kUnsure},
      {"nothing written", "On 4 May 2020 10:31, Jo <j@x.example> wrote:\n> q\n", "", kSure},
  })));
}

TEST_CASE("Signatures") {
  check(GENERATE(values<Case>({
      {"delimiter", "Help.\n-- \nJo\nx.example\n", "Help.", kNone},
      {"above a quote", "Help.\n-- \nJo\n\nOn 4 May 2020 10:31, D <d@x.example> wrote:\n> q\n", "Help.", kSure},
      {"below a quote", "Help.\n\nOn 4 May 2020 10:31, D <d@x.example> wrote:\n> q\n\n-- \nJo\n", "Help.", kSure},
      {"iPhone", "Help.\n\nSent from my iPhone\n", "Help.", kNone},
      {"Outlook mobile", "Help.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n", "Help.", kNone},
      {"German", "Hilfe.\n\nVon meinem iPhone gesendet\n", "Hilfe.", kNone},
      {"French", "Aide.\n\nEnvoyé de mon iPhone\n", "Aide.", kNone},
      {"Japanese", "助けて\n\niPhoneから送信\n", "助けて", kNone},
      {"not one", "Sent from my desk, is much easier.\n", "Sent from my desk, is much easier.", kNone},
      {"name", "Help.\n\n-Jo Doe\n", "Help.", kNone},
      {"bullets", "Broken:\n\n- red\n- green\n", "Broken:\n\n- red\n- green", kNone},
      {"a dash between paragraphs", "The lift phone is dead.\n\n—\n\nAlso the alarm line. Please come.\n",
       "The lift phone is dead.\n\n—\n\nAlso the alarm line. Please come.", kNone},
      {"a dash above a name", "Help.\n\n—\nJo Doe\nSales\n", "Help.", kNone},
      {"a dash above a telephone number", "Help.\n\n—\nthe porter\n+49 30 1234567\n", "Help.", kNone},
      {"a dash above words without full stops", "The lift is stuck.\n\n—\nThe gate does not open\nnor does the door\n",
       "The lift is stuck.\n\n—\nThe gate does not open\nnor does the door", kNone},
      {"a dash above few words", "The lift is stuck.\n\n—\nGate stuck too\n", "The lift is stuck.\n\n—\nGate stuck too",
       kNone},
      {"two dashes below an announcement", "Two problems:\n--\nFirst: phone 1 is dead\nSecond: phone 2, 0301234567\n",
       "Two problems:\n--\nFirst: phone 1 is dead\nSecond: phone 2, 0301234567", kNone},
      {"two dashes between lists", "1. red\n2. green\n--\n1. blue, 0301234567\n",
       "1. red\n2. green\n--\n1. blue, 0301234567", kNone},
      {"only a signature", "-- \nJo\n", "-- \nJo", kUnsure},
  })));
}

TEST_CASE("Forwarded mails are kept whole") {
  const std::string block = "From: Jo\nSent: Monday\nTo: D\nSubject: S\n\nIt is broken.";
  for (const char* mark : {"---------- Forwarded message ---------", "-------- Weitergeleitete Nachricht --------",
                           "Begin forwarded message:", "---------- Message transféré ---------"}) {
    INFO(mark);
    const std::string text = std::string("Please handle.\n\n") + mark + "\n" + block;
    CHECK(reply_text(text, "") == text);
    CHECK(split_reply(text, "").cut == QuoteCut::unsure);
  }
  const std::string outlook = "Please handle.\n\n" + block;
  for (const char* subject : {"FW: S", "Fwd: S", "WG: S", "TR : S", "转发：S"}) {
    INFO(subject);
    CHECK(reply_text(outlook, subject) == outlook);
  }
  CHECK(reply_text(outlook, "Re: Fwd: S") == "Please handle.");
}

TEST_CASE("HTML of the mail programs") {
  struct Mail {
    const char* name;
    std::string_view html;
  };
  const auto c = GENERATE(values<Mail>({
      {"Gmail",
       "<div dir=ltr>Yes.</div><br><div class=gmail_quote><div dir=ltr class=gmail_attr>On Mon, May 4, 2020 at 10:31 "
       "AM Jo "
       "&lt;<a href='mailto:jo@x.example'>jo@x.example</a>&gt; wrote:<br></div><blockquote class=gmail_quote "
       "style='margin:0'>Is it?</blockquote></div>"},
      {"Outlook",
       "<p class=MsoNormal>Yes.<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 "
       "1.0pt;padding:3.0pt 0cm "
       "0cm 0cm'><p class=MsoNormal><b>From:</b> Jo &lt;jo@x.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> D<br>"
       "<b>Subject:</b> S<o:p></o:p></p></div></div><p class=MsoNormal>Is it?</p>"},
      {"Outlook on the web",
       "<div>Yes.</div><div id=appendonsend></div><hr style='display:inline-block;width:98%' tabindex=-1><div "
       "id=divRplyFwdMsg dir=ltr><font><b>Von:</b> Jo &lt;jo@x.example&gt;<br><b>Gesendet:</b> Montag<br><b>An:</b> "
       "D<br><b>Betreff:</b> S</font><div>&nbsp;</div></div><div>Is it?</div>"},
      {"Outlook on the web, labels unknown here",
       "<div>Yes.</div><hr><div id=divRplyFwdMsg><b>Dari:</b> Jo &lt;jo@x.example&gt;<br><b>Dikirim:</b> 04.05.2020 "
       "10:31<br><b>Kepada:</b> D</div><div>Is it?</div>"},
      {"Apple Mail",
       "<div>Yes.<br><div><br><blockquote type=cite><div>On 4 May 2020, at 10:31, Jo &lt;jo@x.example&gt; "
       "wrote:</div><br>"
       "<div>Is it?</div></blockquote></div></div>"},
      {"iPhone",
       "<div dir=ltr>Yes.<br><br><div dir=ltr>Sent from my iPhone</div><div dir=ltr><br><blockquote type=cite>On 4 May "
       "2020, "
       "at 10:31, Jo &lt;jo@x.example&gt; wrote:<br><br></blockquote></div><blockquote type=cite><div>Is it?</div>"
       "</blockquote></div>"},
      {"Yahoo",
       "<div>Yes.</div><div id=ydp1 class=yahoo_quoted><div><div>On Monday, May 4, 2020, 10:31:00 AM GMT+2, Jo "
       "&lt;jo@x.example&gt; wrote: </div><div><br></div><div>Is it?</div></div></div>"},
      {"Proton",
       "<div>Yes.</div><div class=protonmail_signature_block>Sent with Proton Mail secure email.</div><div "
       "class=protonmail_quote>On Monday, May 4th, 2020 at 10:31, Jo &lt;jo@x.example&gt; wrote:<br><blockquote "
       "type=cite>Is it?</blockquote></div>"},
      {"Thunderbird",
       "<p>Yes.</p><div class=moz-cite-prefix>Am 04.05.20 um 10:31 schrieb Jo:<br></div><blockquote type=cite>Is "
       "it?</blockquote><pre class=moz-signature>-- \nJo</pre>"},
  }));
  INFO(c.name);
  const std::string text = html_to_text(c.html);
  INFO(text);
  CHECK(reply_text(text, "") == "Yes.");
}

TEST_CASE("Long texts of marks that lead nowhere come to an end") {
  constexpr int many = 50'000;
  for (const char* line : {">\n", "\n", "> a\nb\n", "--\n\n", "From: a\n", "On 1 Jan 2020 at 10:00, Bob\n",
                           "On 1 Jan 2020 at 10:00, Bob <b@x.example> wrote:\n", "____ a@b\n\n"}) {
    INFO(line);
    std::string text;
    for (int i = 0; i < many; ++i) text += line;
    const auto ranges = split_reply(text, "").ranges;
    REQUIRE(!ranges.empty());
    CHECK(ranges.back().end == text.size());
  }
  const std::string one(1'000'000, '>');
  CHECK(split_reply(one, "").written(one) == one);
}

TEST_CASE("In a text of many thousand lines marks are looked for near its ends") {
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "a line of a log\n";
    return text;
  };
  const std::string quote = "On 4 May 2020 at 10:31, Jo <jo@x.example> wrote:\n> Q\n";
  CHECK(split_reply(lines(4'000) + quote + lines(9'000), "").cut == QuoteCut::unsure);
  CHECK(split_reply(lines(7'000) + quote + lines(7'000), "").ranges.size() == 1);
  CHECK(reply_text(lines(7'000) + quote, "") + "\n" == lines(7'000));
}

TEST_CASE("The ranges cover the text") {
  const std::string text = "Yes.\n\nOn 4 May 2020 10:31, D <d@x.example> wrote:\n> q\n\n--\nJo";
  using enum TextRole;
  CHECK(
      split_reply(text, "").ranges ==
      std::vector<TextRange>{{written, 0, 6, 2}, {attribution, 6, 50, 1}, {quoted, 50, 55, 2}, {signature, 55, 60, 2}});
}

}  // namespace
}  // namespace ticketd
