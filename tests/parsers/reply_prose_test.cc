#include <string>
#include <string_view>

#include "parsers/reply_words.h"
#include "parsers/subject.h"
#include "tests/parsers/reply_case.h"

namespace ticketd {
namespace {

using Case = ReplyCase;

/// Looks like a mark of a quote or a signature, and is the writer's own.
constexpr Case kOwn[] = {
    {"Outlook for Windows in a sentence", "Outlook für Windows startet nicht\n", "Outlook für Windows startet nicht",
     kNone},
    {"Outlook at the end", "Hallo,\n\nOutlook für iOS stürzt ab\n", "Hallo,\n\nOutlook für iOS stürzt ab", kNone},
    {"sent from an account", "I tried it twice.\nSent from my account to yours and it bounced\n",
     "I tried it twice.\nSent from my account to yours and it bounced", kNone},
    {"sent from a phone that fails", "Sent from my phone does not work\n\nWhat now?\n",
     "Sent from my phone does not work\n\nWhat now?", kNone},
    {"from our phone nothing is sent", "Hallo,\n\nVon unserem Handy wird nichts gesendet\n",
     "Hallo,\n\nVon unserem Handy wird nichts gesendet", kNone},
    {"sent from an address", "The mail:\n\nSent from Berlin office yesterday\n",
     "The mail:\n\nSent from Berlin office yesterday", kNone},
    {"sent from iPhone, with news", "Sent from my iPhone, so the log follows tomorrow\n",
     "Sent from my iPhone, so the log follows tomorrow", kNone},
    {"rules between parts", "Host A\n--\ndown\nHost B\n--\nup\n", "Host A\n--\ndown\nHost B\n--\nup", kNone},
    {"spaced rules between parts", "Part one\n\n--\n\nPart two\n\n--\n\nPart three\n",
     "Part one\n\n--\n\nPart two\n\n--\n\nPart three", kNone},
    {"a table", "Name | Qty\n-- | --\nToner | 2\n--\nPaper | 5\n--\nSum | 7\n",
     "Name | Qty\n-- | --\nToner | 2\n--\nPaper | 5\n--\nSum | 7", kNone},
    {"a table with bars", "Order:\n\n| Name | Qty |\n|---|---|\n| Toner | 2 |\n",
     "Order:\n\n| Name | Qty |\n|---|---|\n| Toner | 2 |", kNone},
    {"a form with rules", "Please order:\n_______________\nName: Jo Doe\nMail: jo@x.example\nWhat: toner\n",
     "Please order:\n_______________\nName: Jo Doe\nMail: jo@x.example\nWhat: toner", kNone},
    {"a long rule above a form",
     "Order\n________________________________________\nName: Jo <jo@x.example>\nItem: toner\nDue: 03.05.2024 10:30\n",
     "Order\n________________________________________\nName: Jo <jo@x.example>\nItem: toner\nDue: 03.05.2024 10:30",
     kNone},
    {"blanks to fill in", "Serial number: ________\n________\nPlease tell me where it is.\n",
     "Serial number: ________\n________\nPlease tell me where it is.", kNone},
    {"a rule above words", "Part one\n________________________________\nOn the other hand it prints.\n",
     "Part one\n________________________________\nOn the other hand it prints.", kNone},
    {"a journey", "We travel:\n\nFrom: Berlin\nTo: Munich\nDate: 3 May 2024\nTravellers: 2\n",
     "We travel:\n\nFrom: Berlin\nTo: Munich\nDate: 3 May 2024\nTravellers: 2", kNone},
    {"labels in prose", "From: the office I can't print.\nTo: be honest, nobody can.\nDate: unknown\n",
     "From: the office I can't print.\nTo: be honest, nobody can.\nDate: unknown", kNone},
    {"a log with labels", "Log:\n\nFrom: a@x.example\nTo: b@x.example\nstatus: deferred\n\nPlease look.\n",
     "Log:\n\nFrom: a@x.example\nTo: b@x.example\nstatus: deferred\n\nPlease look.", kNone},
    {"a copied header",
     "It bounced:\n\nReceived: from a by b\nFrom: Jo <jo@x.example>\nDate: Mon, 4 May 2020 10:31:00 +0200\nSubject: "
     "x\nTo: b@x.example\nMessage-ID: <1@x.example>\n\nWhy?\n",
     "It bounced:\n\nReceived: from a by b\nFrom: Jo <jo@x.example>\nDate: Mon, 4 May 2020 10:31:00 +0200\nSubject: "
     "x\nTo: b@x.example\nMessage-ID: <1@x.example>\n\nWhy?",
     kNone},
    {"log lines with addresses",
     "The log:\n2024-05-03 10:30:00 smtp <a@b.example>:\n550 no such user\n2024-05-03 10:31:00 smtp "
     "<c@b.example>:\n550 no such user\n\nWhy?\n",
     "The log:\n2024-05-03 10:30:00 smtp <a@b.example>:\n550 no such user\n2024-05-03 10:31:00 smtp "
     "<c@b.example>:\n550 no such user\n\nWhy?",
     kUnsure},
    {"a log line with an address", "The log:\n\n2024-05-03 10:30:00 mail postfix/smtp[12]: to=<a@b.example>:\n\nWhy?\n",
     "The log:\n\n2024-05-03 10:30:00 mail postfix/smtp[12]: to=<a@b.example>:\n\nWhy?", kNone},
    {"a log line that ends with a name", "2016-03-03 17:21 GMT+01:00 Backup failed\n\nPlease look.\n",
     "2016-03-03 17:21 GMT+01:00 Backup failed\n\nPlease look.", kNone},
    {"a cut line in a sentence", "Your mail said 'Please reply above this line' and I did.\n",
     "Your mail said 'Please reply above this line' and I did.", kNone},
    {"a cut line as a sentence", "Please reply above this line of thought, thanks.\n",
     "Please reply above this line of thought, thanks.", kNone},
    {"original message in a sentence", "The mail said 'Original Message' -- and no more.\n\nHelp\n",
     "The mail said 'Original Message' -- and no more.\n\nHelp", kNone},
    {"original message was lost", "Hello\n\n--- original message was lost ---\n\nCan you resend it?\n",
     "Hello\n\n--- original message was lost ---\n\nCan you resend it?", kNone},
    {"forwarded message in a sentence", "I see -- in the forwarded message -- no error.\n\n-- \nJo\n",
     "I see -- in the forwarded message -- no error.", kNone},
    {"a diff", "It differs:\n\n--- original\n+++ new\n@@ -1 +1 @@\n-a\n+b\n",
     "It differs:\n\n--- original\n+++ new\n@@ -1 +1 @@\n-a\n+b", kNone},
    {"a list item", "We need:\n\n-toner\n", "We need:\n\n-toner", kNone},
    {"a list item, with capital", "Bitte bestellen Sie\n\n-Toner\n", "Bitte bestellen Sie\n\n-Toner", kNone},
    {"list items", "Bitte bestellen.\n\n-Papier\n\n-Toner\n", "Bitte bestellen.\n\n-Papier\n\n-Toner", kNone},
    {"an announced quote", "This is what I get:\n\n> make all\n> error 1\n> error 2\n> error 3\n",
     "This is what I get:\n\n> make all\n> error 1\n> error 2\n> error 3", kUnsure},
    {"a diff at the end", "The files differ\n5,6c5\n< old\n---\n> new\n> newer\n> newest\n",
     "The files differ\n5,6c5\n< old\n---\n> new\n> newer\n> newest", kUnsure},
    {"a Python prompt", "I typed this\n\n>>> import os\n>>> os.getcwd()\n>>> exit()\n",
     "I typed this\n\n>>> import os\n>>> os.getcwd()\n>>> exit()", kUnsure},
    {"one line nobody wrote", "What is this?\n\n> E1234 paper jam\n", "What is this?\n\n> E1234 paper jam", kUnsure},
    {"stuffed lines", "I see these\n\n > one\n > two\n > three\n", "I see these\n\n > one\n > two\n > three", kUnsure},
    {"what someone wrote",
     "Hallo,\n\nHerr Meier hat am 3.5.2024 um 10:30 geschrieben:\nDer Drucker ist kaputt.\n\nWas nun?\n",
     "Hallo,\n\nHerr Meier hat am 3.5.2024 um 10:30 geschrieben:\nDer Drucker ist kaputt.\n\nWas nun?", kNone},
    {"what someone wrote, alone",
     "Hallo,\n\nAm 3.5.2024 um 10:30 schrieb mir Herr Meier:\n\nDer Drucker ist kaputt.\n\nWas nun?\n",
     "Hallo,\n\nAm 3.5.2024 um 10:30 schrieb mir Herr Meier:\n\nDer Drucker ist kaputt.\n\nWas nun?", kNone},
    {"what a boss wrote", "Hi,\n\nOn 3 May 2024 at 10:30 my boss wrote:\n\nfix it\n\nPlease do.\n",
     "Hi,\n\nOn 3 May 2024 at 10:30 my boss wrote:\n\nfix it\n\nPlease do.", kNone},
    {"dates in front", "Formats:\n\n2024-01-15 14:30:25\n15.01.2024 14:30\nJan 15, 2024 at 14:30\n\nThat is all.\n",
     "Formats:\n\n2024-01-15 14:30:25\n15.01.2024 14:30\nJan 15, 2024 at 14:30\n\nThat is all.", kNone},
    {"subject words", "Subject: none\nFrom: me\n\nHello\n", "Subject: none\nFrom: me\n\nHello", kNone},
    {"colon greeting, own quote at the end", "Estimados:\n\n> a\n> b\n> c\n", "Estimados:\n\n> a\n> b\n> c", kUnsure},
    {"times in prose", "On Monday at 10:30 I wrote: nothing happened.\n\nThanks\n",
     "On Monday at 10:30 I wrote: nothing happened.\n\nThanks", kNone},
    {"sent on", "The mail I sent on 4 May 2020 at 10:31 to <desk@x.example>:\n\nPrinter broken\n",
     "The mail I sent on 4 May 2020 at 10:31 to <desk@x.example>:\n\nPrinter broken", kNone},
    {"prose with date and address", "Since 4 May 2020 our colleague <jo@x.example> wrote twice:\n\nno answer\n",
     "Since 4 May 2020 our colleague <jo@x.example> wrote twice:\n\nno answer", kNone},
    {"quoted phrase between dashes", "-- see original message --\n\nHello\n", "-- see original message --\n\nHello",
     kNone},
    {"steps", "Steps:\n--\n1. Sent from my PC\n2. Received\n--\nExpected: ok\n",
     "Steps:\n--\n1. Sent from my PC\n2. Received\n--\nExpected: ok", kNone},
    {"mail addresses list", "Please add:\n\nJo Doe <jo@x.example>\nAnn Lee <ann@x.example>\n",
     "Please add:\n\nJo Doe <jo@x.example>\nAnn Lee <ann@x.example>", kNone},
    {"dates with people", "Termine:\n\n04.05.2020 Jo Doe <jo@x.example>\n05.05.2020 Ann Lee <ann@x.example>\n",
     "Termine:\n\n04.05.2020 Jo Doe <jo@x.example>\n05.05.2020 Ann Lee <ann@x.example>", kUnsure},
    {"an appointment", "04.05.2020 10:31 Jo Doe <jo@x.example>\nbrachte den Drucker\n",
     "04.05.2020 10:31 Jo Doe <jo@x.example>\nbrachte den Drucker", kUnsure},
    {"signature that is a question", "Is Outlook für Android herunterladen the right way?\n",
     "Is Outlook für Android herunterladen the right way?", kNone},
    {"get outlook in a sentence", "How do I get Outlook for iOS to print?\n", "How do I get Outlook for iOS to print?",
     kNone},
    {"get outlook last", "Could not get Outlook for iOS\n", "Could not get Outlook for iOS", kNone},
    {"a line of dashes with text", "-----\nError 5\n-----\nWhat is this?\n", "-----\nError 5\n-----\nWhat is this?",
     kNone},
    {"the trace of a call",
     "It fails:\n\nFrom: <sip:100@x.example>\nTo: <sip:200@x.example>\nDate: Mon, 5 Jan 2026 10:00:00 GMT\n"
     "Subject: call\n\nEach time.\n",
     "It fails:\n\nFrom: <sip:100@x.example>\nTo: <sip:200@x.example>\nDate: Mon, 5 Jan 2026 10:00:00 GMT\n"
     "Subject: call\n\nEach time.",
     kNone},
    {"the trace of a call with a name",
     "From: \"Jo\" <SIPS:100@x.example>;tag=1\nSent: 5 Jan 2026\nTo: tel:+4930123\nSubject: call\n\nEach time.\n",
     "From: \"Jo\" <SIPS:100@x.example>;tag=1\nSent: 5 Jan 2026\nTo: tel:+4930123\nSubject: call\n\nEach time.", kNone},
    {"a stack trace", "java.lang.Error: x\n  at a.b(C.java:1)\nCaused by: y\n",
     "java.lang.Error: x\n  at a.b(C.java:1)\nCaused by: y", kNone},
    {"yaml", "---\nfrom: a\nto: b\ndate: 2020-05-04\n---\nWhy?\n", "---\nfrom: a\nto: b\ndate: 2020-05-04\n---\nWhy?",
     kNone},
    {"xml", ">>> <a>\n<b>\n\nfails\n", ">>> <a>\n<b>\n\nfails", kUnsure},
    {"time table", "10:31 Jo wrote:\nhello\n10:32 Ann wrote:\nbye\n", "10:31 Jo wrote:\nhello\n10:32 Ann wrote:\nbye",
     kNone},
    {"chat log", "[04.05.20, 10:31] Jo Doe: hello\n[04.05.20, 10:32] Ann Lee: it said:\nbye\n",
     "[04.05.20, 10:31] Jo Doe: hello\n[04.05.20, 10:32] Ann Lee: it said:\nbye", kNone},
    {"form from web", "Name: Jo Doe\nFrom: Berlin\nSubject: printer\nDate: 4.5.2020\nText: broken\n",
     "Name: Jo Doe\nFrom: Berlin\nSubject: printer\nDate: 4.5.2020\nText: broken", kNone},
    {"what Peter wrote",
     "Hallo,\n\nPeter hat am 3.5.2024 um 10:30 geschrieben:\n\nDer Drucker ist kaputt.\n\nWas nun?\n",
     "Hallo,\n\nPeter hat am 3.5.2024 um 10:30 geschrieben:\n\nDer Drucker ist kaputt.\n\nWas nun?", kNone},
    {"one rule between parts", "Part one is done.\n\n--\n\nWhat shall we do with part two?\nIt waits.\n",
     "Part one is done.\n\n--\n\nWhat shall we do with part two?\nIt waits.", kNone},
    {"grep output",
     "In the log:\n2026-03-02 mx: to=<bob@x.example>:\n550 no such user\n--\n2026-03-02 mx: to=<eve@x.example>:\n550 "
     "no such user\n\nPlease look at both.\n",
     "In the log:\n2026-03-02 mx: to=<bob@x.example>:\n550 no such user\n--\n2026-03-02 mx: to=<eve@x.example>:\n550 "
     "no such user\n\nPlease look at both.",
     kNone},
};

TEST_CASE("What a person wrote is not taken for a mark") {
  for (const Case& c : kOwn) check(c);
}

TEST_CASE("The words that replies are searched for are folded") {
  const auto folded = [](std::string_view word) { CHECK(fold_for_comparison(word) == word); };
  for (const auto words : {wrote_words(), opening_words(), prose_words(), original_words(), forward_words(),
                           forwarded_by_words(), forward_announcements(), reply_above_words(), forward_prefixes()})
    for (const std::string_view word : words) folded(word);
  for (const HeaderLabel& label : header_labels()) folded(label.word);
}

}  // namespace
}  // namespace ticketd
