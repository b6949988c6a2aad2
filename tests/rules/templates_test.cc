#include "rules/templates.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "rules/embedded_templates.h"

namespace ticketd {
namespace {

using Values = TemplateValues;

/// Every placeholder of reply.txt, empty but for `values`.
Values reply_values(const Values& values) {
  Values all;
  for (const auto* name : {"subject", "number", "tag", "category", "support_name", "support_address", "phone",
                           "portal_url", "time_zone", "contact", "promise", "text", "staff_name"})
    all[name];
  for (const auto& [name, value] : values) all[name] = value;
  return all;
}

std::string body_of(const std::string& body, const Values& values) {
  Templates templates;
  REQUIRE(templates.replace("reply.txt", "Subject: s\n\n" + body) == std::vector<std::string>{});
  return templates.render("reply.txt", reply_values(values)).body;
}

}  // namespace

TEST_CASE("Every text but those of closing and of a missed Normal target is built in, in German as well") {
  std::vector<std::string> files{"phrases.txt", "de/phrases.txt"};
  for (const auto& file : Templates::files()) {
    files.push_back(file);
    if (!file.starts_with("staff-") && !file.starts_with("alarm")) files.push_back("de/" + file);
  }
  for (const auto* file : {"closed.txt", "de/closed.txt", "breach-normal.txt", "de/breach-normal.txt"})
    std::erase(files, file);
  std::sort(files.begin(), files.end());
  std::vector<std::string> built_in;
  for (const auto& file : embedded_templates()) built_in.emplace_back(file.name);
  std::sort(built_in.begin(), built_in.end());
  CHECK(files == built_in);
  CHECK_NOTHROW(Templates());
  CHECK_FALSE(Templates().has("closed.txt"));
  CHECK_FALSE(Templates().has("closed.txt", {"de"}));
}

TEST_CASE("An empty text of an optional mail switches it off") {
  Templates templates;
  SECTION("in its language alone") {
    CHECK(templates.replace("de/breach.txt", " \n").empty());
    CHECK_FALSE(templates.has("breach.txt", {"de"}));
    CHECK_FALSE(templates.has("breach.txt", {"de-AT", "en"}));
    CHECK(templates.has("breach.txt", {"en"}));
    CHECK(templates.has("breach.txt"));
  }
  SECTION("in all of them, and one may come back") {
    CHECK(templates.replace("breach.txt", "").empty());
    CHECK_FALSE(templates.has("breach.txt"));
    CHECK_FALSE(templates.has("breach.txt", {"de"}));
    CHECK(templates.replace("de/breach.txt", "Subject: {subject}\n\nDas dauert.\n").empty());
    CHECK(templates.has("breach.txt", {"de"}));
    CHECK_FALSE(templates.has("breach.txt"));
  }
  SECTION("and no other mail") {
    CHECK_FALSE(templates.replace("acknowledgement.txt", "").empty());
    CHECK(templates.has("acknowledgement.txt"));
  }
}

TEST_CASE("Placeholders become their values") {
  const std::tuple<const char*, std::string, Values, std::string> cases[] = {
      {"a value", "Hello {staff_name}!\n", {{"staff_name", "Ann"}}, "Hello Ann!\n"},
      {"twice", "{tag} {tag}\n", {{"tag", "SUP-1"}}, "SUP-1 SUP-1\n"},
      {"literal braces", "{{tag}} }}{{\n", {{"tag", "x"}}, "{tag} }{\n"},
      {"braces around a value", "{{{tag}}}\n", {{"tag", "x"}}, "{x}\n"},
      {"a value with braces is not read again", "{text}\n", {{"text", "{tag} {{ }"}, {"tag", "x"}}, "{tag} {{ }\n"},
      {"several lines in a value", "{text}\n", {{"text", "a\n\n\n\nb"}}, "a\n\n\n\nb\n"},
      {"no line end", "{tag}", {{"tag", "x"}}, "x\n"},
      {"CRLF in the file", "a\r\n\r\n{tag}\r\n", {{"tag", "x"}}, "a\n\nx\n"},
      {"blank lines at the end", "a\n\n\n", {}, "a\n"},
  };
  for (const auto& [name, body, values, expected] : cases) {
    INFO(name);
    CHECK(body_of(body, values) == expected);
  }
}

TEST_CASE("A line of nothing but empty placeholders is dropped") {
  const std::tuple<const char*, std::string, Values, std::string> cases[] = {
      {"alone", "a\n{contact}\nb\n", {}, "a\nb\n"},
      {"with white space", "a\n  {contact} {phone}\t\nb\n", {}, "a\nb\n"},
      {"one of two has a value", "a\n{contact}{phone}\nb\n", {{"phone", "1"}}, "a\n1\nb\n"},
      {"with other text", "a\nTel. {phone}\nb\n", {}, "a\nTel. \nb\n"},
      {"a paragraph goes with its blank line", "a\n\n{contact}\n\nb\n", {}, "a\n\nb\n"},
      {"two paragraphs", "a\n\n{contact}\n\n{phone}\n\nb\n", {}, "a\n\nb\n"},
      {"the first paragraph", "{contact}\n\nb\n", {}, "b\n"},
      {"the last paragraph", "a\n\n{contact}\n", {}, "a\n"},
      {"wanted blank lines stay", "a\n\n\nb\n", {}, "a\n\n\nb\n"},
  };
  for (const auto& [name, body, values, expected] : cases) {
    INFO(name);
    CHECK(body_of(body, values) == expected);
  }
}

TEST_CASE("The subject is one line") {
  Templates templates;
  REQUIRE(templates.replace("reply.txt", "Subject:  Re: {subject} \n\na\n").empty());
  CHECK(templates.render("reply.txt", reply_values({{"subject", "a\r\nBcc: b\n c"}})).subject == "Re: a Bcc: b c");
}

TEST_CASE("A bad template is refused with the line and the reason, and the old one stays") {
  const std::string allowed =
      "allowed are {subject}, {number}, {tag}, {category}, {support_name}, {support_address}, {phone}, {portal_url}, "
      "{time_zone}, {contact}, {promise}, {text}, {staff_name}";
  const std::tuple<const char*, std::string, std::vector<std::string>> cases[] = {
      {"unknown placeholder", "Subject: s\n\na {foo}\n", {"line 3: unknown placeholder {foo}; " + allowed}},
      {"in the subject", "Subject: {due}\n\na\n", {"line 1: unknown placeholder {due}; " + allowed}},
      {"every error",
       "Subject: s\n\n{a}\n{text\n",
       {"line 3: unknown placeholder {a}; " + allowed,
        "line 4: '{' is not closed; a literal brace is written twice: {{"}},
      {"closing brace alone",
       "Subject: s\n\na } b\n",
       {"line 3: '}' without '{'; a literal brace is written twice: }}"}},
      {"empty name", "Subject: s\n\n{}\n", {"line 3: '{}' is no placeholder"}},
      {"no name", "Subject: s\n\n{0:>9}\n", {"line 3: '{0:>9}' is no placeholder"}},
      {"no subject", "Hello\n", {"line 1: a template starts with \"Subject: …\""}},
      {"nothing", "", {"line 1: a template starts with \"Subject: …\""}},
      {"no blank line", "Subject: s\nHello\n", {"line 2: a blank line must follow the subject"}},
      {"no text", "Subject: s\n\n \n", {"the template has no text"}},
      {"another charset", "Subject: s\n\nf\xFCr\n", {"line 3: this is not UTF-8"}},
  };
  Templates templates;
  const auto before = templates.render("reply.txt", reply_values({{"text", "t"}})).body;
  for (const auto& [name, text, errors] : cases) {
    INFO(name);
    CHECK(templates.replace("reply.txt", text) == errors);
    CHECK(templates.render("reply.txt", reply_values({{"text", "t"}})).body == before);
  }
  CHECK(
      templates.replace("replay.txt", "Subject: s\n\na\n") ==
      std::vector<std::string>{
          "no such template; there are acknowledgement.txt, acknowledgement-incident.txt, "
          "acknowledgement-unlabelled.txt, alarm.txt, alarm-over.txt, answer-category-changed.txt, "
          "answer-category-kept.txt, answer-mail-too-large.txt, breach.txt, breach-normal.txt, closed.txt, "
          "estimate.txt, incident-linked.txt, incident-resolved.txt, incident-unlinked.txt, reply.txt, resolution.txt, "
          "staff-digest.txt, staff-help.txt, staff-news.txt, staff-page.txt, staff-standing.txt, "
          "staff-which-ticket.txt, phrases.txt"});
}

TEST_CASE("What is no file of a language is refused") {
  const std::string there_are =
      "no such template in a language; there are acknowledgement.txt, acknowledgement-incident.txt, "
      "acknowledgement-unlabelled.txt, answer-category-changed.txt, answer-category-kept.txt, "
      "answer-mail-too-large.txt, breach.txt, breach-normal.txt, closed.txt, estimate.txt, incident-linked.txt, "
      "incident-resolved.txt, "
      "incident-unlinked.txt, reply.txt, resolution.txt, phrases.txt";
  const std::tuple<const char*, const char*> cases[] = {
      {"de/replay.txt", there_are.c_str()},
      {"de/staff-news.txt", there_are.c_str()},
      {"de/alarm.txt", there_are.c_str()},
      {"de/at/reply.txt", there_are.c_str()},
      {"German/reply.txt", "the folder \"German\" is named by no language, such as \"de\" or \"pt-BR\""},
      {"../reply.txt", "the folder \"..\" is named by no language, such as \"de\" or \"pt-BR\""},
      {"de-at/reply.txt", "the folder \"de-at\" has to be named \"de-AT\""},
  };
  Templates templates;
  for (const auto& [file, error] : cases) {
    INFO(file);
    CHECK(templates.replace(file, "Subject: s\n\na\n") == std::vector<std::string>{error});
  }
  CHECK(templates.replace("fr/reply.txt", "Subject: s\n\n{due}\n")[0].starts_with("line 3: unknown placeholder {due}"));
  CHECK_FALSE(templates.speaks("fr"));
}

TEST_CASE("Which text a mail has") {
  using Files = std::vector<std::string>;
  const std::tuple<const char*, Files, Files, std::string, std::string> cases[] = {
      {"no language: the built-in default", {}, {}, "built-in", "en"},
      {"the admin's default", {"reply.txt"}, {}, "reply.txt", "en"},
      {"the built-in text of a language", {}, {"de"}, "built-in", "de"},
      {"it goes before the admin's default", {"reply.txt"}, {"de"}, "built-in", "de"},
      {"the admin's text of a language", {"reply.txt", "de/reply.txt"}, {"de"}, "de/reply.txt", "de"},
      {"of a language that is not built in", {"reply.txt", "fr/reply.txt"}, {"fr"}, "fr/reply.txt", "fr"},
      {"no text in that language: the admin's default", {"reply.txt", "fr/breach.txt"}, {"fr"}, "reply.txt", "en"},
      {"no text in that language: the built-in default", {"fr/breach.txt"}, {"fr"}, "built-in", "en"},
      {"of a region", {"de-AT/reply.txt", "de/reply.txt"}, {"de-AT"}, "de-AT/reply.txt", "de-AT"},
      {"of a region, in any case", {"de-AT/reply.txt"}, {"DE-at"}, "de-AT/reply.txt", "de-AT"},
      {"of another region: the language", {"de-CH/reply.txt", "de/reply.txt"}, {"de-AT"}, "de/reply.txt", "de"},
      {"of a region: the built-in language", {"reply.txt"}, {"de-AT"}, "built-in", "de"},
      {"a language is no region", {"de-AT/reply.txt"}, {"de"}, "built-in", "de"},
      {"the organization's language, not the desk's", {"fr/reply.txt"}, {"fr", "de"}, "fr/reply.txt", "fr"},
      {"the desk's, where the organization's has no text", {"fr/breach.txt"}, {"fr", "de"}, "built-in", "de"},
      {"English is the default", {"reply.txt"}, {"en", "de"}, "reply.txt", "en"},
      {"so is English of a region", {"reply.txt"}, {"en-GB", "de"}, "reply.txt", "en"},
      {"English for whom it is asked", {"reply.txt", "en/reply.txt"}, {"en-GB"}, "en/reply.txt", "en"},
      {"not for others", {"reply.txt", "en/reply.txt"}, {}, "reply.txt", "en"},
  };
  for (const auto& [name, files, languages, expected, language] : cases) {
    INFO(name);
    Templates templates;
    for (const auto& file : files) {
      const auto text = file.ends_with("reply.txt") ? file : "other";
      REQUIRE(templates.replace(file, "Subject: s\n\n" + text + "\n").empty());
    }
    const auto rendered = templates.render("reply.txt", reply_values({{"text", "built-in"}}), languages);
    CHECK(rendered.body.substr(0, rendered.body.find('\n')) == expected);
    CHECK(rendered.language == language);
  }
}

TEST_CASE("Closing is told in the languages that have a text for it") {
  Templates templates;
  REQUIRE(templates.replace("de/closed.txt", "Subject: s\n\na\n").empty());
  CHECK(templates.has("closed.txt", {"de-AT"}));
  CHECK_FALSE(templates.has("closed.txt", {"fr"}));
  CHECK(templates.has("closed.txt", {"fr", "de"}));
  CHECK_FALSE(templates.has("closed.txt"));
}

TEST_CASE("A mail is put into words in the language of its text, phrase by phrase") {
  using Phrases = std::vector<std::pair<std::string, std::string>>;
  const std::tuple<const char*, Phrases, std::string, std::string> cases[] = {
      {"built in", {}, "de", "per SMS, telefonisch"},
      {"the admin's, and the built-in ones that they lack", {{"de", "A"}}, "de", "A, telefonisch"},
      {"of a region, then of its language", {{"de-AT", "A"}}, "de-AT", "A, telefonisch"},
      {"of a language, before the default", {{"", "A"}, {"fr", "B"}}, "fr", "B, by telephone"},
      {"the admin's default", {{"", "A"}}, "fr", "A, by telephone"},
      {"it changes no other language", {{"", "A"}}, "de", "per SMS, telefonisch"},
      {"English is the default", {{"", "A"}}, "en-GB", "A, by telephone"},
      {"English for whom it is asked", {{"", "A"}, {"en", "B"}}, "en-GB", "B, by telephone"},
  };
  for (const auto& [name, phrases, language, expected] : cases) {
    INFO(name);
    Templates templates;
    for (const auto& [folder, text] : phrases)
      REQUIRE(templates.replace(folder.empty() ? "phrases.txt" : folder + "/phrases.txt", "way_sms: " + text).empty());
    REQUIRE(templates.replace(language.substr(0, 2) + "/reply.txt", "Subject: s\n\n{text}, {staff_name}\n").empty());
    const auto values = reply_values({{"text", Words::phrase("way_sms")}, {"staff_name", Words::phrase("way_phone")}});
    CHECK(templates.render("reply.txt", values, {language}).body == expected + "\n");
  }
  Templates templates;
  REQUIRE(templates.replace("fr/phrases.txt", "way_sms: A").empty());
  REQUIRE(templates.replace("en/phrases.txt", "way_sms: B").empty());
  const auto values = reply_values({{"text", Words::phrase("way_sms")}});
  CHECK(templates.render("reply.txt", values, {"fr"}).body.starts_with("by text message\n"));  // an English text
  CHECK(templates.render("reply.txt", values).body.starts_with("by text message\n"));
  CHECK(templates.render("reply.txt", values, {"fr", "en"}).body.starts_with("B\n"));
}

TEST_CASE("Which languages are spoken") {
  Templates templates;
  REQUIRE(templates.replace("pt-BR/reply.txt", "Subject: s\n\na\n").empty());
  for (const auto* language : {"en", "en-GB", "de", "de-AT", "pt-BR", "pt-br"}) {
    INFO(language);
    CHECK(templates.speaks(language));
  }
  for (const auto* language : {"fr", "pt", "pt-PT", "d", "deu", ""}) {
    INFO(language);
    CHECK_FALSE(templates.speaks(language));
  }
}

TEST_CASE("Rendering with a value missing is a mistake of the program") {
  Templates templates;
  CHECK_THROWS_AS(templates.render("reply.txt", {{"text", "t"}}), std::logic_error);
  CHECK_THROWS_AS(templates.render("none.txt", {}), std::logic_error);
}

}  // namespace ticketd
