#include "rules/subject_label.h"

#include "tests/rules/subject_label_desk.h"

namespace ticketd {
namespace {

TEST_CASE("high in capitals") {
  check_labels({
      {"the rest is small", "HIGH call volume on queue 3", kHigh},
      {"the rest is small, in the middle", "Queue 3 HIGH no agents", kHigh},
      {"the rest is small, at the end", "Fax broken HIGH", kHigh},
      {"NORMAL likewise", "Handset order NORMAL thanks", kNormal},
      {"beside one abbreviation", "SIP trunk HIGH and calls failing", kHigh},
      {"the rest has no case", "電話 HIGH 不通", kHigh},
      {"the whole subject is in capitals", "LINE NOISE TOO HIGH", kNone},
      {"the whole subject is in capitals, high first", "HIGH CALL VOLUME", kNone},
      {"capitals all around, small words after", "LINE NOISE TOO HIGH at Acme", kNone},
      {"capitals, but set off", "HIGH: LINE NOISE", kHigh},
      {"capitals, but set off at the end", "LINE NOISE - HIGH", kHigh},
      {"capitals with numbers", "EXT 4711 NOISE HIGH 50HZ", kNone},
      {"single letters are no capitals", "I have A HIGH tone", kHigh},
      {"a capital letter alone is not capitals", "Call volume is High today", kNone},
  });
}

TEST_CASE("labels next to priority, severity, importance") {
  check_labels({
      {"high priority", "high priority for our fax", kHigh},
      {"high priority in the middle", "This is a high priority for us", kHigh},
      {"high-priority", "A high-priority ticket", kHigh},
      {"HIGH PRIORITY all in capitals", "HIGH PRIORITY PHONES DOWN", kHigh},
      {"priority: high", "priority: high", kHigh},
      {"priority: high with more", "Fax, priority: high, floor 2", kHigh},
      {"Priority High -", "Priority High - no faxes", kHigh},
      {"priority is high", "Fax broken, priority is high today", kHigh},
      {"priority level: high", "Priority level: high; fax", kHigh},
      {"Issue priority - HIGH", "Issue priority - HIGH", kHigh},
      {"[Priority: High]", "No faxes [Priority: High] floor 2", kHigh},
      {"Priority=High", "Priority=High no faxes", kHigh},
      {"severity=high", "severity=high fax server", kHigh},
      {"high severity", "A high severity fault at Acme", kHigh},
      {"high importance", "of high importance to us", kHigh},
      {"category: high", "Category: High no faxes", kHigh},
      {"normal priority", "A normal priority request", kNormal},
      {"priority: normal", "Request, priority: normal, thanks", kNormal},
      {"priority urgent", "Priority: Urgent fax", kUrgent},
      {"priority of another sentence", "Top priority! high noise on line", kNone},
      {"priority after a comma", "What is your priority, high volume or cost", kNone},
      {"priority far away", "Priority support for high volumes", kNone},
      {"a compound after priority", "Priority high-speed line down", kNone},
      {"low priority", "low priority question", kNone},
      {"priority alone", "Priority", kNone},
      {"priority routing", "How do I set priority routing", kNone},
      {"priority not high", "priority not high for us", kNone},
  });
}

TEST_CASE("categories by number") {
  check_labels({
      {"Category 10", "Category 10", kUrgent},
      {"in a sentence", "this is a category 10 problem", kUrgent},
      {"Category 7", "Category 7: no faxes", kHigh},
      {"Category 5", "Category 5: new phone", kNormal},
      {"with a colon", "Category: 10 - no calls", kUrgent},
      {"with a hash", "Category #7 no faxes", kHigh},
      {"full-width digits", "Category １０", kUrgent},
      {"a cable", "Cat 7 cabling", kNone},
      {"a cable, spelled out", "Category 7 cabling for floor 2", kNone},
      {"a cable, at the end", "quote for category 5 cable", kNone},
      {"another cable", "Category 5e cable", kNone},
      {"a number that is none", "Category 6", kNone},
      {"a longer number", "Category 100", kNone},
      {"a version", "Category 10.1 of the manual", kNone},
      {"a fraction", "Category 5/6 sockets", kNone},
      {"a telephone", "Poly P10 broken", kNone},
      {"a number alone", "10", kNone},
      {"priority with a number", "priority 10", kNone},
      {"the number first", "10 category headings", kNone},
      {"run together", "Category10", kNone},
  });
}

TEST_CASE("several labels: the highest") {
  check_labels({
      {"urgent and high", "Urgent / High", kUrgent},
      {"high and urgent", "High/Urgent: phones", kUrgent},
      {"high and normal", "high,normal", kHigh},
      {"normal and high", "Normal/High", kHigh},
      {"normal and high at the end", "no faxes - normal/high", kHigh},
      {"with a blank", "high normal", kHigh},
      {"at both ends", "Normal: no faxes - High", kHigh},
      {"number and word", "Normal: Category 7", kHigh},
      {"one of them only an adjective", "Normal: high call volume", kNormal},
  });
}

TEST_CASE("reply marks and the tag do not count") {
  check_labels({
      {"Re:", "Re: Urgent: phones down", kUrgent},
      {"many of them", "Re: Re: AW: High", kHigh},
      {"Fwd:", "Fwd: High - no faxes", kHigh},
      {"the tag", "[SUP-12] High", kHigh},
      {"the tag and Re:", "Re: [SUP-12] High: no faxes", kHigh},
      {"the tag in the middle", "High: [SUP-12] no faxes", kHigh},
      {"label before the tag", "High [SUP-12] no faxes", kHigh},
      {"label before the tag and Re:", "Re: High [SUP-12] no faxes", kHigh},
      {"label before Re:", "High Re: no faxes", kHigh},
      {"label before Re: and the tag", "High Re: [SUP-12] no faxes", kHigh},
      {"adjective before the tag", "Line noise high [SUP-12] again", kNone},
      {"the tag's number is no category", "[SUP-10] question", kNone},
      {"nothing but marks", "Re: Re: [SUP-12]", kNone},
  });
}

TEST_CASE("scripts, signs and languages") {
  check_labels({
      {"full width", "ＵＲＧＥＮＴ phones down", kUrgent},
      {"full width, small", "Ｕｒｇｅｎｔ", kUrgent},
      {"full-width punctuation", "High：no faxes", kHigh},
      {"full-width brackets", "［ＨＩＧＨ］ no faxes", kHigh},
      {"lenticular brackets", "【High】no faxes", kHigh},
      {"mathematical letters", "𝐔𝐑𝐆𝐄𝐍𝐓 phones", kUrgent},
      {"an invisible blank within", "ur\u200Bgent phones", kUrgent},
      {"a soft hyphen within", "ur\u00ADgent phones", kUrgent},
      {"a no-break blank", "no\u00A0longer\u00A0urgent", kNone},
      {"emoji before", "🔥High: no faxes", kHigh},
      {"emoji behind", "no faxes - High 🔥", kHigh},
      {"emoji between", "High 🔴 no faxes", kHigh},
      {"in a right-to-left sentence", "\u202Bמערכת urgent לא עובדת\u202C", kUrgent},
      {"right-to-left override", "\u202Eurgent", kUrgent},
      {"a Cyrillic look-alike is another word", "URGENТ", kNone},
      {"accented is another word", "urgént", kNone},
      {"configured German word", "Telefon tot, dringend!", kUrgent},
      {"configured German word for high", "Hoch: kein Fax", kHigh},
      {"configured word for high is a label only", "Die Auslastung ist hoch heute", kNone},
      {"configured word for high, capitals", "Fax kaputt HOCH bitte", kHigh},
      {"configured with the marker", "Priorität: hoch", kHigh},
      {"configured in other case", "URGENTE: teléfonos", kUrgent},
      {"configured word for normal", "Normale - question", kNormal},
      {"configured in a script without blanks", "電話不通緊急対応", kUrgent},
      {"configured phrase", "Our system down since noon", kUrgent},
      {"half a configured phrase", "The system is slow", kNone},
      {"broken UTF-8", "\xFF\xFEurgent\xC3", kUrgent},
      {"not configured", "ahora mismo", kNone},
  });
}

TEST_CASE("the evidence is the label as written") {
  const auto rules = labelling_desk();
  const auto evidence = [&](std::string_view subject) { return find_subject_label(subject, rules)->evidence; };
  CHECK(evidence("URGENT!!! phones down") == "URGENT");
  CHECK(evidence("Fax - high") == "high");
  CHECK(evidence("a category: 10 thing") == "category 10");
  CHECK(evidence("our System  Down again") == "System Down");
  CHECK(evidence("ur\u202Egent") == "urgent");
  CHECK(evidence("high, urgent") == "urgent");
}

TEST_CASE("hostile subjects end soon") {
  const auto rules = labelling_desk();
  const auto repeated = [](std::string_view piece, std::size_t octets) {
    std::string text;
    while (text.size() < octets) text += piece;
    return text;
  };
  CHECK(find_subject_label(repeated("not a ", 1 << 20) + "urgent", rules).has_value() == false);
  CHECK(find_subject_label(repeated("very ", 1 << 20) + "urgent", rules)->priority == kUrgent);
  CHECK(find_subject_label(repeated("[", 1 << 20) + "high", rules)->priority == kHigh);
  CHECK(find_subject_label(repeated("\u0301", 1 << 20), rules).has_value() == false);
  CHECK(find_subject_label(repeated("high ", 1 << 20), rules)->priority == kHigh);
  CHECK(find_subject_label(repeated("system ", 1 << 20), rules).has_value() == false);
  CHECK(find_subject_label(repeated("Re: ", 1 << 20) + "high", rules)->priority == kHigh);
}

}  // namespace
}  // namespace ticketd
