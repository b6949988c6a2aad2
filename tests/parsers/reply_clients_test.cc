#include <string>
#include <string_view>

#include "tests/parsers/reply_case.h"

namespace ticketd {
namespace {

using Case = ReplyCase;

/// How mail programs introduce what they quote: answered above, the quote marked or not.
constexpr Case kIntroduced[] = {
    {"GMX app", "Answer.\n\nAm 04.05.20, 10:31 schrieb Jo Doe <jo@x.example>:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, German, name first",
     "Answer.\n\nJo Doe <jo@x.example> schrieb am Mo., 4. Mai 2020 um 10:31 Uhr:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, German, wrapped",
     "Answer.\n\nJo Doe via Service Desk <\nsupport@x.example> schrieb am Mo., 4. Mai 2020 um\n10:31 Uhr:\n\n> "
     "Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, wrapped in the date",
     "Answer.\n\nOn Mon, May 4,\n2020 at 10:31 AM Jo Doe <jo@x.example>\nwrote:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Hebrew",
     "Answer.\n\n\u202Bבתאריך יום ב׳, 4 במאי 2020 ב-10:31 מאת \u202AJo Doe\u202C\u200F "
     "<\u202Ajo@x.example\u202C\u200F>:\u202C\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Hebrew",
     "Answer.\n\n\u202Bב-4 במאי 2020, בשעה 10:31, \u200FJo <jo@x.example> כתב/ה:\u202C\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Catalan",
     "Answer.\n\nMissatge de Jo Doe <jo@x.example> del dia dl., 4 de maig 2020 a les 10:31:\n\n> Question?\n> Yes?\n> "
     "No?\n",
     "Answer.", kSure},
    {"Gmail, Vietnamese",
     "Answer.\n\nVào Th 2, 4 thg 5, 2020 vào lúc 10:31 Jo Doe <jo@x.example> đã viết:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Finnish",
     "Answer.\n\nma 4. toukok. 2020 klo 10.31 Jo Doe (jo@x.example) kirjoitti:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Turkish",
     "Answer.\n\nJo Doe <jo@x.example>, 4 May 2020 Pzt, 10:31 tarihinde şunu yazdı:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Arabic",
     "Answer.\n\nفي الاثنين، ٤ مايو ٢٠٢٠ في ١٠:٣١ ص تمت كتابة ما يلي بواسطة Jo Doe <jo@x.example>:\n\n> Question?\n> "
     "Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Arabic with ASCII digits, nothing marked",
     "Answer.\n\nفي الاثنين، 4 مايو 2020 في 10:31 ص تمت كتابة ما يلي بواسطة Jo Doe "
     "<jo@x.example>:\n\nQuestion?\nYes?\n",
     "Answer.", kSure},
    {"Outlook, Turkish",
     "Answer.\n\nKimden: Jo Doe <jo@x.example>\nGönderildi: 4 Mayıs 2020 Pazartesi 10:31\nKime: Ann\nKonu: Help\n\n"
     "Question?\n",
     "Answer.", kSure},
    {"Outlook, Turkish, newer",
     "Answer.\n\nGönderen: Jo Doe <jo@x.example>\nTarih: 4 Mayıs 2020 Pazartesi 10:31\nKime: Ann\nKonu: Help\n\n"
     "Question?\n",
     "Answer.", kSure},
    {"Gmail, Hungarian",
     "Answer.\n\nJo Doe <jo@x.example> ezt írta (időpont: 2020. máj. 4., H, 10:31):\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Czech",
     "Answer.\n\npo 4. 5. 2020 v 10:31 odesílatel Jo Doe <jo@x.example> napsal:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Danish",
     "Answer.\n\nDen man. 4. maj 2020 kl. 10.31 skrev Jo Doe <jo@x.example>:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Ukrainian",
     "Answer.\n\nпн, 4 трав. 2020 р. о 10:31 Jo Doe <jo@x.example> пише:\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Gmail, Greek",
     "Answer.\n\nΣτις Δευ 4 Μαΐ 2020 στις 10:31 π.μ., ο/η Jo Doe <jo@x.example> έγραψε:\n\n> Question?\n> Yes?\n> "
     "No?\n",
     "Answer.", kSure},
    {"Gmail, Korean",
     "Answer.\n\n2020년 5월 4일 (월) 오전 10:31, Jo <jo@x.example>님이 작성:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Gmail, Romanian",
     "Answer.\n\nÎn lun., 4 mai 2020 la 10:31, Jo <jo@x.example> a scris:\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Apple Mail, Polish",
     "Answer.\n\nWiadomość napisana przez Jo Doe <jo@x.example> w dniu 4 maj 2020, o godz. 10:31:\n\n> Question?\n> "
     "Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Dutch",
     "Answer.\n\nOp 4 mei 2020, om 10:31 heeft Jo Doe <jo@x.example> het volgende geschreven:\n\n> Question?\n> "
     "Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Italian",
     "Answer.\n\nIl giorno 4 mag 2020, alle ore 10:31, Jo Doe <jo@x.example> ha scritto:\n\n> Question?\n> Yes?\n> "
     "No?\n",
     "Answer.", kSure},
    {"Apple Mail, Portuguese",
     "Answer.\n\nNo dia 4 de mai. de 2020, às 10:31, Jo Doe <jo@x.example> escreveu:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Brazil",
     "Answer.\n\nEm 4 de mai. de 2020, à(s) 10:31, Jo Doe <jo@x.example> escreveu:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Turkish",
     "Answer.\n\nJo Doe <jo@x.example> şunları yazdı (4 May 2020 10:31):\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Apple Mail, Czech", "Answer.\n\n4. 5. 2020 v 10:31, Jo Doe <jo@x.example>:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Czech", "Answer.\n\nDne 21. 12. 20 v 13:18 Jo Doe napsal(a):\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Polish", "Answer.\n\nW dniu 4.05.2020 o 10:31, Jo Doe pisze:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Dutch", "Answer.\n\nOp 04-05-20 om 10:31 schreef Jo Doe:\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Thunderbird, Swedish", "Answer.\n\nDen 2020-05-04 kl. 10:31, skrev Jo Doe:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Danish", "Answer.\n\nDen 04.05.2020 kl. 10.31 skrev Jo Doe:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Portuguese", "Answer.\n\nÀs 10:31 de 04/05/2020, Jo Doe escreveu:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Turkish", "Answer.\n\n4.05.2020 10:31 tarihinde Jo Doe yazdı:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Russian", "Answer.\n\n04.05.2020 10:31, Jo Doe пишет:\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Thunderbird, Hungarian", "Answer.\n\n2020. 05. 04. 10:31 keltezéssel, Jo Doe írta:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Thunderbird, Japanese", "Answer.\n\nOn 2020/05/04 10:31, Jo Doe wrote:\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Apple Mail, Japanese",
     "Answer.\n\n2020/05/04 10:31、Jo Doe <jo@x.example>のメール:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kSure},
    {"163.com", "Answer.\n\n在 2020-05-04 10:31:00，\"Jo Doe\" <jo@x.example> 写道：\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"Apple Mail, Chinese",
     "Answer.\n\n2020年5月4日 上午10:31，Jo Doe <jo@x.example> 写道：\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Apple Mail, Taiwan",
     "Answer.\n\nJo Doe <jo@x.example> 於 2020年5月4日 上午10:31 寫道：\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kSure},
    {"Mutt", "Answer.\n\nOn Mon, May 04, 2020 at 10:31:00AM +0200, Jo Doe wrote:\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"AOL",
     "Answer.\n\nIn a message dated 5/4/2020 10:31:00 AM Eastern Daylight Time, jo@x.example writes:\n\n> Question?\n> "
     "Yes?\n> No?\n",
     "Answer.", kSure},
    {"Yahoo, broken",
     "Answer.\n\nOn Monday,\nMay 4, 2020, 10:31:00 AM GMT+2,\nJo Doe <jo@x.example>\nwrote:\n\n> Question?\n> Yes?\n> "
     "No?\n",
     "Answer.", kSure},
    {"Thunderbird, Finnish", "Answer.\n\nJo Doe kirjoitti 4.5.2020 klo 10.31:\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kUnsure},
    {"Web.de app, without colon", "Answer.\n\nAm 04.05.20 um 10:31 schrieb Jo Doe\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kUnsure},
    {"Notes", "Answer.\n\nJo.Doe@x.example wrote on 05/04/2020 10:31:00 AM:\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kUnsure},
    {"Thunderbird, author only", "Answer.\n\nJo Doe napsal(a):\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Horde, German", "Answer.\n\nZitat von Jo Doe <jo@x.example>:\n\n> Question?\n> Yes?\n> No?\n", "Answer.",
     kUnsure},
    {"Horde", "Answer.\n\nQuoting Jo Doe <jo@x.example>:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Gnus", "Answer.\n\nJo Doe <jo@x.example> writes:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Gnus, starred", "Answer.\n\n* Jo Doe writes:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Mutt, starred", "Answer.\n\n* Jo Doe [2020-05-04 10:31]:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Emacs", "Answer.\n\nJo Doe (jo@x.example) wrote:\n\n> Question?\n> Yes?\n> No?\n", "Answer.", kUnsure},
    {"Zoho",
     "Answer.\n\n---- On Mon, 04 May 2020 10:31:00 +0200 Jo Doe <jo@x.example> wrote ----\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Zoho, German",
     "Answer.\n\n---- Am Mo., 04 Mai 2020 10:31:00 +0200 schrieb Jo Doe <jo@x.example> ----\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Proton",
     "Answer.\n\n------- Original Message -------\nOn Monday, May 4th, 2020 at 10:31, Jo Doe <jo@x.example> "
     "wrote:\n\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Proton, typographic",
     "Answer.\n\n\u2010\u2010\u2010\u2010\u2010\u2010\u2010 Original Message "
     "\u2010\u2010\u2010\u2010\u2010\u2010\u2010\nOn Monday, May 4, 2020 10:31 AM, Jo Doe <jo@x.example> "
     "wrote:\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Samsung",
     "Answer.\n\n-------- Original message --------\nFrom: Jo Doe <jo@x.example>\nDate: 04/05/2020 10:31 "
     "(GMT+01:00)\nTo: desk@x.example\nSubject: Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Samsung, Danish",
     "Answer.\n\n-------- Oprindelig besked --------\nFra: Jo Doe <jo@x.example>\nDato: 04.05.2020  10.31  "
     "(GMT+01:00)\nTil: desk@x.example\nEmne: Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Samsung, in one line",
     "Answer.\n\n-------- Original message --------From: Jo Doe <jo@x.example> Date: 04/05/2020  10:31  (GMT+01:00) "
     "To: desk@x.example Subject: Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"BlackBerry",
     "Answer.\n\nFrom: Jo Doe\nSent: Monday, May 4, 2020 10:31 AM\nTo: desk@x.example\nReply To: Jo Doe\nSubject: "
     "Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"BlackBerry, old",
     "Answer.\n\n------Original Message------\nFrom: Jo Doe\nTo: Desk\nSubject: Printer\nSent: May 4, 2020 "
     "10:31\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"GMX web",
     "Answer.\n\nGesendet: Montag, 4. Mai 2020 um 10:31 Uhr\nVon: \"Jo Doe\" <jo@x.example>\nAn: "
     "desk@x.example\nBetreff: Drucker\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Foxmail",
     "Answer.\n\n发件人： Jo\n发送时间： 2020-05-04 10:31\n收件人： desk\n主题： Re: 打印机\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"QQ",
     "Answer.\n\n------------------\u00A0原始邮件\u00A0------------------\n发件人: \"Jo\"<jo@x.example>;\n发送时间: "
     "2020年5月4日(星期一) 上午10:31\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"QQ, English",
     "Answer.\n\n------------------ Original ------------------\nFrom: \"Jo\"<jo@x.example>;\nDate: Mon, May 4, 2020 "
     "10:31 AM\nTo: \"desk\"<desk@x.example>;\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"163.com app",
     "Answer.\n\n---- Replied Message ----\n| From | Jo Doe<jo@x.example> |\n| Date | 05/04/2020 10:31 |\n| To | "
     "desk@x.example |\n| Subject | Re: Printer |\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"163.com app, Chinese",
     "Answer.\n\n---- 回复的原邮件 ----\n| 发件人 | Jo Doe<jo@x.example> |\n| 日期 | 2020年05月04日 10:31 "
     "|\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Seznam",
     "Answer.\n\n---------- Původní e-mail ----------\nOd: Jo Doe <jo@x.example>\nKomu: desk@x.example\nDatum: 4. 5. "
     "2020 10:31:00\nPředmět: Tiskárna\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"T-Online",
     "Answer.\n\n-----Original-Nachricht-----\nBetreff: Drucker\nDatum: 2020-05-04T10:31:00+0200\nVon: \"Jo Doe\" "
     "<jo@x.example>\nAn: desk@x.example\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Outlook, Hebrew",
     "Answer.\n\nמאת: Jo Doe <jo@x.example>\nנשלח: יום שני, 4 מאי 2020 10:31\nאל: desk@x.example\nנושא: "
     "Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Outlook, Vietnamese",
     "Answer.\n\nTừ: Jo Doe <jo@x.example>\nĐã gửi: Thứ Hai, 4 Tháng Năm 2020 10:31\nTới: desk@x.example\nChủ đề: "
     "Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Notes, German",
     "Answer.\n\nVon:\tJo Doe/ORG\nAn:\tDesk/ORG@ORG\nKopie:\t\nDatum:\t04.05.2020 "
     "10:31\nBetreff:\tDrucker\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Outlook, Greek",
     "Answer.\n\nΑπό: Jo Doe <jo@x.example>\nΣτάλθηκε: 4 Μαΐου 2020\nΠρος: desk@x.example\nΘέμα: "
     "Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"Apple Mail, Spanish labels",
     "Answer.\n\nDe: Jo Doe <jo@x.example>\nFecha: lunes, 4 de mayo de 2020, 10:31\nPara: desk@x.example\nAsunto: "
     "Impresora\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"bold, one paragraph a field",
     "Answer.\n\n*From:* Jo Doe <jo@x.example>\n\n*Sent:* Monday, May 4, 2020 10:31\n\n*To:* "
     "desk@x.example\n\n*Subject:* Printer\n\nQuestion?\n\nYes?\n",
     "Answer.", kSure},
    {"a ticket system", "Answer.\n\n##- Please type your reply above this line -##\n\nQuestion?\n\nYes?\n", "Answer.",
     kSure},
    {"a ticket system, with more words",
     "Answer.\n\n-- Reply above this line to add a comment --\n\nQuestion?\n\nYes?\n", "Answer.", kSure},
    {"right below the text",
     "Answer.\nDen 14 september, 2015 02:23:18, Valentino Rudy (valentino@x.example) skrev:\n\nQuestion?\n", "Answer.",
     kSure},
    {"quote above an answer", "> Am 4.5.2020 um 10:31 schrieb Jo <jo@x.example>:\n> Frage?\n\nAntwort.\n", "Antwort.",
     kUnsure},
    {"OX", "Answer.\n\nJo Doe <jo@x.example> hat am 04.05.2020 10:31 CEST geschrieben:\n\n> Question?\n> Yes?\n> No?\n",
     "Answer.", kSure},
    {"a name with an article",
     "Answer.\n\nOn Mon, May 4, 2020 at 10:31 AM The Print Shop <jo@x.example> wrote:\n\nQuestion?\n", "Answer.",
     kSure},
};

TEST_CASE("Quotes of the mail programs are cut") {
  for (const Case& c : kIntroduced) check(c);
}

/// What was written stands above, below and between quotes, with what it answers.
constexpr Case kMixed[] = {
    {"lowercase answers",
     "On 4 May 2020 10:31, Jo <j@x.example> wrote:\n> Could you please tell us which version of the software you are "
     "using?\nversion 3.2\n> and which operating system it runs on\nlinux\n",
     "> Could you please tell us which version of the software you are using?\nversion 3.2\n> and which operating "
     "system it runs on\nlinux",
     kUnsure},
    {"own words before an attribution",
     "reply On Wed, Apr 4, 2012 at 3:59 PM, bob@x.example wrote:\n> Hi\n> there\n> you\n",
     "reply On Wed, Apr 4, 2012 at 3:59 PM, bob@x.example wrote:", kUnsure},
    {"a sentence that starts as an attribution",
     "On the other hand it works\nOn Mon, 4 May 2020 at 10:31, Jo <jo@x.example> wrote:\n\nQ\n",
     "On the other hand it works", kSure},
    {"two signatures", "Help.\n\n-- \nJo Doe\n\n-- \nSent from my phone\n", "Help.", kNone},
    {"delimiter above, signature below", "Name\n--\nJo\n\n-- \nJo Doe\nx.example\n", "Name\n--\nJo", kNone},
    {"list footer",
     "Help.\n\n_______________________________________________\nusers mailing "
     "list\nusers@lists.x.example\nhttps://lists.x.example/users\n",
     "Help.", kNone},
    {"top and bottom", "Above.\n\nOn 4 May 2020 10:31, Jo <j@x.example> wrote:\n> q\n> r\n\nBelow.\n",
     "Above.\n\n> q\n> r\n\nBelow.", kUnsure},
    {"signature with phone", "Help.\n--\nJo Doe\nTel. +49 30 1234567\n", "Help.", kNone},
    {"signature, two bare", "Options:\n--\nA\n--\nB\n\n--\nJo Doe\nx.example\n", "Options:\n--\nA\n--\nB", kNone},
    {"answers with quotes kept",
     "On 4 May 2020 10:31, Jo <j@x.example> wrote:\n\n> Is it on?\n\nYes.\n\n> Is it red?\n\nNo.\n\n-- \nAnn\n",
     "> Is it on?\n\nYes.\n\n> Is it red?\n\nNo.", kUnsure},
    {"text above, answers between",
     "Hi Jo,\n\nOn 4 May 2020 10:31, Jo <j@x.example> wrote:\n\n> Is it on?\n\nYes.\n\n> Is it red?\n\nno idea\n\n> "
     "bye\n",
     "Hi Jo,\n\n> Is it on?\n\nYes.\n\n> Is it red?\n\nno idea", kUnsure},
    {"Outlook iOS above a block",
     "Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Jo "
     "<jo@x.example>\nSent: Thursday, September 26, 2019 11:35:12 AM\nTo: D <d@x.example>\nSubject: S\n\nQ\n",
     "Yes.", kSure},
    {"hotmail",
     "Yes.\n\n> Date: Mon, 4 May 2020 10:31:00 +0200\n> From: jo@x.example\n> To: d@x.example\n> Subject: S\n> \n> Q\n",
     "Yes.", kUnsure},
    {"hotmail, old",
     "Yes.\n\nDate: Mon, 4 May 2020 10:31:00 +0200\nFrom: jo@x.example\nTo: d@x.example\nSubject: S\n\nQ\n", "Yes.",
     kSure},
    {"sparrow", "Yes.\n\nOn Friday, May 4, 2020 at 10:31 AM, Jo Doe wrote:\n\n> \n> Q\n> \n> \n", "Yes.", kSure},
    {"comcast",
     "Yes.\n----- Original Message -----\nFrom: \"Jo\" <jo@x.example>\nTo: d@x.example\nSent: Monday, May 4, 2020 "
     "10:31:00 AM\nSubject: S\n\nQ\n",
     "Yes.", kSure},
    {"mail.ru", "Да.\n\n\nПонедельник, 4 мая 2020, 10:31 +03:00 от Jo Doe <jo@x.example>:\n>Q\n>R\n", "Да.", kSure},
    {"Yandex", "Да.\n\n04.05.2020, 10:31, \"Jo Doe\" <jo@x.example>:\n\n> Q\n", "Да.", kSure},
    {"Roundcube", "Yes.\n\nOn 2020-05-04 10:31, Jo Doe wrote:\n> Q\n> R\n", "Yes.", kSure},
    {"Roundcube, German", "Ja.\n\nAm 2020-05-04 10:31, schrieb Jo Doe:\n> Q\n", "Ja.", kSure},
    {"SOGo", "Ja.\n\nAm Montag, Mai 04, 2020 10:31 CEST, schrieb Jo Doe <jo@x.example>:\n Q\n", "Ja.", kSure},
    {"Evolution", "Yes.\n\nOn Mon, 2020-05-04 at 10:31 +0200, Jo Doe wrote:\n> Q\n", "Yes.", kSure},
    {"KMail", "Ja.\n\nAm Montag, 4. Mai 2020, 10:31:00 CEST schrieb Jo Doe:\n> Q\n", "Ja.", kSure},
    {"Claws", "Yes.\n\nOn Mon, 4 May 2020 10:31:00 +0200\nJo Doe <jo@x.example> wrote:\n\n> Q\n", "Yes.", kSure},
    {"IONOS", "Ja.\n\n> Jo Doe <jo@x.example> hat am 04.05.2020 10:31 CEST geschrieben:\n> \n>  \n> Q\n", "Ja.",
     kUnsure},
    {"Outlook for Mac",
     "Yes.\n\nFrom: Jo Doe <jo@x.example>\nDate: Monday, 4 May 2020 at 10:31\nTo: D <d@x.example>\nSubject: S\nQ\n",
     "Yes.", kSure},
    {"posted by",
     "Yes.\n\nFrom: Jo Doe <jo@x.example<mailto:jo@x.example>>\nReply-To: D\nDate: Monday, February 8, 2016 11:44 "
     "AM\nTo: d@x.example\n\nQ\n",
     "Yes.", kSure},
    {"iPhone quote in Spanish",
     "Sí.\n\nEnviado desde mi iPhone\n\n> El 4 may 2020, a las 10:31, Jo <jo@x.example> escribió:\n> \n> Q\n", "Sí.",
     kUnsure},
    {"Zimbra", "Yes.\n\n----- Original Message -----\n\n> From: \"Jo\" <jo@x.example>\n> To: d@x.example\n> Q\n",
     "Yes.", kSure},
    {"web form answer below", "> Question one\n> goes on\n> and on\n\nanswer one\n",
     "> Question one\n> goes on\n> and on\n\nanswer one", kUnsure},
    {"outlook reply inline markers",
     "See my answers below in red.\n\nFrom: Jo <jo@x.example>\nSent: Monday, 4 May 2020 10:31\nTo: D\nSubject: S\n\nIs "
     "it on?\n",
     "See my answers below in red.", kSure},
    {"Proton, with a link", "Yes.\n\nSent with [Proton Mail](https://proton.me/mail/home) secure email.\n", "Yes.",
     kNone},
};

TEST_CASE("Replies of the mail programs keep all that was written") {
  for (const Case& c : kMixed) check(c);
}

}  // namespace
}  // namespace ticketd
